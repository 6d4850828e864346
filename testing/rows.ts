/** Literal rows in tables of a DuckDB file. */
import { DuckDBInstance } from '@duckdb/node-api'
import type { Columns, ValueType } from '../dsl/index.ts'
import { toMicroseconds } from '../runtime/instant.ts'
import { appendTo } from '../runtime/offline/duckdb-rows.ts'
import { typeText } from '../runtime/offline/duckdb-text.ts'
import { quote } from '../runtime/offline/quote.ts'
import { converter, toStored } from '../runtime/on-demand/values.ts'
import type { StoredValue } from '../runtime/online/row.ts'

export interface TableRows {
  readonly table: string
  readonly columns: Columns
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

const together = 2_048

/** @throws TypeError where a value is not of its column's type, or a row has a column that there is not. */
export async function writeRows(path: string, tables: readonly TableRows[]): Promise<void> {
  const instance = await DuckDBInstance.create(path)
  const connection = await instance.connect()
  try {
    const catalog = (await connection.runAndReadAll('SELECT current_database()')).getRows()[0]?.[0]
    for (const { table, columns, rows } of tables) {
      const fields = Object.entries(columns).map(([name, type]) => ({ name, type }))
      const list = fields.map(({ name, type }) => `${quote(name)} ${typeText(type)}`)
      await connection.run(`CREATE TABLE ${quote(table)} (__row BIGINT, ${list.join(', ')})`)
      const appended = await appendTo(connection, { name: table, catalog: String(catalog) }, fields)
      for (let start = 0; start < rows.length; start += together) {
        const some = rows.slice(start, start + together)
        for (const row of some) mustHave(columns, row, table)
        appended.append(
          some.map((_, index) => BigInt(start + index)),
          fields.map(({ name, type }) => some.map(row => stored(row[name], type, `${table}, ${name}`))),
        )
      }
      appended.close()
    }
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

function mustHave(columns: Columns, row: Readonly<Record<string, unknown>>, table: string): void {
  const unknown = Object.keys(row).filter(name => !Object.hasOwn(columns, name))
  if (unknown.length > 0) throw new TypeError(`${table}: there is no column ${unknown.join(', ')}`)
}

function stored(value: unknown, type: ValueType, where: string): StoredValue {
  if (value === null || value === undefined) return null
  try {
    if (type.type === 'timestamp') return toMicroseconds(value as string)
    return toStored(converter(type)(value), type)
  } catch (error) {
    throw new TypeError(`${where}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}
