/** An empty DuckDB in memory, on which the statements of a build must prepare before they are written. */
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { Column } from '../../catalog/catalog.ts'
import type { Described, EmptyCatalogue, PrepareResult } from '../dialect.ts'
import { from, queryText } from './relation.ts'
import { accepts, identifier, text, typeName } from './types.ts'

export async function openCatalogue(): Promise<EmptyCatalogue> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run("SET TimeZone = 'UTC'")
  const columnList = (columns: readonly { name: string; type: Column['type'] }[]) =>
    columns.map(({ name, type }) => `${identifier(name)} ${typeName(type)}`).join(', ')

  return {
    async createSource(source) {
      await connection.run(`CREATE TEMP TABLE ${identifier(source.name)} (${columnList(source.columns)})`)
    },
    async describeQuery(source) {
      return describe(connection, `FROM (\n${queryText(source)}\n)`)
    },
    async describeBinding(source, root) {
      const target = source.relations.duckdb
      if (!target || target.kind === 'table') return null
      await connection.run(`SET file_search_path = ${text(root)}`)
      const described = await describe(connection, `FROM ${from(source)}`)
      return described.error !== null && unreachable.test(described.error) ? null : described
    },
    async createRequest(keys) {
      for (const [table, instant] of [
        ['spine', ', event_timestamp TIMESTAMP'],
        ['keys', ''],
      ])
        await connection.run(`CREATE OR REPLACE TEMP TABLE ${table} (__row BIGINT, ${columnList(keys)}${instant})`)
    },
    prepare: statement => prepare(connection, statement),
    accepts: (column, actual) => accepts(column.type, actual),
    typeName: column => typeName(column.type),
    async close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

/** Data that this machine cannot see: the check is left to the machine that runs the statements. */
const unreachable = /^(IO Error|HTTP Error|Catalog Error: Table with name)/

async function describe(connection: DuckDBConnection, from: string): Promise<Described> {
  try {
    const reader = await connection.runAndReadAll(`DESCRIBE ${from}`)
    const columns = reader.getRows().map(row => ({ name: String(row[0]), type: String(row[1]) }))
    return { columns, error: null }
  } catch (error) {
    return { columns: null, error: (error as Error).message.split('\n')[0] ?? '' }
  }
}

async function prepare(connection: DuckDBConnection, statement: string): Promise<PrepareResult> {
  try {
    const prepared = await connection.prepare(statement)
    prepared.destroySync()
    return { error: null }
  } catch (error) {
    return { error: (error as Error).message }
  }
}
