/** Values from Postgres, which come as its text, to JavaScript: the same as DuckDB's. */
import { Buffer } from 'node:buffer'
import type { WireType } from '../contract.ts'
import { MeridianError } from '../errors.ts'
import { parseArray } from './postgres-arrays.ts'

export type Convert = (text: string) => unknown

/** To what getters and training rows hold, or, with `stored`, to what the row codec takes. */
export function fromPostgres(type: WireType, stored = false): Convert {
  switch (type.type) {
    case 'boolean':
      return isTrue
    case 'int32':
    case 'float64':
      return Number
    case 'int64':
      return type.as === 'number' ? safeNumber : BigInt
    case 'decimal':
    case 'string':
      return asIs
    case 'timestamp':
      return stored ? microseconds : date
    case 'bytes':
      return bytes
    case 'json':
      return JSON.parse
    case 'list': {
      const element = fromPostgres(leaf(type.element), stored)
      return text => parseArray(text, element)
    }
    case 'vector':
      return text => Float32Array.from(parseArray(text, Number) as number[])
    default:
      return type satisfies never
  }
}

/** Postgres has no arrays of arrays: one of more dimensions has the type of its innermost elements. */
function leaf(type: WireType): WireType {
  return type.type === 'list' ? leaf(type.element) : type
}

/** For columns of the spine that no definition types: by Postgres' number of the type. */
export function fromPostgresType(oid: number): Convert {
  return byOid[oid] ?? asIs
}

/** The object identifiers of built-in types never change. */
export const oids = {
  boolean: 16,
  bytea: 17,
  int8: 20,
  int2: 21,
  int4: 23,
  json: 114,
  float4: 700,
  float8: 701,
  date: 1082,
  time: 1083,
  timestamp: 1114,
  timestamptz: 1184,
  numeric: 1700,
  uuid: 2950,
  jsonb: 3802,
} as const

const byOid: Readonly<Record<number, Convert>> = {
  [oids.boolean]: isTrue,
  [oids.bytea]: bytes,
  [oids.int8]: BigInt,
  [oids.int2]: Number,
  [oids.int4]: Number,
  [oids.float4]: Number,
  [oids.float8]: Number,
  [oids.timestamp]: date,
  [oids.timestamptz]: date,
}

function asIs(text: string): string {
  return text
}

function isTrue(text: string): boolean {
  return text === 't' || text === 'true'
}

function safeNumber(text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number)) return number
  const message = `${text} is beyond the integers a number holds exactly: declare it as bigint`
  throw new MeridianError('value.out-of-range', message, { value: text })
}

function bytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.slice(2), 'hex'))
}

const timestamp = /^(\d{4,})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?:[+-]00)?( BC)?$/

/** Milliseconds of the whole seconds, and the microseconds beside them; sessions are in UTC. */
function parts(text: string): readonly [number, number] {
  const [, year, month, day, hour, minute, second, fraction = '', bc] = timestamp.exec(text) ?? []
  if (year === undefined) throw new Error(`Postgres gave ${JSON.stringify(text)} as a timestamp`)
  const moment = new Date(0)
  moment.setUTCFullYear(bc === undefined ? Number(year) : 1 - Number(year), Number(month) - 1, Number(day))
  const milliseconds = moment.getTime() + ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000
  return [milliseconds, Number(fraction.padEnd(6, '0'))]
}

function isInfinite(text: string): boolean {
  return text.endsWith('infinity')
}

function date(text: string): Date {
  if (isInfinite(text)) return new Date(Number.NaN)
  const [milliseconds, rest] = parts(text)
  return new Date(milliseconds + Math.floor(rest / 1000))
}

/** The greatest, and the least but one: what DuckDB makes of infinities. */
const infinity = 2n ** 63n - 1n

function microseconds(text: string): bigint {
  if (isInfinite(text)) return text.startsWith('-') ? -infinity : infinity
  const [milliseconds, rest] = parts(text)
  return BigInt(milliseconds) * 1000n + BigInt(rest)
}
