/**
 * An empty Postgres in this process, on which the statements of a build must prepare before they are written: PGlite,
 * which is Postgres itself compiled to WebAssembly. One serves all builds of a process, one after the other.
 */
import type { PGlite } from '@electric-sql/pglite'
import type { Column } from '../../catalog/catalog.ts'
import type { Described, EmptyCatalogue } from '../dialect.ts'
import { queryText } from './relation.ts'
import { startServer } from './server.ts'
import { ticks } from './ticks.ts'
import { featuresTable } from './training.ts'
import { identifier, typeName } from './types.ts'

let running: Promise<PGlite> | null = null
/** Resolves when the build before has given the server back. */
let free: Promise<void> = Promise.resolve()

/**
 * An idle server reports its statistics after ten seconds, by a timer that would keep the process alive until then. What
 * is to be reported is reported at once, and a timer of one millisecond takes the place of the other.
 */
const rest = ['SET statement_timeout = 1', 'SELECT pg_stat_force_next_flush()']

/** The relation that reads the table which workers make, with its columns; and the one that statements are prepared on. */
const tickRelations = `
  DROP VIEW IF EXISTS pg_temp.meridian__ticks;
  BEGIN;
  CREATE TABLE meridian_ticks
    (view TEXT, fingerprint TEXT, tick TIMESTAMPTZ, started TIMESTAMPTZ, completed TIMESTAMPTZ, rows BIGINT);
  ${ticks('recorded')};
  ROLLBACK;
  ${ticks('none')}`

export async function openCatalogue(): Promise<EmptyCatalogue> {
  const before = free
  let release = (): void => {}
  free = new Promise(resolve => {
    release = resolve
  })
  running ??= startServer()
  let server: PGlite
  try {
    ;[server] = await Promise.all([running, before])
    await server.exec('SET statement_timeout = 0; CREATE SCHEMA scratch; SET search_path = scratch')
    await server.exec(tickRelations)
  } catch (error) {
    release()
    throw error
  }
  const columnList = (columns: readonly { name: string; type: Column['type'] }[]) =>
    columns.map(({ name, type }) => `${identifier(name)} ${typeName(type)}`)

  return {
    async createSource(source) {
      return (
        (await problemOf(
          server,
          `CREATE TABLE ${identifier(source.name)} (${columnList(source.columns).join(', ')})`,
        )) === null
      )
    },
    describeQuery: source => describe(server, queryText(source)),
    async describeBinding(source) {
      if (source.relations.postgres?.kind === 'file')
        return { columns: null, error: 'Postgres reads no files: bind the source to a table or a query' }
      // Tables are where the statements run, not here; the text of a query can be read all the same.
      if (source.relations.postgres?.kind !== 'query') return null
      const described = await describe(server, queryText(source))
      return described.error !== null && unreachable.test(described.error) ? null : described
    },
    async createFeatures(features) {
      const tables = features.map(
        ({ name, columns }) =>
          `CREATE TABLE ${featuresTable(name)} (${['__row BIGINT', ...columnList(columns)].join(', ')});`,
      )
      await server.exec(tables.join('\n'))
    },
    async prepare(columns, statements) {
      await server.exec('DROP TABLE IF EXISTS spine')
      const spine = ['__row BIGINT', ...columnList(columns), 'event_timestamp TIMESTAMP']
      await server.exec(`CREATE TABLE spine (${spine.join(', ')})`)
      const problems: (string | null)[] = []
      for (const statement of statements) problems.push(await preparing(server, statement))
      return problems
    },
    async close() {
      try {
        await server.exec('SET client_min_messages = warning; DROP SCHEMA scratch CASCADE')
        for (const statement of rest) await server.exec(statement)
      } finally {
        release()
      }
    },
  }
}

/** Data that this machine cannot see: the check is left to the machine that runs the statements. */
const unreachable = /^(relation|schema|function|type) .* does not exist/

async function describe(server: PGlite, query: string): Promise<Described> {
  const error = await problemOf(server, `CREATE VIEW described AS\n${query}\n`)
  if (error !== null) return { columns: null, error }
  const { rows } = await server.query<{ name: string; type: string }>(
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type
    FROM pg_attribute
    WHERE attrelid = 'described'::regclass AND attnum > 0
    ORDER BY attnum`,
  )
  await server.exec('DROP VIEW described')
  return { columns: rows, error: null }
}

async function preparing(server: PGlite, statement: string): Promise<string | null> {
  try {
    await server.describeQuery(statement)
    return null
  } catch (error) {
    return (error as Error).message
  }
}

async function problemOf(server: PGlite, statement: string): Promise<string | null> {
  try {
    await server.exec(statement)
    return null
  } catch (error) {
    return (error as Error).message
  }
}
