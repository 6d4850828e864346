/**
 * Values that come from people's code: request data, and what functions return. They are checked, and brought to the
 * form in which an engine would give them back, so that there is no difference between online and offline.
 */
import type { WireType } from '../contract.ts'
import type { StoredValue } from '../online/row.ts'

/** What is wrong with a value of a type: its own words, such as "must be int32, and is 1.5". */
export class NotOfType extends TypeError {
  constructor(type: WireType, value: unknown, why?: string) {
    super(`${why ?? `must be ${typeName(type)}${inJavaScript(type)}`}, and is ${shown(value)}`)
    this.name = 'NotOfType'
  }
}

/** The value as it is kept; never null. Throws NotOfType. */
export type Convert = (value: unknown) => unknown

/** The check of a type, made once for each field. */
export function converter(type: WireType): Convert {
  const wrong = (value: unknown, why?: string): never => {
    throw new NotOfType(type, value, why)
  }
  switch (type.type) {
    case 'boolean':
      return value => (typeof value === 'boolean' ? value : wrong(value))
    case 'int32':
      // There is no negative zero among integers.
      return value => (typeof value === 'number' && (value | 0) === value ? value + 0 : wrong(value))
    case 'int64':
      if (type.as === 'number') return value => (Number.isSafeInteger(value) ? (value as number) + 0 : wrong(value))
      return value => (typeof value === 'bigint' && BigInt.asIntN(64, value) === value ? value : wrong(value))
    case 'float64':
      return value => (typeof value === 'number' ? value : wrong(value))
    case 'decimal':
      return value => decimal(value, type.precision, type.scale) ?? wrong(value)
    case 'string':
      return value => {
        if (typeof value !== 'string') return wrong(value)
        return unstorable.test(value) ? wrong(value, 'must be well-formed Unicode without the character zero') : value
      }
    case 'timestamp':
      return value => (value instanceof Date && !Number.isNaN(value.getTime()) ? value : wrong(value))
    case 'bytes':
      return value => (value instanceof Uint8Array ? bytes(value) : wrong(value))
    case 'json':
      return value => (value === null ? wrong(value) : json(value, problem => wrong(value, problem)))
    case 'list': {
      const element = converter(type.element)
      return value =>
        Array.isArray(value)
          ? value.map(item => (item === null || item === undefined ? null : element(item)))
          : wrong(value)
    }
    case 'vector':
      return value => (value instanceof Float32Array && value.length === type.dimensions ? value : wrong(value))
    default:
      return type satisfies never
  }
}

/** A Buffer is bytes too, but shows and compares otherwise. */
function bytes(value: Uint8Array): Uint8Array {
  return value.constructor === Uint8Array ? value : new Uint8Array(value)
}

const decimalText = /^(-?)0*(\d+?)(?:\.(\d*?)0*)?$/

/** With all of its digits after the point, as engines write it; null where it is not exactly of the type. */
function decimal(value: unknown, precision: number, scale: number): string | null {
  const parts = typeof value === 'string' ? decimalText.exec(value) : null
  if (!parts) return null
  const [, sign = '', whole = '', fraction = ''] = parts
  if (fraction.length > scale) return null
  if (whole !== '0' && whole.length > precision - scale) return null
  const digits = scale === 0 ? whole : `${whole}.${fraction.padEnd(scale, '0')}`
  return /[1-9]/.test(digits) ? sign + digits : digits
}

/** Postgres keeps no zero characters, and no engine halves of surrogate pairs. */
const unstorable = /[\0\p{Surrogate}]/u

/** JSON as it is read again: without what has no place in it. Numbers that JSON cannot hold are not made null. */
function json(value: unknown, wrong: (problem: string) => never): unknown {
  const text = JSON.stringify(value, function (this: Record<string, unknown>, key: string, item: unknown) {
    if (typeof item === 'number' && !Number.isFinite(item)) wrong(`must be JSON, which has no ${item}`)
    if (typeof item === 'bigint' || typeof item === 'function' || typeof item === 'symbol' || this[key] instanceof Date)
      wrong(`must be JSON, which has no ${this[key] instanceof Date ? 'Date' : typeof item}`)
    return item
  })
  return JSON.parse(text)
}

/** As the row codec takes it: instants are microseconds, in lists too. */
export function toStored(value: unknown, type: WireType): StoredValue {
  if (value === null) return null
  if (type.type === 'timestamp') return BigInt((value as Date).getTime()) * 1000n
  if (type.type === 'list' && holdsInstants(type)) return (value as unknown[]).map(item => toStored(item, type.element))
  return value as StoredValue
}

function holdsInstants(type: WireType): boolean {
  return type.type === 'timestamp' || (type.type === 'list' && holdsInstants(type.element))
}

/** In words, as definitions spell it. */
export function typeName(type: WireType): string {
  switch (type.type) {
    case 'decimal':
      return `decimal(${type.precision}, ${type.scale})`
    case 'list':
      return `list of ${typeName(type.element)}`
    case 'vector':
      return `vector(${type.dimensions})`
    default:
      return type.type
  }
}

/** What JavaScript has for it, where the name does not say. */
function inJavaScript(type: WireType): string {
  switch (type.type) {
    case 'int64':
      return ` (${type.as})`
    case 'decimal':
      return ' (text)'
    case 'timestamp':
      return ' (a Date)'
    case 'bytes':
      return ' (a Uint8Array)'
    case 'vector':
      return ' (a Float32Array)'
    default:
      return ''
  }
}

/** A value in a message, cut where it is long. */
export function shown(value: unknown): string {
  const text = textOf(value)
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

function textOf(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'number') return String(value)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : value.toISOString()
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name} of ${(value as Uint8Array).length}`
  if (value instanceof Promise) return 'a promise'
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return `a ${typeof value}`
  }
}
