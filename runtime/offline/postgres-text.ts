/** Postgres' spelling of types, instants and rows of COPY, for tables that the runtime makes. */
import type { WireType } from '../contract.ts'
import { toDate } from '../instant.ts'
import { quote } from './quote.ts'
import type { SpineColumn } from './spine.ts'
import type { SpineValue } from './spine-rows.ts'

/** A longer name is cut by Postgres, without an error. */
export const nameBytes = 63

export const columnTypes: Readonly<Record<SpineColumn['type'], string>> = {
  boolean: 'BOOLEAN',
  int32: 'INTEGER',
  int64: 'BIGINT',
  float64: 'DOUBLE PRECISION',
  string: 'TEXT',
  timestamp: 'TIMESTAMP',
}

/** The type of a column that the spine must have. */
export function requiredType(type: WireType): string {
  const found = (columnTypes as Readonly<Record<string, string>>)[type.type]
  if (found === undefined) throw new TypeError(`${type.type} is no type of a join key`)
  return found
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

/** Rows as COPY reads them in its text format. */
export function copyText(
  first: number,
  columns: readonly (readonly SpineValue[])[],
  types: readonly SpineColumn['type'][],
): string {
  const rowCount = columns[0]?.length ?? 0
  let text = ''
  for (let row = 0; row < rowCount; row += 1) {
    text += first + row
    for (let index = 0; index < columns.length; index += 1)
      text += `\t${field(columns[index]?.[row] ?? null, types[index] as SpineColumn['type'])}`
    text += '\n'
  }
  return text
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

function field(value: SpineValue, type: SpineColumn['type']): string {
  if (value === null) return '\\N'
  if (type === 'timestamp') return instantText(value as bigint)
  if (type === 'string') return (value as string).replace(/[\\\t\n\r]/g, character => escapes[character] as string)
  return Object.is(value, -0) ? '-0' : String(value)
}
