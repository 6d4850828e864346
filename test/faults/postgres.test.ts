/** Postgres dies, pauses and comes back in the midst of work: nothing hangs, errors say what happened, and all goes on. */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { ColumnTypes } from '../../runtime/offline/engine.ts'
import { PostgresEngine } from '../../runtime/offline/postgres.ts'
import { TrainingData } from '../../runtime/offline/training-data.ts'
import { codeOf, rowsOf } from '../contract/offline-engine.ts'
import { type OwnServer, ownPostgresServer } from '../servers.ts'

const none: ColumnTypes = new Map()
const key = { name: 'k', type: { type: 'string' } } as const
const relation = {
  name: 'events',
  statement: `CREATE OR REPLACE TEMP VIEW events AS SELECT 'a'::text AS k, 1 AS n`,
  snapshot: null,
}
const lookupSql = `SELECT 0::bigint AS __row, n FROM events
  WHERE $1::timestamp IS NOT NULL AND k = ANY ($2::text[])`
const asked = { keys: [key], rows: [['a']], asOf: 0n }
const slow = 'SELECT 0::bigint AS __row, pg_sleep(300)::text AS slept'
const endless = `SELECT i::text AS i, repeat('x', 200) AS x FROM generate_series(1, 100000000) AS n(i)`

interface Given {
  readonly engine: PostgresEngine
  readonly server: OwnServer
}

let started: Promise<OwnServer> | null = null
const sleep = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds))

const given = (work: (given: Given) => Promise<void>) => async () => {
  started ??= ownPostgresServer()
  const server = await started
  const engine = await PostgresEngine.open({ url: server.url, lookupTimeout: 500, connectTimeout: 1_000 })
  try {
    await work({ engine, server })
  } finally {
    await within(20_000, server.restart())
    await within(10_000, engine.close())
  }
}

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it hangs for ${milliseconds} ms`)), milliseconds)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

async function look(engine: PostgresEngine): Promise<unknown> {
  const session = await engine.session([relation])
  try {
    const { chunks } = await session.lookup(lookupSql, asked, none)
    for await (const { columns } of chunks) return columns[1]
    return []
  } finally {
    session.release()
  }
}

/** Training data of one view, whose statement is given. */
function training(
  engine: PostgresEngine,
  view: string,
  sql: string,
  spine?: AsyncGenerator<never>,
): TrainingData<object> {
  const rows = [{ k: 'a', event_timestamp: '2001-06-15T12:00:00Z' }]
  return new TrainingData(
    {
      engine,
      relations: [relation],
      steps: [{ kind: 'statement', name: 'v', sql: view }],
      sql,
      spine: { keys: [key], features: [] },
      columns: [key],
    },
    { spine: spine ?? rows },
  )
}

const quick = 'SELECT __row, 1 AS n FROM spine'

async function recovers(engine: PostgresEngine, server: OwnServer): Promise<void> {
  await within(20_000, server.restart())
  const back = performance.now()
  while (true) {
    try {
      assert.equal(await look(engine), [1])
      break
    } catch (error) {
      if (performance.now() - back > 1_000) throw error
      await sleep(50)
    }
  }
  assert.is(
    (await training(engine, quick, 'SELECT k, n FROM spine JOIN v__features USING (__row)').toArray()).length,
    1,
  )
}

test(
  'a server that is killed: training, streams, files and spines fail with their own errors, and work again after it',
  given(async ({ engine, server }) => {
    const folder = await mkdtemp(join(tmpdir(), 'meridian-faults-'))
    const never = async function* (): AsyncGenerator<never> {
      const row = { k: 'a', event_timestamp: '2001-06-15T12:00:00Z', x: 'x'.repeat(1000) }
      for (;;) {
        yield row as never
        await new Promise(setImmediate)
      }
    }
    const read = async (data: TrainingData<object>) => {
      for await (const _ of data);
    }
    const works = {
      view: () => training(engine, slow, 'SELECT 1').toArray(),
      rows: () => read(training(engine, quick, endless)),
      csv: () => training(engine, quick, endless).toCsv(join(folder, 'x.csv')),
      parquet: () => training(engine, quick, endless).toParquet(join(folder, 'x.parquet')),
      table: () => training(engine, quick, slow).toTable('never'),
      spine: () => training(engine, quick, 'SELECT 1', never()).toArray(),
    }
    for (const [what, work] of Object.entries(works)) {
      const failing = codeOf(work)
      failing.catch(() => {})
      await sleep(500)
      await within(20_000, server.kill())
      const error = await within(3_000, failing)
      assert.is(error.code, 'training.failed', what)
      assert.match(error.message, /the connection to Postgres at 127\.0\.0\.1:\d+\/postgres was lost/, what)
      const { code } = await within(
        3_000,
        codeOf(() => look(engine)),
      )
      assert.is(code, 'database.unavailable')
      await recovers(engine, server)
    }
    assert.equal(await readdir(folder), [])
    await rm(folder, { recursive: true })
  }),
)

test(
  'a server that is paused: lookups, new and old connections end in time, and go on when it does',
  given(async ({ engine, server }) => {
    assert.equal(await look(engine), [1])
    server.pause()
    for (let tries = 0; tries < 3; tries += 1) {
      const begin = performance.now()
      const { code } = await within(
        5_000,
        codeOf(() => look(engine)),
      )
      assert.is(code, 'database.unavailable')
      assert.ok(performance.now() - begin < 3_000)
    }
    server.resume()
    const resumed = performance.now()
    assert.equal(await within(1_000, look(engine)), [1])
    assert.ok(performance.now() - resumed < 1_000)
  }),
)

test(
  'work that is aborted while the server is paused ends, and closing the engine too',
  given(async ({ engine, server }) => {
    const aborting = new AbortController()
    const session = await engine.session([relation])
    const failing = codeOf(() => session.createTemporary('v__features', slow, {}, aborting))
    failing.catch(() => {})
    await sleep(200)
    server.pause()
    aborting.abort()
    assert.is((await within(6_000, failing)).code, 'aborted')
    session.release()
    const other = await PostgresEngine.open({ url: server.url, connectTimeout: 500 }).catch(error => error)
    assert.is(other.code, 'database.unavailable')
    await within(6_000, engine.close())
    server.resume()
  }),
)

test(
  'a long statement outlasts a pause',
  given(async ({ engine, server }) => {
    const session = await engine.session([relation])
    const rows = rowsOf(session, `SELECT i FROM generate_series(1, 1000000) AS n(i)`)
    await sleep(100)
    server.pause()
    await sleep(1_000)
    server.resume()
    assert.is((await within(20_000, rows)).length, 1_000_000)
    session.release()
  }),
)

test(
  'connections that broke while nobody used them are not handed out',
  given(async ({ engine, server }) => {
    const sessions = await Promise.all([1, 2, 3].map(() => engine.session([relation])))
    for (const session of sessions) session.release()
    await within(20_000, server.restart())
    assert.equal(await look(engine), [1])
    await recovers(engine, server)
  }),
)

test.after(async () => {
  if (started) await within(20_000, (await started).stop())
})

test.run()
