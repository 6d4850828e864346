/**
 * What emitted codecs share, handed to each when it is loaded. Its names are part of every build: a change of one is a
 * change of the manifest's version.
 */
import { Buffer } from 'node:buffer'
import type { WireType } from '../contract.ts'
import { MeridianError } from '../errors.ts'
import { ExactDate, toDate } from '../instant.ts'
import type { Detail, Origin } from './read.ts'
import { readHeader, type StoredValue } from './row.ts'
import { fromText, toText } from './text.ts'

function outOfRange(name: string, problem: string): MeridianError {
  return new MeridianError('value.out-of-range', problem, { name })
}

/** For an int64 that is declared as a number. */
function safe(value: number | null, name: string): number {
  if (value === null) return 0
  if (Number.isSafeInteger(value)) return value
  throw outOfRange(name, `${value} of "${name}" is not a safe integer: declare it as bigint`)
}

function int64(value: bigint | null, name: string): bigint {
  if (value === null) return 0n
  if (BigInt.asIntN(64, value) === value) return value
  throw outOfRange(name, `${value} of "${name}" is beyond 64 bits`)
}

function putVector(view: DataView, at: number, dimensions: number, value: Float32Array | null, name: string): void {
  if (value !== null && value.length !== dimensions)
    throw outOfRange(name, `the vector of "${name}" has ${value.length} dimensions, and its type has ${dimensions}`)
  for (let index = 0; index < dimensions; index += 1)
    view.setFloat32(at + 4 * index, value === null ? 0 : (value[index] as number))
}

function vectorAt(view: DataView, at: number, dimensions: number): Float32Array {
  const value = new Float32Array(dimensions)
  for (let index = 0; index < dimensions; index += 1) value[index] = view.getFloat32(at + 4 * index)
  return value
}

/** The millisecond of an int64 of microseconds, from its halves: no bigint is made. 2^32 is 4,294,967 thousands and 296. */
function dateAt(view: DataView, at: number): Date {
  const high = view.getInt32(at)
  return new Date(high * 4_294_967 + Math.floor((high * 296 + view.getUint32(at + 4)) / 1000))
}

/** Compares an int64 by its halves. */
function notBefore(view: DataView, at: number, high: number, low: number): boolean {
  const own = view.getInt32(at)
  return own > high || (own === high && view.getUint32(at + 4) >= low)
}

/** Text whose UTF-8 has as many bytes as it has UTF-16 units is ASCII, which is written faster as Latin-1. */
function putText(row: Buffer, text: string, start: number, bytes: number): void {
  if (text.length === bytes) row.write(text, start, 'latin1')
  else row.write(text, start)
}

type ToDate = (microseconds: bigint) => Date

/** Instants of values that are stored as microseconds. */
function datesBy(date: ToDate) {
  const dateOf = (microseconds: bigint | null): Date | null => (microseconds === null ? null : date(microseconds))
  /** The instants of a list as Dates, in lists of lists too. */
  const datesOf = (list: readonly unknown[] | null, type: WireType): readonly unknown[] | null => {
    if (list === null || type.type !== 'list') return list
    const { element } = type
    return list.map(item =>
      element.type === 'timestamp'
        ? dateOf(item as bigint | null)
        : datesOf(item as readonly unknown[] | null, element),
    )
  }
  return { dateOf, datesOf, tickOf: (row: Buffer): Date => date(BigInt(readHeader(row).tick)) } as const
}

/** How a value came to be, for the codec of stored rows or for that of what a lookup found. */
function detailsFrom(found: 'stored' | 'computed', date: ToDate) {
  const sourceOf = (value: StoredValue | Date, otherwise: unknown): Origin =>
    value === null && otherwise !== null ? 'default' : found
  return {
    computed(value: StoredValue | Date, otherwise: unknown, tick: Date | null): Detail {
      const status = value === null ? 'null' : 'present'
      return { value: value ?? otherwise, status, source: sourceOf(value, otherwise), tick, eventTimestamp: null }
    },

    /** Of a row of the source. `oldest` is where ttl ends, null without one. */
    taken(
      value: StoredValue | Date,
      otherwise: unknown,
      tick: Date | null,
      event: bigint | null,
      oldest: bigint | null,
    ): Detail {
      const instead = sourceOf(null, otherwise)
      if (event === null) return { value: otherwise, status: 'missing', source: instead, tick, eventTimestamp: null }
      const eventTimestamp = date(event)
      if (oldest !== null && event < oldest)
        return { value: otherwise, status: 'expired', source: instead, tick, eventTimestamp }
      const status = value === null ? 'null' : 'present'
      return { value: value ?? otherwise, status, source: sourceOf(value, otherwise), tick, eventTimestamp }
    },
  } as const
}

export const codecRuntime = {
  ...detailsFrom('stored', toDate),
  ...datesBy(toDate),
  // Not from Buffer.alloc, which takes ten times as long: a codec writes every byte.
  allocate: (bytes: number): Buffer => Buffer.allocUnsafe(bytes),
  byteLength: (text: string): number => Buffer.byteLength(text),
  bytesAt: (row: Buffer, start: number, end: number): Uint8Array => new Uint8Array(row.subarray(start, end)),
  dateAt,
  /** Where a bigint is taken apart into its halves. */
  instant: new DataView(new ArrayBuffer(8)),
  int64,
  listOf: (text: string, type: WireType): unknown => fromText(text, type),
  listText: (list: readonly unknown[], type: WireType): string => toText(list, type),
  noBytes: new Uint8Array(0),
  notBefore,
  putText,
  putVector,
  safe,
  textFrom: (row: Buffer, start: number): string => row.toString('utf8', start),
  vectorAt,
} as const

/** What codecs are handed. */
export type CodecRuntime = typeof codecRuntime

/** For the codecs of views that are computed when they are read. */
const valuesRuntime: CodecRuntime = { ...codecRuntime, ...detailsFrom('computed', toDate) }

const exactly: ToDate = microseconds => new ExactDate(microseconds)
const exactDates = {
  ...datesBy(exactly),
  dateAt: (view: DataView, at: number): Date => new ExactDate(view.getBigInt64(at)),
} as const

/** By what instants are: Dates, or Dates that keep their microseconds, which take longer to make. */
export const codecRuntimes = {
  milliseconds: { stored: codecRuntime, computed: valuesRuntime },
  microseconds: {
    stored: { ...codecRuntime, ...exactDates, ...detailsFrom('stored', exactly) },
    computed: { ...codecRuntime, ...exactDates, ...detailsFrom('computed', exactly) },
  },
} as const satisfies Record<string, { readonly stored: CodecRuntime; readonly computed: CodecRuntime }>

export type Instants = keyof typeof codecRuntimes
