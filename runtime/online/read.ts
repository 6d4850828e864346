/** From a stored row to what a getter returns: ttl against the read's instant, then defaults. */
import { Buffer } from 'node:buffer'
import type { FeatureManifest, ViewManifest, WireType } from '../contract.ts'
import { toDate } from '../instant.ts'
import { type RowCodec, readHeader, type StoredValue } from './row.ts'
import { fromWire } from './wire-literal.ts'

export type Status = 'present' | 'null' | 'missing' | 'expired'

/** A feature's value and why it is what it is. */
export interface Detail {
  readonly value: unknown
  /** What was found, before a default took its place. */
  readonly status: Status
  /** The tick the value was stored at; null where it was computed now, or there is no row. */
  readonly tick: Date | null
  /** When the row behind a `last`, `first` or query column happened; null for all others. */
  readonly eventTimestamp: Date | null
}

interface FeatureReader {
  readonly name: string
  /** Its place among the layout's fields. */
  readonly field: number
  /** The field that holds the event timestamp, or -1. */
  readonly event: number
  readonly absent: StoredValue
  readonly default: StoredValue
  readonly convert: ((value: StoredValue) => unknown) | null
}

/** Reads the rows of one view. Made once, since each get goes through it. */
export class RowReader {
  readonly #features: readonly FeatureReader[]
  readonly #ttl: bigint | null
  readonly #codec: RowCodec

  constructor(view: ViewManifest, codec: RowCodec) {
    const places = new Map(view.layout.fields.map(({ name }, index) => [name, index]))
    this.#features = view.features.map(feature => featureReader(feature, places))
    this.#ttl = view.ttl === null ? null : BigInt(view.ttl)
    this.#codec = codec
  }

  /** Adds the features of a stored row to `into`. `at` is the read's instant. */
  values(row: Uint8Array | null, at: bigint, into: Record<string, unknown>): void {
    this.valuesOf(row ? this.#codec.decode(asBuffer(row)) : null, at, into)
  }

  /** The same for fields that were computed now. */
  valuesOf(fields: readonly StoredValue[] | null, at: bigint, into: Record<string, unknown>): void {
    const features = this.#features
    for (let index = 0; index < features.length; index += 1) {
      const feature = features[index] as FeatureReader
      let value = fields === null ? feature.absent : (fields[feature.field] as StoredValue)
      if (this.#ttl !== null && feature.event >= 0 && value !== null && fields !== null) {
        const event = fields[feature.event] as bigint | null
        if (event === null || at - event > this.#ttl) value = null
      }
      if (value === null) value = feature.default
      into[feature.name] = value === null || feature.convert === null ? value : feature.convert(value)
    }
  }

  details(row: Uint8Array | null, at: bigint, into: Record<string, Detail>): void {
    const tick = row ? toDate(BigInt(readHeader(row).tick)) : null
    this.detailsOf(row ? this.#codec.decode(asBuffer(row)) : null, tick, at, into)
  }

  detailsOf(fields: readonly StoredValue[] | null, tick: Date | null, at: bigint, into: Record<string, Detail>): void {
    for (const feature of this.#features) {
      const event = fields === null || feature.event < 0 ? null : (fields[feature.event] as bigint | null)
      const stored = fields === null ? feature.absent : (fields[feature.field] as StoredValue)
      const status = this.#status(feature, stored, event, at)
      const usable = status === 'present' ? stored : feature.default
      const value = usable === null || feature.convert === null ? usable : feature.convert(usable)
      into[feature.name] = { value, status, tick, eventTimestamp: event === null ? null : toDate(event) }
    }
  }

  #status(feature: FeatureReader, value: StoredValue, event: bigint | null, at: bigint): Status {
    if (feature.event >= 0) {
      if (event === null) return 'missing'
      if (this.#ttl !== null && at - event > this.#ttl) return 'expired'
    }
    return value === null ? 'null' : 'present'
  }
}

function featureReader(feature: FeatureManifest, places: ReadonlyMap<string, number>): FeatureReader {
  const field = places.get(feature.name)
  const event = feature.eventTimestamp === null ? -1 : places.get(feature.eventTimestamp)
  if (field === undefined || event === undefined) throw new Error(`the layout has no place for ${feature.name}`)
  return {
    name: feature.name,
    field,
    event,
    absent: feature.empty,
    default: fromWire(feature.default, feature.type),
    convert: converter(feature.type),
  }
}

/** Stored values are what getters return, but for instants. */
function converter(type: WireType): ((value: StoredValue) => unknown) | null {
  if (type.type === 'timestamp') return value => toDate(value as bigint)
  if (type.type !== 'list') return null
  const element = converter(type.element)
  if (element === null) return null
  return value => (value as readonly StoredValue[]).map(item => (item === null ? null : element(item)))
}

function asBuffer(row: Uint8Array): Buffer {
  return Buffer.isBuffer(row) ? row : Buffer.from(row.buffer, row.byteOffset, row.byteLength)
}
