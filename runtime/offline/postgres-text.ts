/** Postgres' spelling of types, instants and rows of COPY, for tables that the runtime makes. */
import type { Field, WireType } from '../contract.ts'
import { toDate } from '../instant.ts'
import type { StoredValue } from '../online/row.ts'
import { quote } from './quote.ts'

/** A longer name is cut by Postgres, without an error. */
export const nameBytes = 63

/** The type of a column that the runtime makes. */
export function typeText(type: WireType): string {
  switch (type.type) {
    case 'boolean':
      return 'BOOLEAN'
    case 'int32':
      return 'INTEGER'
    case 'int64':
      return 'BIGINT'
    case 'float64':
      return 'DOUBLE PRECISION'
    case 'decimal':
      return `NUMERIC(${type.precision}, ${type.scale})`
    case 'string':
      return 'TEXT'
    case 'timestamp':
      return 'TIMESTAMP'
    case 'bytes':
      return 'BYTEA'
    case 'json':
      return 'JSON'
    case 'list':
      // An array of arrays has the type of an array.
      return type.element.type === 'list' ? typeText(type.element) : `${typeText(type.element)}[]`
    case 'vector':
      return 'REAL[]'
    default:
      return type satisfies never
  }
}

/** A table's name: what stands before a dot is its schema. */
export function quoteTable(name: string): string {
  return name.split('.').map(quote).join('.')
}

/** A statement that can stand in brackets. */
export function bare(sql: string): string {
  return sql.replace(/[;\s]+$/, '')
}

/** Microseconds as Postgres reads a timestamp; what no Date can hold is an infinity. */
export function instantText(microseconds: bigint): string {
  const date = toDate(microseconds)
  if (Number.isNaN(date.getTime())) return microseconds < 0n ? '-infinity' : 'infinity'
  const year = date.getUTCFullYear()
  // From the month on: a year before 1 or after 9999 is written otherwise in ISO.
  const rest = date.toISOString().slice(-20, -1).replace('T', ' ')
  const fraction = String(microseconds - BigInt(date.getTime()) * 1000n).padStart(3, '0')
  const era = year > 0 ? '' : ' BC'
  return `${String(year > 0 ? year : 1 - year).padStart(4, '0')}${rest}${fraction}${era}`
}

/** Rows as COPY reads them in its text format, each after its number. */
export function copyText(
  ordinals: readonly unknown[],
  columns: readonly (readonly StoredValue[])[],
  fields: readonly Field[],
): string {
  const types = fields.map(({ type }) => type)
  let text = ''
  for (let row = 0; row < ordinals.length; row += 1) {
    text += ordinals[row]
    for (let index = 0; index < columns.length; index += 1)
      text += `\t${copied(columns[index]?.[row] ?? null, types[index] as WireType)}`
    text += '\n'
  }
  return text
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

function escaped(text: string): string {
  return text.replace(/[\\\t\n\r]/g, character => escapes[character] as string)
}

function copied(value: StoredValue, type: WireType): string {
  if (value === null) return '\\N'
  switch (type.type) {
    case 'boolean':
    case 'int32':
    case 'int64':
    case 'float64':
    case 'decimal':
    case 'timestamp':
      return literal(value, type)
    default:
      return escaped(literal(value, type))
  }
}

/** As the type's input function reads it. */
function literal(value: NonNullable<StoredValue>, type: WireType): string {
  switch (type.type) {
    case 'timestamp':
      return instantText(value as bigint)
    case 'bytes':
      return `\\x${Buffer.from(value as Uint8Array).toString('hex')}`
    case 'json':
      return JSON.stringify(value)
    case 'list':
      return `{${(value as readonly StoredValue[]).map(item => element(item, type.element)).join(',')}}`
    case 'vector':
      return `{${[...(value as Float32Array)].map(number).join(',')}}`
    case 'int32':
    case 'float64':
      return number(value as number)
    default:
      return String(value)
  }
}

function number(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

function element(value: StoredValue, type: WireType): string {
  if (value === null) return 'NULL'
  const text = literal(value, type)
  return type.type === 'list' ? text : `"${text.replace(/["\\]/g, '\\$&')}"`
}
