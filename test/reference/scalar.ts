/**
 * How the reference evaluator holds values. All integers, decimals (scaled by their type's scale) and timestamps
 * (microseconds since the epoch) are bigints, so nothing is rounded; floats are numbers.
 */
import type { ValueType } from '../../dsl/index.ts'

/** A value inside the evaluator. Bytes, JSON, lists and vectors are carried, never looked into. */
export type Scalar = null | boolean | bigint | number | string | Uint8Array | object

/**
 * A value as a test writes and reads it: number for int32 and float64, bigint for int64 and for timestamps in
 * microseconds, text for decimals, anything for the types that are only carried.
 */
export type Literal = null | boolean | number | bigint | string | Uint8Array | object

export class OverflowError extends Error {}

const limits: Readonly<Record<string, readonly [bigint, bigint]>> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
}

/** The value itself, if its type holds it. */
export function fitting(value: bigint, type: ValueType): bigint {
  const most = type.type === 'decimal' ? 10n ** BigInt(type.precision) - 1n : null
  const [low, high] = most === null ? (limits[type.type] ?? [value, value]) : [-most, most]
  if (value < low || value > high) throw new OverflowError(`${value} does not fit ${type.type}`)
  return value
}

export const scaleOf = (type: ValueType): number => (type.type === 'decimal' ? type.scale : 0)

/** `'-1.5'` at scale 2 is -150n. Digits beyond the scale must be zeros. */
export function parseDecimal(text: string, scale: number): bigint {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text)
  if (!match) throw new TypeError(`not a decimal: ${text}`)
  const [, sign, whole = '', fraction = ''] = match
  if (/[^0]/.test(fraction.slice(scale))) throw new TypeError(`${text} has more than ${scale} decimals`)
  const digits = BigInt(whole + fraction.slice(0, scale).padEnd(scale, '0'))
  return sign ? -digits : digits
}

/** -150n at scale 2 is `'-1.50'`. */
export function formatDecimal(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0')
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`
  return value < 0n ? `-${text}` : text
}

/** A written value, or a constant of a definition, as a scalar of `type`. */
export function read(value: Literal | Date | undefined, type: ValueType): Scalar {
  if (value === null || value === undefined) return null
  switch (type.type) {
    case 'int32':
    case 'int64':
      return fitting(BigInt(value as number | bigint), type)
    case 'decimal':
      return fitting(parseDecimal(String(value), type.scale), type)
    case 'float64':
      return Number(value)
    case 'timestamp':
      return value instanceof Date ? BigInt(value.getTime()) * 1000n : (value as bigint)
    default:
      return value
  }
}

/** The other way round. */
export function show(value: Scalar, type: ValueType): Literal {
  if (value === null) return null
  if (type.type === 'decimal') return formatDecimal(value as bigint, type.scale)
  if (type.type === 'int32') return Number(value)
  return value
}

/** A number as a float. */
export function toFloat(value: Scalar, type: ValueType): number {
  if (type.type === 'decimal') return Number(formatDecimal(value as bigint, type.scale))
  return Number(value)
}

/** Converts a number to a wider type. */
export function widen(value: Scalar, from: ValueType, to: ValueType): Scalar {
  if (value === null || from.type === to.type) {
    if (value === null || from.type !== 'decimal') return value
  }
  if (to.type === 'float64') return toFloat(value, from)
  if (to.type === 'decimal') return (value as bigint) * 10n ** BigInt(to.scale - scaleOf(from))
  return value
}

/** Negative, zero or positive, for two values of one type that are not null. NaN is the greatest and equals itself. */
export function compare(a: Scalar, b: Scalar): number {
  if (typeof a === 'number' && typeof b === 'number') {
    if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
    return a < b ? -1 : a > b ? 1 : 0
  }
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b))
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b)
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : a > b ? 1 : 0
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b)
  return 0
}

/** `compare`, with null before everything. */
export function compareNullsFirst(a: Scalar, b: Scalar): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null)
  return compare(a, b)
}
