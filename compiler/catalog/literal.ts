/** Constants as the author wrote them, in the one form that artefacts and the runtime use. */
import type { DecimalType, LiteralValue, ValueType } from '../../dsl/index.ts'
import type { WireLiteral } from '../../runtime/contract.ts'

/**
 * The canonical form of a value of the type; undefined where it is not one. Null stays null.
 *
 * @example
 * canonicalLiteral(1.5, { type: 'decimal', precision: 12, scale: 2 }) // '1.50'
 */
export function canonicalLiteral(value: LiteralValue, type: ValueType): WireLiteral | undefined {
  if (value === null) return null
  switch (type.type) {
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined
    case 'int32': {
      const integer = integerOf(value)
      return integer !== null && integer === BigInt.asIntN(32, integer) ? Number(integer) : undefined
    }
    case 'int64': {
      const integer = integerOf(value)
      if (integer === null || integer !== BigInt.asIntN(64, integer)) return undefined
      return type.as === 'number' && !Number.isSafeInteger(Number(integer)) ? undefined : String(integer)
    }
    case 'float64':
      return floatLiteral(value)
    case 'decimal':
      return decimalLiteral(value, type)
    case 'string':
      // A lone surrogate has no UTF-8 form, and no engine stores the null character in text.
      return typeof value === 'string' && !/\p{Surrogate}|\0/u.test(value) ? value : undefined
    case 'timestamp':
      return value instanceof Date && !Number.isNaN(value.getTime()) ? `${BigInt(value.getTime()) * 1000n}` : undefined
    case 'bytes':
    case 'json':
    case 'list':
    case 'vector':
      return undefined
    default:
      return type satisfies never
  }
}

/** The same of a value that was checked before. */
export function checkedLiteral(value: LiteralValue, type: ValueType): WireLiteral {
  if (value === null) return null
  const canonical = canonicalLiteral(value, type)
  if (canonical === undefined) throw new Error(`unchecked constant ${String(value)} of type ${type.type}`)
  return canonical
}

function integerOf(value: LiteralValue): bigint | null {
  if (typeof value === 'bigint') return value
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : null
}

function floatLiteral(value: LiteralValue): WireLiteral | undefined {
  if (typeof value === 'bigint') {
    const number = Number(value)
    return Number.isFinite(number) && BigInt(number) === value ? number : undefined
  }
  if (typeof value !== 'number') return undefined
  if (!Number.isFinite(value)) return String(value)
  // JSON cannot tell -0 from 0, so neither do we.
  return value === 0 ? 0 : value
}

function decimalLiteral(value: LiteralValue, type: DecimalType): WireLiteral | undefined {
  const decimal = parseDecimal(value)
  if (!decimal || decimal.scale > type.scale) return undefined
  const digits = decimal.digits === '' ? '' : decimal.digits + '0'.repeat(type.scale - decimal.scale)
  if (digits.length > type.precision) return undefined
  const padded = digits.padStart(type.scale + 1, '0')
  const whole = padded.slice(0, padded.length - type.scale)
  const fraction = padded.slice(padded.length - type.scale)
  return `${decimal.negative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

interface Decimal {
  readonly negative: boolean
  /** Without zeros in front; empty for zero. */
  readonly digits: string
  readonly scale: number
}

/** Digits and scale, without zeros at either end that say nothing. */
function parseDecimal(value: LiteralValue): Decimal | null {
  const text = typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' ? String(value) : ''
  // Large and small numbers print with an exponent: 1e-7.
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(text)
  if (!match) return null
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  let digits = (whole + fraction).replace(/^0+/, '')
  // The greatest float has an exponent of 308; text with more is no number we could hold.
  if (Math.abs(Number(exponent)) > 400) return null
  let scale = fraction.length - Number(exponent)
  while (scale > 0 && digits.endsWith('0')) {
    digits = digits.slice(0, -1)
    scale -= 1
  }
  if (digits === '') return { negative: false, digits, scale: 0 }
  if (scale < 0) return { negative: sign === '-', digits: digits + '0'.repeat(-scale), scale: 0 }
  return { negative: sign === '-', digits, scale }
}

/** The narrowest decimal type that holds the value; null where there is none. */
export function decimalTypeOf(value: LiteralValue): DecimalType | null {
  const decimal = parseDecimal(value)
  if (!decimal) return null
  const precision = Math.max(decimal.digits.length, decimal.scale, 1)
  return precision <= 38 ? { type: 'decimal', precision, scale: decimal.scale } : null
}

/** The type of a constant that stands beside nothing that has one; null for null. */
export function literalType(value: LiteralValue): ValueType | null {
  switch (typeof value) {
    case 'boolean':
      return { type: 'boolean' }
    case 'string':
      return { type: 'string' }
    case 'bigint':
      return { type: 'int64', as: 'bigint' }
    case 'number':
      if (!Number.isSafeInteger(value)) return { type: 'float64' }
      return value === (value | 0) ? { type: 'int32' } : { type: 'int64', as: 'number' }
    default:
      return value instanceof Date ? { type: 'timestamp' } : null
  }
}
