/** An example of a stored row, byte by byte, written by the layout alone: a second opinion on the emitted codec. */
import { Buffer } from 'node:buffer'
import type { WireType } from '../../runtime/contract.ts'
import type { RowLayout } from '../plan/row-layout.ts'

export interface ExampleRow {
  readonly header: { readonly tick: number; readonly eventTimestamp: number; readonly createdTimestamp: number }
  /** As JSON has them: int64 and timestamps as decimal text, bytes as base64. Long vectors are null, for brevity. */
  readonly values: Readonly<Record<string, unknown>>
  readonly bytes: Buffer
}

/** Noon of 2001-06-15; the row's event was a minute before, and became known a second later. */
const tick = 992_606_400_000_000
const event = tick - 60_000_000
const created = event + 1_000_000
/** Dimensions of the longest vector that is shown. */
const longest = 16

export function exampleRow(layout: RowLayout): ExampleRow {
  const values: Record<string, unknown> = {}
  const partsOf = (kind: 'bytes' | 'text') =>
    layout.fields.flatMap(({ type, place }) => (place.kind === kind ? [textBytes(type)] : []))
  const rest = Buffer.concat([...partsOf('bytes'), ...partsOf('text')])
  const bytes = Buffer.concat([Buffer.alloc(layout.rest), rest])
  for (const [index, time] of [tick, event, created].entries()) bytes.writeDoubleBE(time, 8 * index)
  // Examples are ASCII: UTF-16 units are bytes.
  const ends = { bytes: layout.rest, text: 0 }
  for (const { name, type, isNull, place } of layout.fields) {
    values[name] = exampleValue(type)
    if (values[name] === null) {
      bytes[isNull.byte] = (bytes[isNull.byte] as number) | (1 << isNull.bit)
      continue
    }
    switch (place.kind) {
      case 'bit':
        bytes[place.byte] = (bytes[place.byte] as number) | (1 << place.bit)
        break
      case 'slot':
        writeSlot(bytes, place.offset, type)
        break
      case 'bytes':
      case 'text':
        ends[place.kind] += textBytes(type).length
        bytes.writeUInt32BE(ends[place.kind], place.offset)
        break
      default:
        place satisfies never
    }
  }
  return { header: { tick, eventTimestamp: event, createdTimestamp: created }, values, bytes }
}

function exampleValue(type: WireType): unknown {
  switch (type.type) {
    case 'boolean':
      return true
    case 'int32':
      return 42
    case 'int64':
      return '42'
    case 'float64':
      return 0.5
    case 'decimal':
      // Less than one, since there may be no digit before the point.
      return type.scale === 0 ? '1' : `0.${'5'.padEnd(type.scale, '0')}`
    case 'string':
      return 'abc'
    case 'timestamp':
      return String(event)
    case 'bytes':
      return Buffer.from([1, 2, 3]).toString('base64')
    case 'json':
      return { key: 'value' }
    case 'list':
      return [exampleValue(type.element)]
    case 'vector':
      return type.dimensions > longest ? null : new Array<number>(type.dimensions).fill(0.5)
    default:
      return type satisfies never
  }
}

function textBytes(type: WireType): Buffer {
  const value = exampleValue(type)
  if (type.type === 'bytes') return Buffer.from(value as string, 'base64')
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
}

function writeSlot(bytes: Buffer, offset: number, type: WireType): void {
  const value = exampleValue(type)
  if (type.type === 'vector')
    for (const [index, number] of (value as number[]).entries()) bytes.writeFloatBE(number, offset + 4 * index)
  else if (type.type === 'timestamp' || (type.type === 'int64' && type.as === 'bigint'))
    bytes.writeBigInt64BE(BigInt(value as string), offset)
  else bytes.writeDoubleBE(Number(value), offset)
}
