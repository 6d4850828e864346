/** Whether what an engine returned is what the reference says. */
import type { ValueType } from 'meridian'
import type { Literal } from '../reference/index.ts'

/** A value from an engine in the reference's form: bigints for whole numbers, microseconds for timestamps. */
export function normal(value: unknown, type: ValueType): Literal {
  if (value === null || value === undefined) return null
  switch (type.type) {
    case 'int32':
      return Number(value)
    case 'int64':
      return BigInt(value as number | bigint)
    case 'float64':
      return Number(value)
    case 'decimal':
      return decimalText(String(value), type.scale)
    case 'timestamp':
      return value instanceof Date ? BigInt(value.getTime()) * 1000n : micros(value)
    case 'bytes':
      return Buffer.from((value as { bytes?: Uint8Array }).bytes ?? (value as Uint8Array)).toString('hex')
    case 'json':
      return JSON.stringify(value)
    case 'list':
      return itemsOf(value).map(item => normal(item, type.element))
    case 'vector':
      return itemsOf(value)
    default:
      return value as Literal
  }
}

/** Of a list as JavaScript or DuckDB has it. */
function itemsOf(value: unknown): unknown[] {
  return [...((value as { items?: Iterable<unknown> }).items ?? (value as Iterable<unknown>))]
}

const micros = (value: unknown): bigint =>
  typeof value === 'bigint' ? value : (value as { readonly micros: bigint }).micros

/** With exactly `scale` digits after the point. */
function decimalText(text: string, scale: number): string {
  const [whole = '', fraction = ''] = text.split('.')
  const padded = scale === 0 ? whole : `${whole}.${fraction.padEnd(scale, '0')}`
  return /^-0\.?0*$/.test(padded) ? padded.slice(1) : padded
}

export interface Expected {
  readonly type: ValueType
  /** As the reference shows it. */
  readonly value: Literal
  /** As getters and training rows give values: instants as a `Date`, which has milliseconds. Else as DuckDB does. */
  readonly milliseconds: boolean
  /** A sum, mean or deviation, which engines may round differently. */
  readonly rounded: boolean
}

export function agrees(actual: unknown, { type, value, milliseconds, rounded }: Expected): boolean {
  if (actual === undefined) return false
  let got = normal(milliseconds ? actual : parsed(actual, type), type)
  // JSON gets to the reference, and to files, as text.
  let wanted = type.type === 'json' || type.type === 'bytes' ? normal(parsed(value, type), type) : value
  if (type.type === 'timestamp' && milliseconds && got !== null && wanted !== null) {
    got = floorMillis(got as bigint)
    wanted = floorMillis(wanted as bigint)
  }
  if (typeof got === 'number' && typeof wanted === 'number' && rounded) return close(got, wanted)
  return text(got) === text(wanted)
}

const parsed = (value: unknown, type: ValueType): unknown =>
  type.type === 'json' && typeof value === 'string' ? JSON.parse(value) : value

const floorMillis = (value: bigint): bigint => (value - (((value % 1000n) + 1000n) % 1000n)) / 1000n

export function close(a: number, b: number): boolean {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true
  // Differences of values that are themselves rounded: nothing in the data is that small.
  return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b)) + 1e-9
}

/** Equal for equal values. */
export function text(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'number') return value === 0 ? '0' : String(value)
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`
  if (Array.isArray(value)) return `[${value.map(text).join(', ')}]`
  if (value instanceof Date) return value.toISOString()
  return JSON.stringify(value) ?? 'undefined'
}
