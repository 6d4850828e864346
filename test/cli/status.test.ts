/** `meridian status`, and the logs, metrics and health of `meridian worker`, on the servers of production. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import pg from 'pg'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type OwnServer, ownRedisServer, postgresServer, type Server } from '../servers.ts'
import { config, type Workspace, withBuiltProject } from './command.ts'
import { endAll, type Log, Running } from './running.ts'

let postgres: Server
let redis: OwnServer
let client: pg.Client

test.before(async () => {
  postgres = await postgresServer()
  redis = await ownRedisServer()
  client = new pg.Client(postgres.url)
  await client.connect()
  await client.query(`
    CREATE TABLE orders (customer BIGINT, amount BIGINT, ordered_at TIMESTAMP);
    INSERT INTO orders VALUES (1, 10, '2001-06-15'), (2, 5, '2001-06-15')`)
})
test.after(async () => {
  await client.end()
  await redis.stop()
  await postgres.stop()
})

const features = `import { entity, featureView, source, t } from 'meridian'
export const customer = entity('customer', { joinKeys: { customer: t.int64() } })
const columns = { customer: t.int64(), amount: t.int64(), ordered_at: t.timestamp() }
export const orders = source('orders', { columns, eventTimestamp: 'ordered_at' })
export const refunds = source('refunds', { columns, eventTimestamp: 'ordered_at' })
export const quick = featureView('quick', { entity: customer, source: orders, refresh: '1s', freshness: '1h', materialize: true,
  features: ({ count }) => ({ orders: count() }) })
export const slow = featureView('slow', { entity: customer, source: orders, refresh: '1d', materialize: true,
  features: ({ count }) => ({ slow_orders: count() }) })
export const broken = featureView('broken', { entity: customer, source: refunds, refresh: '1s', freshness: '2s', materialize: true,
  features: ({ count }) => ({ refunds: count() }) })
export const computed = featureView('computed', { entity: customer, source: orders,
  features: ({ count }) => ({ computed_orders: count() }) })
`
const files = { 'meridian.config.ts': config, 'features.ts': features }
const env = () => ({
  MERIDIAN_ENV: 'production',
  MERIDIAN_POSTGRES_URL: postgres.url,
  MERIDIAN_REDIS_URL: redis.url,
})

test.after.each(endAll)

/** On an empty store. */
const given = (work: (workspace: Workspace) => Promise<void>) =>
  withBuiltProject(async workspace => {
    const store = new Redis(redis.url)
    await store.flushall()
    store.disconnect()
    await work(workspace)
  }, files)

/** The value of a metric, with these labels. */
function metricOf(text: string, name: string, labels = ''): number | undefined {
  const line = text.split('\n').find(each => each.startsWith(`${name}${labels} `))
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ') + 1))
}

test(
  'a table of what is stored, and an exit code that says whether it is fresh enough',
  given(async ({ meridian }) => {
    const empty = await meridian(['status'], { env: env() })
    assert.is(empty.code, 7, empty.stderr)
    assert.is(
      empty.stdout,
      [
        'view    last tick  lag  state         holder  rows  duration  failures',
        'broken  -          -    empty, stale  -       -     -         -',
        'quick   -          -    empty, stale  -       -     -         -',
        'slow    -          -    empty         -       -     -         -',
        '',
      ].join('\n'),
    )
    assert.is(
      empty.stderr,
      [
        'stale broken: nothing is stored, and may be 2s old',
        'stale quick: nothing is stored, and may be 1h 00m old',
        '2 views of 3 beyond freshness',
        '',
      ].join('\n'),
    )
    await meridian(['materialize', 'quick', 'slow'], { env: env() })
    const stored = await meridian(['status', 'slow', 'quick', '--json'], { env: env() })
    assert.equal([stored.code, stored.stderr], [0, ''])
    // Redis is all that is asked: the database may be away.
    const away = { ...env(), MERIDIAN_POSTGRES_URL: '' }
    assert.is((await meridian(['status', 'slow'], { env: away })).code, 0)
    const [slow, quick] = JSON.parse(stored.stdout)
    assert.equal(
      [slow.view, slow.state, slow.stale, slow.run, slow.failure, slow.holder, slow.freshness],
      ['slow', 'fresh', false, null, null, null, null],
    )
    assert.is(Date.parse(slow.tick) % 86_400_000, 0)
    assert.equal([quick.view, quick.freshness, quick.stale], ['quick', 3600, false])
    assert.ok(quick.lag > 0 && quick.lag < 60, String(quick.lag))
  }),
)

test(
  'what a worker does is logged, measured, and seen by status',
  given(async workspace => {
    const { meridian } = workspace
    const worker = new Running(workspace, env(), 'worker', '--port', '0', '--log-level', 'debug')
    const port = await worker.until('the port', () =>
      worker.lines.map(line => /on port (\d+)/.exec(line)?.[1]).find(number => number !== undefined),
    )
    const completed = await worker.logged('tick.completed', 'quick')
    assert.equal(Object.keys(completed), [
      'level',
      'time',
      'project',
      'event',
      'view',
      'tick',
      'worker',
      'lag',
      'rows',
      'written',
      'full',
      'seconds',
      'message',
    ])
    assert.equal(
      [completed.level, completed.project, completed.rows, completed.full, completed.message],
      ['info', 'shop', 2, true, 'a tick is online'],
    )
    await worker.logged('tick.completed', 'slow')
    const failed = await worker.logged('tick.failed', 'broken')
    assert.equal([failed.level, failed.attempt], ['error', 1])
    const { code, message, reason } = failed.error as Log
    assert.equal([code, reason], ['materialize.failed', 'source.invalid'])
    assert.match(String(message), /view "broken" was not materialized at .*refunds/)
    await worker.logged('lock.none')

    const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`)
    const health = await ask('/healthz')
    assert.equal([health.status, await health.json()], [200, { status: 'working', waitingFor: [] }])
    assert.is((await ask('/')).status, 404)
    const answer = await ask('/metrics')
    assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
    const text = await answer.text()
    const value = (name: string, labels?: string) => metricOf(text, name, labels)
    const ticks = value('meridian_ticks_completed_total', '{view="quick"}') ?? 0
    assert.ok(ticks >= 1, text)
    assert.is(value('meridian_rows_computed_total', '{view="slow"}'), 2)
    assert.is(value('meridian_rows_written_total', '{view="slow"}'), 2)
    assert.is(value('meridian_tick_duration_seconds_count', '{view="quick"}'), ticks)
    assert.is(value('meridian_tick_lateness_seconds_count', '{view="quick"}'), ticks)
    assert.ok((value('meridian_ticks_failed_total', '{view="broken",fault="view"}') ?? 0) >= 1)
    assert.ok((value('meridian_failures_in_a_row', '{view="broken"}') ?? 0) >= 1)
    assert.is(value('meridian_failures_in_a_row', '{view="quick"}'), 0)
    assert.ok((value('meridian_lock_attempts_total', '{result="won"}') ?? 0) >= 3)
    assert.ok((value('meridian_lock_attempts_total', '{result="none"}') ?? 0) >= 1)
    assert.is(value('meridian_lock_attempts_total', '{result="lost"}'), 0)
    assert.equal([value('meridian_stale', '{view="quick"}'), value('meridian_stale', '{view="broken"}')], [0, 1])
    assert.is(value('meridian_stale', '{view="slow"}'), undefined)
    assert.is(value('meridian_freshness_seconds', '{view="quick"}'), 3600)
    const lag = value('meridian_lag_seconds', '{view="quick"}') ?? -1
    assert.ok(lag >= 0 && lag < 10, String(lag))
    assert.is(value('meridian_lag_seconds', '{view="broken"}'), undefined)
    assert.is(value('meridian_status_readable'), 1)

    // The first run is of all keys.
    await worker.until('a run over what changed', () =>
      worker.logs.find(({ event, view, full }) => event === 'tick.completed' && view === 'quick' && full === false),
    )
    const status = await meridian(['status', '--json'], { env: env() })
    assert.is(status.code, 7, status.stderr)
    const [broken, quick, slow] = JSON.parse(status.stdout)
    assert.equal([quick.run.full, slow.run.full, slow.run.rows, slow.state], [false, true, 2, 'fresh'])
    assert.ok(broken.failure.attempt >= 1)
    assert.match(broken.failure.error, /refunds/)
    assert.is(broken.failure.worker, failed.worker)
    const shown = await meridian(['status', 'broken'], { env: env() })
    assert.match(shown.stdout, /\nbroken {2}- +- +(failing|running|empty), stale .*, again \d\d:\d\d:\d\d\n$/)
    assert.match(shown.stderr, /^broken: view "broken" was not materialized/)

    assert.is(await worker.stop(), 0)
    // A lock that it had asked for may be won in between; it is given back.
    const ending = worker.logs.map(({ event }) => event).slice(-3)
    assert.ok(ending.includes('stopping'), ending.join(' '))
    assert.is(ending.at(-1), 'stopped')
    const { rows } = await client.query('SELECT DISTINCT view FROM meridian_ticks ORDER BY view')
    assert.equal(rows, [{ view: 'quick' }, { view: 'slow' }])
    const spine = [
      '--spine-sql',
      "SELECT 1::BIGINT AS customer, t AS event_timestamp FROM (VALUES (now()), ('2001-06-16')) AS s(t)",
    ]
    const served = ['--accuracy', 'as_served', '--ticks', 'recorded']
    const training = await meridian(['training-data', 'quick', ...spine, ...served, '--output', 'training.csv'], {
      env: env(),
    })
    assert.is(training.code, 0, training.stderr)
    const written = await readFile(join(workspace.folder, 'training.csv'), 'utf8')
    assert.match(written, /^customer,event_timestamp,orders\n1,[^,]+,1\n1,2001-06-16 00:00:00,0\n$/)
  }),
)

test(
  'a worker whose store is away says so, and waits',
  given(async workspace => {
    const worker = new Running(workspace, env(), 'worker', 'quick', '--port', '0')
    const port = await worker.until('the port', () =>
      worker.lines.map(line => /on port (\d+)/.exec(line)?.[1]).find(number => number !== undefined),
    )
    await worker.logged('tick.completed')
    assert.not.ok(
      worker.logs.some(({ level }) => level === 'debug'),
      'nothing below the level is logged',
    )
    await redis.kill()
    const waiting = await worker.logged('waiting')
    assert.equal([waiting.level, waiting.for], ['warn', 'store'])
    const health = await fetch(`http://127.0.0.1:${port}/healthz`)
    assert.equal([health.status, await health.json()], [200, { status: 'working', waitingFor: ['store'] }])
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    assert.is(metricOf(text, 'meridian_status_readable'), 0)
    assert.is(metricOf(text, 'meridian_waiting', '{for="store"}'), 1)
    assert.is(metricOf(text, 'meridian_lag_seconds', '{view="quick"}'), undefined)
    await redis.restart()
    await worker.logged('resumed')
    await worker.until('another tick', () => {
      const from = worker.logs.findIndex(({ event }) => event === 'resumed')
      return worker.logs.slice(from).find(({ event }) => event === 'tick.completed')
    })
    assert.is(await worker.stop(), 0)
  }),
)

test(
  'watching prints reading after reading, and ends when it is told to',
  given(async workspace => {
    const watching = new Running(workspace, env(), 'status', 'broken', '--watch', '1', '--json')
    await watching.until('the second reading', () => watching.out[1])
    assert.is(await watching.stop(), 7)
    assert.equal(
      watching.out.map(line => JSON.parse(line)[0].view),
      watching.out.map(() => 'broken'),
    )
  }),
)

test(
  'what is asked wrongly is told in one line',
  given(async ({ meridian }) => {
    const fails = async (args: readonly string[], message: RegExp, variables: Record<string, string> = env()) => {
      const { code, stdout, stderr } = await meridian(args, { env: variables })
      assert.equal([code, stdout], [2, ''], stderr)
      assert.match(stderr, message)
      assert.is(stderr.trimEnd().split('\n').length, 1, stderr)
    }
    await fails(['status', 'quik'], /there is no materialized view "quik", did you mean "quick"\?|quik/)
    await fails(['status', '--watch', 'often'], /--watch is "often": give a whole number, at least 1/)
    await fails(['status'], /local mode keeps stored values in the process/, { MERIDIAN_ENV: 'local' })
    await fails(['worker', '--port', '80x'], /--port is "80x"/)
    await fails(
      ['training-data', 'quick', '--spine', 'a.csv', '--output', 'b.csv', '--ticks', 'recorded'],
      /--ticks recorded says what was served: it goes with --accuracy as_served/,
    )
  }),
)

test.run()
