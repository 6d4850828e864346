/**
 * Value types as JSON has them, in the words of JSON Schema 2020-12, with an example of each. What JSON's numbers cannot hold
 * exactly is text: int64 that is a bigint, decimals, instants, and floats that are no number.
 */
import { Buffer } from 'node:buffer'
import type { WireType } from '../../runtime/contract.ts'

/** Of plain data, in the order in which it is written. */
export type Schema = { readonly [key: string]: unknown }

export interface Described {
  readonly schema: Schema
  readonly example: unknown
}

const safe = Number.MAX_SAFE_INTEGER
const null_: Schema = { type: 'null' }

/** A value of an answer. */
export function answered(type: WireType, nullable: boolean): Described {
  return { schema: nullable ? orNull(outOf(type)) : outOf(type), example: exampleOf(type) }
}

/** A value that is asked with. An int64 may also be a number, where that is exact. */
export function given(type: WireType, nullable: boolean): Described {
  return { schema: nullable ? orNull(into(type)) : into(type), example: exampleOf(type) }
}

function outOf(type: WireType): Schema {
  switch (type.type) {
    case 'boolean':
      return { type: 'boolean' }
    case 'int32':
      return { type: 'integer', format: 'int32', minimum: -2147483648, maximum: 2147483647 }
    case 'int64':
      return type.as === 'bigint' ? int64 : { type: 'integer', format: 'int64', minimum: -safe, maximum: safe }
    case 'float64':
      return { anyOf: [{ type: 'number', format: 'double' }, notANumber] }
    case 'decimal':
      return { type: 'string', format: 'decimal', pattern: decimalPattern(type.precision, type.scale) }
    case 'string':
      return { type: 'string' }
    case 'timestamp':
      return { type: 'string', format: 'date-time' }
    case 'bytes':
      return { type: 'string', contentEncoding: 'base64', pattern: base64 }
    case 'json':
      return {}
    case 'list':
      return listOf(orNull(outOf(type.element)))
    case 'vector':
      return { ...listOf({ anyOf: [{ type: 'number', format: 'float' }, notANumber] }), ...sized(type.dimensions) }
    default:
      return type satisfies never
  }
}

function into(type: WireType): Schema {
  switch (type.type) {
    case 'int64':
      return type.as === 'bigint' ? { anyOf: [int64, { type: 'integer', minimum: -safe, maximum: safe }] } : outOf(type)
    case 'list':
      return listOf(orNull(into(type.element)))
    default:
      return outOf(type)
  }
}

const int64: Schema = { type: 'string', format: 'int64', pattern: '^(0|-?[1-9][0-9]{0,18})$' }
const notANumber: Schema = { type: 'string', enum: ['NaN', 'Infinity', '-Infinity'] }

const base64 = '^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$'

function listOf(items: Schema): Schema {
  return { type: 'array', items }
}

function sized(items: number): Schema {
  return { minItems: items, maxItems: items }
}

function orNull(schema: Schema): Schema {
  if (Array.isArray(schema.anyOf)) return { anyOf: [...schema.anyOf, null_] }
  // Of json, null is one of the values.
  return schema.type === undefined ? schema : { ...schema, type: [schema.type, 'null'] }
}

function decimalPattern(precision: number, scale: number): string {
  const whole = precision - scale
  const before = whole <= 1 ? (whole === 0 ? '0' : '[0-9]') : `(0|[1-9][0-9]{0,${whole - 1}})`
  return `^-?${before}${scale === 0 ? '' : `(\\.[0-9]{1,${scale}})?`}$`
}

function exampleOf(type: WireType): unknown {
  switch (type.type) {
    case 'boolean':
      return true
    case 'int32':
      return 42
    case 'int64':
      return type.as === 'bigint' ? '9007199254740993' : 42
    case 'float64':
      return 0.5
    case 'decimal':
      return type.scale === 0 ? '1' : `0.${'5'.padEnd(type.scale, '0')}`
    case 'string':
      return 'abc'
    case 'timestamp':
      return '2001-06-15T12:00:00.000001Z'
    case 'bytes':
      return Buffer.from([1, 2, 3]).toString('base64')
    case 'json':
      return { key: 'value' }
    case 'list':
      return [exampleOf(type.element)]
    case 'vector':
      return new Array<number>(type.dimensions).fill(0.5)
    default:
      return type satisfies never
  }
}
