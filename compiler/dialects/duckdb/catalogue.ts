/** An empty DuckDB in memory, on which the statements of a build must prepare before they are written. */
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { Column, Source } from '../../catalog/catalog.ts'
import type { Described, EmptyCatalogue } from '../dialect.ts'
import { filePath, from, queryText } from './relation.ts'
import { ticks } from './ticks.ts'
import { featuresTable } from './training.ts'
import { accepts, identifier, text, typeName } from './types.ts'

const parallel = 2
/** The columns of recorded ticks, as the runtime makes their table. */
const recorded =
  'view VARCHAR, fingerprint VARCHAR, tick TIMESTAMP, started TIMESTAMP, completed TIMESTAMP, rows BIGINT'
/** Statements that are prepared in one call. */
const batch = 25

export async function openCatalogue(): Promise<EmptyCatalogue> {
  const instance = await DuckDBInstance.create(':memory:')
  const connections = await Promise.all(Array.from({ length: parallel }, () => instance.connect()))
  const [connection] = connections as [DuckDBConnection]
  for (const own of connections) {
    await own.run("SET TimeZone = 'UTC'")
    // Statements are bound, not run: how they would best be run need not be found out.
    await own.run('PRAGMA disable_optimizer')
    // The relation that reads the table which workers make; and the one that statements are prepared on.
    await own.run(`CREATE TABLE meridian_ticks (${recorded})`)
    for (const which of ['recorded', 'none'] as const) await own.run(ticks(which))
    await own.run('DROP TABLE meridian_ticks')
  }
  const columnList = (columns: readonly { name: string; type: Column['type'] }[]) =>
    columns.map(({ name, type }) => `${identifier(name)} ${typeName(type)}`)

  return {
    async createSource(source) {
      try {
        await connection.run(`CREATE TABLE ${identifier(source.name)} (${columnList(source.columns).join(', ')})`)
        return true
      } catch {
        return false
      }
    },
    async describeQuery(source) {
      return describe(connection, `FROM (\n${queryText(source)}\n)`)
    },
    async describeBinding(source, root) {
      const target = source.relations.duckdb
      if (!target || target.kind === 'table') return null
      await connection.run(`SET file_search_path = ${text(root)}`)
      await connection.run(`SET VARIABLE project = ${text(root)}`)
      // A CSV file is asked for its columns first: declared types of columns that it lacks would be an error of another kind.
      const described =
        target.kind === 'file' && target.format === 'csv'
          ? await describeCsv(connection, source, target.path)
          : await describe(connection, `FROM ${from(source)}`)
      return described.error !== null && unreachable.test(described.error) ? null : described
    },
    async createFeatures(features) {
      const tables = features.map(
        ({ name, columns }) =>
          `CREATE TABLE ${featuresTable(name)} (${['__row BIGINT', ...columnList(columns)].join(', ')});`,
      )
      if (tables.length > 0) await connection.run(tables.join('\n'))
    },
    async prepare(columns, statements) {
      const errors = new Array<string | null>(statements.length).fill(null)
      const starts = Array.from({ length: Math.ceil(statements.length / batch) }, (_, index) => index * batch)
      await Promise.all(
        connections.map(async own => {
          await createRequest(own, columnList(columns))
          for (let start = starts.shift(); start !== undefined; start = starts.shift()) {
            const found = await prepare(own, statements.slice(start, start + batch))
            for (const [index, error] of found.entries()) errors[start + index] = error
          }
        }),
      )
      return errors
    },
    async close() {
      for (const own of connections) own.closeSync()
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

async function describeCsv(connection: DuckDBConnection, source: Source, path: string): Promise<Described> {
  const plain = await describe(connection, `FROM read_csv(${filePath(path)})`)
  if (plain.error !== null) return plain
  const names = new Set(plain.columns.map(column => column.name))
  if (source.columns.every(column => names.has(column.name)) && (await reads(connection, from(source)))) {
    return describe(connection, `FROM ${from(source)}`)
  }
  // What DuckDB guesses of a file is taken for its type where that says what is wrong.
  const declared = new Map(source.columns.map(column => [column.name, column.type]))
  const columns = plain.columns.map(({ name, type: guessed }) => {
    const type = declared.get(name)
    return { name, type: type && (type.type === 'decimal' || accepts(type, guessed)) ? typeName(type) : guessed }
  })
  return { error: null, columns }
}

/** Whether the first rows can be read as what is declared. */
async function reads(connection: DuckDBConnection, relation: string): Promise<boolean> {
  try {
    await connection.run(`FROM ${relation} LIMIT 2048`)
    return true
  } catch {
    return false
  }
}

/** The tables that statements read; each connection has its own. */
async function createRequest(connection: DuckDBConnection, columns: readonly string[]): Promise<void> {
  const keys = ['__row BIGINT', ...columns]
  for (const [table, all] of [
    ['spine', [...keys, 'event_timestamp TIMESTAMP']],
    ['keys', keys],
  ] as const)
    await connection.run(`CREATE OR REPLACE TEMP TABLE ${table} (${all.join(', ')})`)
}

/** In one call, which runs on a thread of its own; where one fails, each by itself. */
async function prepare(connection: DuckDBConnection, statements: readonly string[]): Promise<(string | null)[]> {
  try {
    await connection.run(statements.map(statement => `PREPARE statement AS\n${statement};`).join('\n'))
    return statements.map(() => null)
  } catch {
    const errors: (string | null)[] = []
    for (const statement of statements) errors.push(await problemOf(connection, statement))
    return errors
  }
}

async function problemOf(connection: DuckDBConnection, statement: string): Promise<string | null> {
  try {
    const prepared = await connection.prepare(statement)
    prepared.destroySync()
    return null
  } catch (error) {
    return (error as Error).message
  }
}
