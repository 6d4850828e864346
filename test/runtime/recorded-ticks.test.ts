/**
 * Completed ticks: how engines record them, and training data that goes by what was recorded. One file because both engines
 * run the same tests over the same project.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { build } from 'meridian/compiler'
import type { Store as AnyStore, TrainingDataOptions } from 'meridian/runtime'
import pg from 'pg'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Artefacts } from '../../runtime/artefacts.ts'
import { DuckDBEngine } from '../../runtime/offline/duckdb.ts'
import type { OfflineEngine } from '../../runtime/offline/engine.ts'
import { PostgresEngine } from '../../runtime/offline/postgres.ts'
import { MemoryStore } from '../../runtime/online/memory.ts'
import type { RecordedTick } from '../../runtime/schedule/recording.ts'
import { Store } from '../../runtime/store.ts'
import { postgresServer } from '../servers.ts'
import { failure } from './shop.ts'

/** A feature for each way of computing one. A payment becomes known when it is booked. */
const features = `
import { entity, featureService, featureView, source, sql, t } from 'meridian'
export const user = entity('user', { joinKeys: { view: t.string() } })
const payments = sql\`
  SELECT 'ada' AS view, CAST(10 AS INTEGER) AS amount, TIMESTAMP '2001-06-15 12:00:00' AS paid_at,
    TIMESTAMP '2001-06-15 12:00:00' AS booked_at
  UNION ALL SELECT 'ada', 20, TIMESTAMP '2001-06-15 12:05:00', TIMESTAMP '2001-06-15 12:05:00'
  UNION ALL SELECT 'ada', 30, TIMESTAMP '2001-06-15 12:10:00', TIMESTAMP '2001-06-15 12:10:00'\`
const columns = { view: t.string(), amount: t.int32(), paid_at: t.timestamp(), booked_at: t.timestamp() }
const at = { columns, eventTimestamp: 'paid_at', tieBreak: ['amount'], duckdb: payments, postgres: payments }
export const payment = source('payment', at)
export const booking = source('booking', { ...at, createdTimestamp: 'booked_at' })
const refreshed = { entity: user, refresh: '5m', materialize: true }
const all = ({ count, countDistinct, first, last, max, min, sum }) => ({
  last_paid: last('amount'), first_paid: first('amount'), n: count(), n_1h: count().over('1h'),
  spent_1h: sum('amount').over('1h'), least: min('amount'), most_1h: max('amount').over('1h'),
  kinds: countDistinct('amount'), kinds_1h: countDistinct('amount').over('1h'),
})
export const paid = featureView('paid', { ...refreshed, source: payment, features: all })
export const booked = featureView('booked', { ...refreshed, source: booking, boundary: 'before', features: words =>
  Object.fromEntries(Object.entries(all(words)).map(([name, feature]) => ['booked_' + name, feature])) })
export const everything = featureService('everything', [paid, booked])
`

const generated = await mkdtemp(join(tmpdir(), 'meridian-ticks-'))
test.after(() => rm(generated, { recursive: true }))
test.before(async () => {
  await writeFile(join(generated, 'features.ts'), features)
  const { diagnostics } = await build({ root: generated, definitions: 'features.ts', output: 'generated', name: 'pay' })
  assert.equal(diagnostics, [])
})

const storeOn = async (engine: OfflineEngine, now = () => new Date()): Promise<AnyStore> =>
  new Store({ artefacts: await Artefacts.open(join(generated, 'generated')), engine, online: new MemoryStore(), now })

interface Opened {
  readonly engine: OfflineEngine
  /** Another on the same database. */
  readonly another: () => Promise<OfflineEngine>
  readonly close: () => Promise<void>
}

const engines: Readonly<Record<string, () => Promise<Opened>>> = {
  duckdb: async () => {
    const engine = await DuckDBEngine.open('.')
    return { engine, another: async () => engine, close: () => engine.close() }
  },
  postgres: async () => {
    const server = await postgresServer()
    const open = () => PostgresEngine.open({ url: server.url, poolSize: 1 })
    const engine = await open()
    const close = async () => {
      await engine.close()
      await server.stop()
    }
    return { engine, another: open, close }
  },
}

const micros = (time: string): bigint => BigInt(Date.parse(`2001-06-15T${time}Z`)) * 1000n

const done = (tick: string, completed: string, more: Partial<RecordedTick> = {}): RecordedTick => ({
  view: 'paid',
  fingerprint: 'layout',
  tick: micros(tick),
  started: micros(tick),
  completed: micros(completed),
  rows: 1,
  ...more,
})

const both = (ticks: readonly RecordedTick[]): RecordedTick[] =>
  ticks.flatMap(tick => [tick, { ...tick, view: 'booked' }])

const asked = (times: readonly string[]): TrainingDataOptions => ({
  spine: times.map(time => ({ view: 'ada', event_timestamp: `2001-06-15T${time}Z` })),
  accuracy: 'as_served',
  ticks: 'recorded',
})

for (const [name, open] of Object.entries(engines)) {
  const given = (work: (opened: Opened) => Promise<void>) => async () => {
    const opened = await open()
    try {
      await work(opened)
    } finally {
      await opened.close()
    }
  }

  test(
    `${name}: what was online is the newest tick that was completed by then`,
    given(async ({ engine }) => {
      const store = await storeOn(engine)
      await engine.recordTicks(
        both([
          done('12:00:00', '12:00:02'),
          // An outage; then late; then an older tick, which a worker that was paused ends last.
          done('12:10:00', '12:13:00'),
          done('12:05:00', '12:14:00'),
        ]),
      )
      const times = ['12:00:01.999', '12:00:02', '12:12:59.999', '12:13:00', '12:14:00', '13:00:00']
      const rows = await store.service('everything').trainingData(asked(times)).columns()
      assert.equal(rows.last_paid, [null, 10, 10, 30, 30, 30])
      assert.equal(rows.n, [0, 1, 1, 3, 3, 3])
      // The row at the tick itself is not before it.
      assert.equal(rows.booked_n, [0, 0, 0, 2, 2, 2])
      // Each form: before the first tick the store was empty, though a later row of the spine sees rows.
      const { event_timestamp, ...features } = rows
      const at = (index: number) =>
        Object.fromEntries(Object.entries(features).map(([feature, values]) => [feature, values[index]]))
      const nothing = (prefix: string) => ({
        [`${prefix}last_paid`]: null,
        [`${prefix}first_paid`]: null,
        [`${prefix}n`]: 0,
        [`${prefix}n_1h`]: 0,
        [`${prefix}spent_1h`]: null,
        [`${prefix}least`]: null,
        [`${prefix}most_1h`]: null,
        [`${prefix}kinds`]: 0,
        [`${prefix}kinds_1h`]: 0,
      })
      assert.equal(at(0), {
        view: 'ada',
        ...nothing(''),
        ...nothing('booked_'),
      })
      assert.equal(at(3), {
        view: 'ada',
        last_paid: 30,
        first_paid: 10,
        n: 3,
        n_1h: 3,
        spent_1h: 60,
        least: 10,
        most_1h: 30,
        kinds: 3,
        kinds_1h: 3,
        booked_last_paid: 20,
        booked_first_paid: 10,
        booked_n: 2,
        booked_n_1h: 2,
        booked_spent_1h: 30,
        booked_least: 10,
        booked_most_1h: 20,
        booked_kinds: 2,
        booked_kinds_1h: 2,
      })
      // The same connection goes by scheduled ticks again.
      const scheduled = await store
        .view('paid')
        .trainingData({ ...asked(times), ticks: 'scheduled' })
        .columns()
      assert.equal(scheduled.last_paid, [10, 10, 30, 30, 30, 30])
      assert.equal((await store.view('paid').trainingData(asked(times)).columns()).n, [0, 1, 1, 3, 3, 3])
    }),
  )

  test(
    `${name}: of several completions of a tick the first counts, in whatever order they are recorded`,
    given(async ({ engine }) => {
      const store = await storeOn(engine)
      const first = done('12:05:00', '12:05:10', { rows: 7 })
      const again = done('12:05:00', '12:06:00')
      await engine.recordTicks([again, first])
      await engine.recordTicks([again])
      const n = async () =>
        (
          await store
            .view('paid')
            .trainingData(asked(['12:05:09', '12:05:10']))
            .columns()
        ).n
      assert.equal(await n(), [0, 2])
      await engine.recordTicks([done('12:05:00', '12:05:09', { fingerprint: 'another layout' })])
      assert.equal(await n(), [2, 2])
    }),
  )

  test(
    `${name}: workers that record their first ticks at once make one table`,
    given(async ({ engine, another }) => {
      const others = await Promise.all([another(), another(), another()])
      await Promise.all(
        [engine, ...others].map((one, index) =>
          one.recordTicks([done(`12:0${index}:00`, '12:30:00'), done('12:10:00', '12:31:00')]),
        ),
      )
      await Promise.all(others.map(other => (other === engine ? null : other.close())))
      const store = await storeOn(engine)
      assert.equal(
        (
          await store
            .view('paid')
            .trainingData(asked(['12:30:00', '12:31:00']))
            .columns()
        ).n,
        [1, 3],
      )
    }),
  )

  test(
    `${name}: where nothing was recorded, that is said; what was scheduled needs no table`,
    given(async ({ engine }) => {
      const store = await storeOn(engine)
      const { message } = await failure('ticks.missing', () =>
        store
          .view('paid')
          .trainingData(asked(['12:00:00']))
          .toArray(),
      )
      assert.match(message, /^recorded ticks cannot be read: .*meridian_ticks.*\. Workers record them/)
      const exact = await store
        .service('everything')
        .trainingData({ ...asked(['12:00:00']), accuracy: 'exact', ticks: 'scheduled' })
        .columns()
      assert.equal(exact.n, [1])
      await failure('training.failed', () =>
        store
          .view('paid')
          .trainingData({ ...asked(['12:00:00']), accuracy: 'exact' })
          .toArray(),
      )
      await store.close()
      await failure('store.closed', () => engine.recordTicks([done('12:00:00', '12:00:02')]))
    }),
  )

  test(
    `${name}: what workers did is what training data finds`,
    given(async ({ engine }) => {
      const start = Date.now()
      // The next tick comes in a moment.
      const now = () => new Date(Date.parse('2001-06-15T12:04:58.500Z') + Date.now() - start)
      const store = await storeOn(engine, now)
      const completed: number[] = []
      const refreshing = store.startRefreshing({
        views: ['paid'],
        observe: event => {
          if (event.kind === 'tick.completed') completed.push(event.rows)
          if (event.kind === 'record.failed') throw event.error
        },
      })
      for (let tries = 0; completed.length < 2 && tries < 1000; tries += 1) await sleep(10)
      const at = now()
      const online = await store.view('paid').get({ view: 'ada' }, { at })
      await refreshing.stop()
      const [row] = await store
        .view('paid')
        .trainingData({ spine: [{ view: 'ada', event_timestamp: at }], accuracy: 'as_served', ticks: 'recorded' })
        .toArray()
      const { view, event_timestamp, ...offline } = row as Record<string, unknown>
      assert.equal(completed, [1, 1])
      assert.equal(offline, online)
      assert.is(offline.n, 2)
    }),
  )
}

test('postgres: the rights to record are those on the table, where its owner has made it', async () => {
  const server = await postgresServer()
  const owner = new pg.Client(server.url)
  await owner.connect()
  await owner.query("CREATE ROLE recorder LOGIN PASSWORD 'recorder'; REVOKE CREATE ON SCHEMA public FROM PUBLIC")
  const url = new URL(server.url)
  url.username = 'recorder'
  url.password = 'recorder'
  const engine = await PostgresEngine.open({ url: url.href, poolSize: 1 })
  const [tick, again] = [done('12:00:00', '12:00:02'), done('12:00:00', '12:00:01')]
  const refused = await failure('ticks.refused', () => engine.recordTicks([tick]))
  assert.match(refused.message, /could not be recorded in meridian_ticks: permission denied for schema public/)
  await owner.query(`CREATE TABLE meridian_ticks (view TEXT, fingerprint TEXT, tick TIMESTAMPTZ, started TIMESTAMPTZ,
    completed TIMESTAMPTZ, rows BIGINT, PRIMARY KEY (view, fingerprint, tick))`)
  await failure('ticks.refused', () => engine.recordTicks([tick]))
  await owner.query('GRANT SELECT, INSERT, UPDATE ON meridian_ticks TO recorder')
  await engine.recordTicks([tick])
  await engine.recordTicks([again])
  const { rows } = await owner.query<{ completed: Date }>('SELECT completed FROM meridian_ticks')
  assert.equal(rows, [{ completed: new Date('2001-06-15T12:00:01Z') }])
  await engine.close()
  await owner.query('DROP OWNED BY recorder; DROP ROLE recorder')
  await owner.end()
  await server.stop()
})

test.run()
