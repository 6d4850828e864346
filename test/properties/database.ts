/** A project's rows in a DuckDB database. */
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { SourceDefinition } from 'meridian'
import type { SourceRow } from '../reference/index.ts'
import type { Project } from './project.ts'
import { duckdbLiteral, duckdbType, quoteName } from './values.ts'

const tableOf = (source: SourceDefinition): string => quoteName(`raw ${source.name}`)

export async function createTables(connection: DuckDBConnection, { sources }: Project): Promise<void> {
  for (const source of sources) {
    const columns = Object.entries(source.columns).map(([name, type]) => `${quoteName(name)} ${duckdbType(type)}`)
    await connection.run(`CREATE TABLE ${tableOf(source)} (${columns.join(', ')})`)
  }
}

/** In place of the rows that are there. */
export async function replaceRows(
  connection: DuckDBConnection,
  { sources }: Project,
  rows: Readonly<Record<string, readonly SourceRow[]>>,
): Promise<void> {
  for (const source of sources) {
    const tuples = rows[source.name]!.map(row => {
      const values = Object.entries(source.columns).map(([name, type]) => duckdbLiteral(row[name], type))
      return `(${values.join(', ')})`
    })
    await connection.run(`DELETE FROM ${tableOf(source)}`)
    if (tuples.length > 0) await connection.run(`INSERT INTO ${tableOf(source)} VALUES ${tuples.join(', ')}`)
  }
}

export async function openDatabase(path: string): Promise<{ connection: DuckDBConnection; close: () => void }> {
  const instance = await DuckDBInstance.create(path)
  const connection = await instance.connect()
  await connection.run("SET TimeZone = 'UTC'")
  return {
    connection,
    close: () => {
      connection.closeSync()
      instance.closeSync()
    },
  }
}
