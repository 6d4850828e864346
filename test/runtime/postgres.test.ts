/** What the Postgres engine does beyond the contract of engines: snapshots, timeouts, its pool, and Postgres' own types. */
import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { ColumnTypes, Relation } from '../../runtime/offline/engine.ts'
import { PostgresEngine, type PostgresOptions } from '../../runtime/offline/postgres.ts'
import { codeOf, failed, printable, rowsOf } from '../contract/offline-engine.ts'
import { postgresServer } from '../servers.ts'

interface Given {
  readonly engine: PostgresEngine
  readonly url: string
  /** Runs a statement on a connection of its own. */
  readonly run: (sql: string) => Promise<Record<string, unknown>[]>
}

const given =
  (work: (given: Given) => Promise<void>, options: Omit<PostgresOptions, 'url'> = {}) =>
  async () => {
    const server = await postgresServer()
    const client = new Client({ connectionString: server.url })
    await client.connect()
    const engine = await PostgresEngine.open({ url: server.url, ...options })
    try {
      await printable(() => work({ engine, url: server.url, run: async sql => (await client.query(sql)).rows }))
    } finally {
      await engine.close()
      await client.end()
      await server.stop()
    }
  }

const key = { name: 'k', type: { type: 'string' } } as const
const request = { keys: [key], features: ['f'] }
const none: ColumnTypes = new Map()
const instant = '2001-06-15T12:00:00Z'
const lookupSql = (sql: string) =>
  `SELECT 0::bigint AS __row, v FROM (${sql}) AS t(v) WHERE $1::timestamp IS NOT NULL AND $2::text[] IS NOT NULL`
const asked = { keys: [key], rows: [['a']], asOf: 0n }
const source = (name: string, sql: string, snapshot: string | null = null): Relation => ({
  name,
  statement: `CREATE OR REPLACE TEMP VIEW ${name} AS ${sql}`,
  snapshot,
})
/** A query that is evaluated once for training data. */
const query = source(
  'totals',
  'SELECT k, count(*) AS n FROM public.events GROUP BY k',
  `CREATE TEMP TABLE totals ON COMMIT DROP AS SELECT k, count(*) AS n FROM public.events GROUP BY k;
  CREATE INDEX ON totals (k); ANALYZE totals`,
)

test(
  'a session sees one state of the data from its first statement on, its queries evaluated once',
  given(async ({ engine, run }) => {
    await run(`CREATE TABLE events AS SELECT 'a'::text AS k`)
    const relations = [source('events', 'SELECT k FROM public.events'), query]
    const count = 'SELECT (SELECT n FROM totals) AS totals, (SELECT count(*) FROM events) AS events'
    const session = await engine.session(relations, { forTraining: true })
    await session.loadSpine([{ k: 'a', event_timestamp: instant }], request)
    await run(`INSERT INTO events VALUES ('a')`)
    await session.createTemporary('v__features', `SELECT 0 AS __row, t.* FROM (${count}) AS t`, {})
    await run(`INSERT INTO events VALUES ('a')`)
    assert.equal(await rowsOf(session, `SELECT totals, events FROM v__features UNION ALL ${count}`), [
      [1n, 1n],
      [1n, 1n],
    ])
    session.release()
  }),
)

test(
  'the table that a query became gives way to its view again, rolled back or committed',
  given(
    async ({ engine, run }) => {
      await run(`CREATE TABLE events AS SELECT 'a'::text AS k`)
      const kind = `SELECT relkind::text FROM pg_class WHERE oid = 'totals'::regclass`
      const kindNow = async (forTraining: boolean) => {
        const session = await engine.session([query], { forTraining })
        const [[found] = []] = await rowsOf(session, kind)
        return { found, session }
      }
      // The one connection has the view, then the table in its place, then the view.
      for (const [forTraining, expected] of [
        [false, 'v'],
        [true, 'r'],
        [false, 'v'],
        [true, 'r'],
      ] as const) {
        const { found, session } = await kindNow(forTraining)
        assert.is(found, expected)
        session.release()
      }
      const { session } = await kindNow(true)
      assert.is(await session.createTable('SELECT * FROM totals', {}, 'kept'), 1)
      session.release()
      const after = await kindNow(false)
      assert.is(after.found, 'v')
      after.session.release()
      assert.equal(await run('SELECT n FROM kept'), [{ n: '1' }])
    },
    { poolSize: 1 },
  ),
)

test(
  'a relation whose statement is another is made anew',
  given(
    async ({ engine }) => {
      for (const columns of ["1 AS a, 'x'::text AS b", 'true AS a', "1 AS a, 'x'::text AS b"]) {
        const session = await engine.session([source('s', `SELECT ${columns}`), source('t', 'SELECT 5 AS c')])
        assert.is((await rowsOf(session, 'SELECT s.*, t.* FROM s, t'))[0]?.length, columns.split(',').length + 1)
        session.release()
      }
    },
    { poolSize: 1 },
  ),
)

test(
  'a source that cannot be read is named',
  given(async ({ engine }) => {
    const { code, details } = await codeOf(() => engine.session([source('s', 'SELECT * FROM public.nowhere')]))
    assert.equal([code, details.source], ['source.invalid', 's'])
    const bad = source('q', 'SELECT 1 AS a', 'CREATE TEMP TABLE q ON COMMIT DROP AS SELECT 1 / 0 AS a')
    const session = await engine.session([bad], { forTraining: true })
    assert.is((await codeOf(() => session.loadSpine([], request))).code, 'source.invalid')
    session.release()
  }),
)

test(
  'tables: with their schema, hidden by a source of their name, and rows in the order in which they lie',
  given(async ({ engine, run }) => {
    const at = `TIMESTAMP '2001-06-15' AS event_timestamp`
    await run(
      `CREATE SCHEMA ml; CREATE TABLE ml.labels AS SELECT i::text AS k, ${at} FROM generate_series(1, 200000) AS n(i)`,
    )
    await run(`CREATE TABLE s AS SELECT 'mine'::varchar(10) AS k, ${at}, 5 AS label`)
    const session = await engine.session([source('s', `SELECT 'other' AS k, ${at}`)])
    assert.is(await session.loadSpine({ table: 'ml.labels' }, request), 200_000)
    assert.equal(await rowsOf(session, 'SELECT count(*) AS n FROM spine WHERE __row + 1 = k::bigint'), [[200_000n]])
    await session.loadSpine({ table: 's' }, request)
    assert.equal(await rowsOf(session, 'SELECT k, label FROM spine'), [['mine', 5]])
    await session.createTable('SELECT k FROM spine', {}, 'ml.out')
    session.release()
    assert.equal(await run('SELECT k FROM ml.out'), [{ k: 'mine' }])
  }),
)

test(
  'columns of a spine may have any type of Postgres; keys the types of their kind',
  given(async ({ engine, run }) => {
    await run(`CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE DOMAIN code AS varchar(3)`)
    const session = await engine.session([])
    const sql = `SELECT 'glad'::mood AS k, DATE '2001-06-15' AS event_timestamp, 'abc'::code AS c, 1.50::numeric AS n,
      1.50::numeric(5,3) AS p, INTERVAL '1 day 2 hours' AS i, '{"b": 1}'::jsonb AS j, '10.0.0.1'::inet AS a, int4range(1, 5) AS r,
      ARRAY[1,2] AS l, TIMESTAMPTZ '2001-06-15 12:00+02' AS z, 'x'::char(3) AS g, 5::smallint AS s, 1.5::real AS e, '\\x00'::bytea AS b`
    await session.loadSpine({ sql }, request)
    const folder = await mkdtemp(join(tmpdir(), 'meridian-postgres-'))
    const select = 'SELECT k, event_timestamp, c, n, p, i, j, a, r, l, z, g, s, e, b FROM spine'
    const [row] = await rowsOf(session, select)
    const zoned = new Date('2001-06-15T10:00:00Z')
    const texts = ['abc', '1.50', '1.500', '1 day 02:00:00', '{"b": 1}', '10.0.0.1', '[1,5)', '{1,2}']
    assert.equal(row, ['glad', new Date('2001-06-15'), ...texts, zoned, 'x  ', 5, 1.5, Uint8Array.of(0)])
    await session.copy(select, {}, join(folder, 'all.parquet'), 'parquet')
    await session.copy(`${select};\n`, {}, join(folder, 'all.csv'), 'csv')
    assert.match(
      await readFile(join(folder, 'all.csv'), 'utf8'),
      /^k,event_timestamp,.*\nglad,2001-06-15 00:00:00,abc,1.50,/,
    )
    await session.loadSpine({ parquet: join(folder, 'all.parquet') }, request)
    const [again] = await rowsOf(session, select)
    assert.equal(again, row)
    session.release()
    await rm(folder, { recursive: true })
  }),
)

test(
  'problems that only Postgres has: long names, zero characters',
  given(async ({ engine }) => {
    const session = await engine.session([])
    const long = 'é'.repeat(32)
    const row = { k: 'a', event_timestamp: instant }
    const { message } = await codeOf(() => session.loadSpine([{ ...row, [long]: 1 }], request))
    assert.match(message, 'names of columns have at most 63 bytes')
    session.release()
    const next = await engine.session([])
    const zero = await codeOf(() => next.loadSpine([row, { ...row, k: 'a\0b' }], request))
    assert.is(zero.code, 'spine.invalid')
    assert.match(zero.message, 'line 2')
    next.release()
  }),
)

test(
  'an error of the rows themselves is told as it is',
  given(async ({ engine }) => {
    const session = await engine.session([])
    const rows = function* () {
      for (let index = 0; index < 5000; index += 1) yield { k: 'a', event_timestamp: instant }
      throw new RangeError('no more')
    }
    assert.instance(await failed(() => session.loadSpine(rows(), request)), RangeError)
    session.release()
  }),
)

test(
  'a lookup that takes too long is ended, and so is a statement where a bound is given',
  given(
    async ({ engine, run }) => {
      const session = await engine.session([])
      const { code, message } = await codeOf(() => session.lookup(lookupSql('SELECT pg_sleep(60)::text'), asked, none))
      assert.is(code, 'lookup.failed')
      assert.match(message, 'it took longer than 200 ms')
      // The session is as good as before.
      const { chunks } = await session.lookup(lookupSql("SELECT 'fine'"), asked, none)
      for await (const { columns } of chunks) assert.equal(columns, [[0n], ['fine']])
      session.release()
      const other = await engine.session([])
      assert.match(
        String(await failed(() => other.createTemporary('t', 'SELECT 0 AS __row, pg_sleep(60)::text AS slept', {}))),
        'timeout',
      )
      other.release()
      assert.equal(
        await run(
          `SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid() AND datname = current_database()`,
        ),
        [],
      )
    },
    { lookupTimeout: 200, statementTimeout: 300 },
  ),
)

test(
  'a lookup is one statement outside of a transaction, prepared once',
  given(
    async ({ engine, run }) => {
      for (let index = 0; index < 3; index += 1) {
        const session = await engine.session([])
        await session.lookup(lookupSql("SELECT 'x'"), asked, none)
        session.release()
      }
      const states = await run(
        `SELECT DISTINCT state FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
      )
      assert.ok(states.every(({ state }) => state === 'idle'))
      const session = await engine.session([])
      const prepared = await rowsOf(
        session,
        'SELECT calls FROM (SELECT count(*) AS calls FROM pg_prepared_statements) AS p',
      )
      assert.equal(prepared, [[1n]])
      session.release()
    },
    { poolSize: 1 },
  ),
)

test(
  'a table that was altered under a prepared lookup costs one failure',
  given(
    async ({ engine, run }) => {
      await run('CREATE TABLE t AS SELECT 1 AS v')
      const ask = async () => {
        const session = await engine.session([])
        try {
          const { chunks } = await session.lookup(lookupSql('SELECT v FROM public.t'), asked, none)
          for await (const { columns } of chunks) return columns[1]
        } finally {
          session.release()
        }
      }
      assert.equal(await ask(), [1])
      await run(`ALTER TABLE t ALTER COLUMN v TYPE text`)
      assert.is((await codeOf(ask)).code, 'lookup.failed')
      assert.equal(await ask(), ['1'])
    },
    { poolSize: 1 },
  ),
)

test(
  'who waits for a connection in vain is told that all are in use',
  given(
    async ({ engine }) => {
      const session = await engine.session([])
      const { code, message } = await codeOf(() => engine.session([]))
      assert.is(code, 'database.unavailable')
      assert.match(message, 'all 1 connections have been in use for 200 ms: raise poolSize')
      session.release()
      ;(await engine.session([])).release()
    },
    { poolSize: 1, connectTimeout: 200 },
  ),
)

test(
  'closing the engine ends its work',
  given(async ({ engine, run }) => {
    const session = await engine.session([])
    const work = codeOf(() => session.createTemporary('t', 'SELECT 0 AS __row, pg_sleep(60)::text AS slept', {}))
    await new Promise(resolve => setTimeout(resolve, 200))
    await engine.close()
    assert.is((await work).code, 'store.closed')
    session.release()
    // The server notices within two seconds that the client is gone.
    const left = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid() AND datname = current_database()`
    for (let tries = 0; (await run(left))[0]?.n !== 0; tries += 1) {
      assert.ok(tries < 60)
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  }),
)

test(
  'an address that leads nowhere is told without its password',
  given(async ({ url }) => {
    const address = new URL(url)
    address.password = 'hunter2'
    const elsewhere = [
      address.href.replace(/:\d+\//, ':1/'),
      address.href.replace(/\/[^/]*$/, '/nowhere'),
      'postgres://me:hunter2@host.invalid/db',
      'postgres://me:hunter2@:::/x',
    ]
    for (const url of elsewhere) {
      const error = await codeOf(() => PostgresEngine.open({ url }))
      assert.is(error.code, 'database.unavailable', url)
      const told = [error.message, JSON.stringify(error.details), String(error.cause), error.stack].join()
      assert.not.match(told, 'hunter2')
    }
    const { message } = await codeOf(() => PostgresEngine.open({ url: elsewhere[0] as string }))
    assert.match(message, /^Postgres at 127\.0\.0\.1:1\/.* cannot be reached: connect ECONNREFUSED/)
  }),
)

test('DuckDB is not loaded for work without files', async () => {
  const program = `
    const { PostgresEngine } = await import('./runtime/offline/postgres.ts')
    const { postgresServer } = await import('./test/servers.ts')
    const server = await postgresServer()
    const engine = await PostgresEngine.open({ url: server.url })
    const session = await engine.session([])
    await session.loadSpine([{ k: 'a', event_timestamp: '2001-01-01' }], { keys: [], features: [] })
    await session.copy('SELECT 1 AS a', {}, process.env.TARGET, 'csv')
    session.release()
    await engine.close()
    await server.stop()
    console.log(process.report.getReport().sharedObjects.filter(path => path.includes('duckdb')).length)
    process.exit(0)`
  const folder = await mkdtemp(join(tmpdir(), 'meridian-postgres-'))
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--conditions', 'meridian-source', '--input-type', 'module', '--eval', program],
    { encoding: 'utf8', env: { ...process.env, TARGET: join(folder, 'out.csv') } },
  )
  await rm(folder, { recursive: true })
  assert.is(stdout.trim(), '0', stderr)
})

test.run()
