/** What the Postgres engine does beyond the contract of engines: snapshots, timeouts and its pool. */
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { ColumnTypes } from '../../runtime/offline/engine.ts'
import { PostgresEngine } from '../../runtime/offline/postgres.ts'
import { codeOf, failed, rowsOf } from '../contract/offline-engine.ts'
import { given, instant, key, request, source } from './postgres-engine.ts'

const none: ColumnTypes = new Map()
const lookupSql = (sql: string) =>
  `SELECT 0::bigint AS __row, v FROM (${sql}) AS t(v) WHERE $1::timestamp IS NOT NULL AND $2::text[] IS NOT NULL`
const asked = { keys: [key], rows: [['a']], asOf: 0n }
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
