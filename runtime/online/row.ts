/**
 * The codec of stored rows, made once for each layout.
 *
 * Big-endian: tick, event and created timestamp (float64, microseconds), a bit for each field that is null, a bit for
 * each boolean, eight bytes for each number and timestamp, float32s for each vector, the end of each text, the texts.
 */
import { Buffer } from 'node:buffer'
import type { Layout, WireType } from '../contract.ts'
import { MeridianError } from '../errors.ts'
import { fromText, toText } from './text.ts'

/** Microseconds; what a write is compared by. A created timestamp of a source without one is the event timestamp. */
export interface RowHeader {
  readonly tick: number
  readonly eventTimestamp: number
  readonly createdTimestamp: number
}

/** A value as it is stored: timestamps are microseconds as bigint, everything else is what getters return. */
export type StoredValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Float32Array
  | readonly unknown[]
  | object

export interface RowCodec {
  encode(header: RowHeader, values: readonly StoredValue[]): Buffer
  /** The values in the layout's order. */
  decode(row: Buffer): StoredValue[]
}

const headerBytes = 24

export function readHeader(row: Uint8Array): RowHeader {
  const view = new DataView(row.buffer, row.byteOffset, row.byteLength)
  return { tick: view.getFloat64(0), eventTimestamp: view.getFloat64(8), createdTimestamp: view.getFloat64(16) }
}

/** Whether a row may take the place of another: not older, by tick, then event, then created timestamp. */
export function wins(candidate: RowHeader, stored: RowHeader): boolean {
  if (candidate.tick !== stored.tick) return candidate.tick > stored.tick
  if (candidate.eventTimestamp !== stored.eventTimestamp) return candidate.eventTimestamp > stored.eventTimestamp
  return candidate.createdTimestamp >= stored.createdTimestamp
}

interface FieldCodec {
  /** Bytes that every row has for the field. */
  readonly fixed: number
  write(row: Buffer, value: never): void
  read(row: Buffer): StoredValue
}

export function rowCodec(layout: Layout): RowCodec {
  const { fields } = layout
  const booleans = fields.filter(field => field.type.type === 'boolean').length
  const texts = fields.filter(field => isText(field.type))
  const nullsAt = headerBytes
  const booleansAt = nullsAt + Math.ceil(fields.length / 8)
  let at = booleansAt + Math.ceil(booleans / 8)
  const slots: (FieldCodec | null)[] = []
  let bit = 0
  for (const { name, type } of fields) {
    const codec = isText(type)
      ? null
      : slot(name, type, type.type === 'boolean' ? { at: booleansAt, bit: bit++ } : { at, bit: 0 })
    slots.push(codec)
    at += codec?.fixed ?? 0
  }
  const endsAt = at
  const textsAt = endsAt + 4 * texts.length
  const types = fields.map(field => field.type)

  return {
    encode(header, values) {
      const encoded: Uint8Array[] = []
      let size = textsAt
      for (let index = 0; index < types.length; index += 1) {
        const type = types[index] as WireType
        if (!isText(type)) continue
        const value = values[index]
        const bytes = value === null || value === undefined ? empty : textBytes(value, type)
        encoded.push(bytes)
        size += bytes.length
      }
      const row = Buffer.alloc(size)
      row.writeDoubleBE(header.tick, 0)
      row.writeDoubleBE(header.eventTimestamp, 8)
      row.writeDoubleBE(header.createdTimestamp, 16)
      for (let index = 0; index < slots.length; index += 1) {
        const value = values[index]
        if (value === null || value === undefined) {
          const byte = nullsAt + (index >> 3)
          row[byte] = (row[byte] as number) | (1 << (index & 7))
        } else slots[index]?.write(row, value as never)
      }
      let end = textsAt
      for (const [index, bytes] of encoded.entries()) {
        row.set(bytes, end)
        end += bytes.length
        row.writeUInt32BE(end, endsAt + 4 * index)
      }
      return row
    },
    decode(row) {
      const values = new Array<StoredValue>(slots.length)
      let text = 0
      let start = textsAt
      for (let index = 0; index < slots.length; index += 1) {
        const isNull = ((row[nullsAt + (index >> 3)] as number) >> (index & 7)) & 1
        const codec = slots[index]
        if (codec) {
          values[index] = isNull ? null : codec.read(row)
          continue
        }
        const end = row.readUInt32BE(endsAt + 4 * text)
        values[index] = isNull ? null : readText(row, start, end, types[index] as WireType)
        start = end
        text += 1
      }
      return values
    },
  }
}

const empty = new Uint8Array(0)

/** Types of no fixed size, which stand at the end of the row. */
function isText({ type }: WireType): boolean {
  return type === 'string' || type === 'decimal' || type === 'bytes' || type === 'json' || type === 'list'
}

function textBytes(value: StoredValue, type: WireType): Uint8Array {
  if (type.type === 'bytes') return value as Uint8Array
  if (type.type === 'json' || type.type === 'list') return Buffer.from(toText(value, type))
  return Buffer.from(value as string)
}

function readText(row: Buffer, start: number, end: number, type: WireType): StoredValue {
  if (type.type === 'bytes') return new Uint8Array(row.subarray(start, end))
  const text = row.toString('utf8', start, end)
  return type.type === 'json' || type.type === 'list' ? fromText(text, type) : text
}

function slot(name: string, type: WireType, { at, bit }: { at: number; bit: number }): FieldCodec {
  switch (type.type) {
    case 'boolean': {
      const byte = at + (bit >> 3)
      const mask = 1 << (bit & 7)
      return {
        fixed: 0,
        write(row, value: boolean) {
          if (value) row[byte] = (row[byte] as number) | mask
        },
        read: row => ((row[byte] as number) & mask) !== 0,
      }
    }
    case 'timestamp':
      return {
        fixed: 8,
        write: (row, value: bigint) => void row.writeBigInt64BE(value, at),
        read: row => row.readBigInt64BE(at),
      }
    case 'int64':
      if (type.as === 'bigint')
        return {
          fixed: 8,
          write: (row, value: bigint) => void row.writeBigInt64BE(value, at),
          read: row => row.readBigInt64BE(at),
        }
      return {
        fixed: 8,
        write(row, value: number) {
          if (!Number.isSafeInteger(value))
            throw new MeridianError(
              'value.out-of-range',
              `${value} of "${name}" is not a safe integer: declare it as bigint`,
              { name },
            )
          row.writeDoubleBE(value, at)
        },
        read: row => row.readDoubleBE(at),
      }
    case 'int32':
    case 'float64':
      return {
        fixed: 8,
        write: (row, value: number) => void row.writeDoubleBE(value, at),
        read: row => row.readDoubleBE(at),
      }
    case 'vector': {
      const { dimensions } = type
      return {
        fixed: 4 * dimensions,
        write(row, value: Float32Array) {
          for (let index = 0; index < dimensions; index += 1) row.writeFloatBE(value[index] ?? 0, at + 4 * index)
        },
        read(row) {
          const value = new Float32Array(dimensions)
          for (let index = 0; index < dimensions; index += 1) value[index] = row.readFloatBE(at + 4 * index)
          return value
        },
      }
    }
    default:
      throw new TypeError(`${type.type} has no slot`)
  }
}
