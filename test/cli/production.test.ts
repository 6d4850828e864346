/** The verbs that run, on the servers of production. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type OwnServer, ownRedisServer, postgresServer, type Server } from '../servers.ts'
import { type Outcome, orders, type Workspace, withBuiltProject } from './command.ts'

let postgres: Server
let redis: OwnServer

test.before(async () => {
  postgres = await postgresServer()
  redis = await ownRedisServer()
  const client = new pg.Client(postgres.url)
  await client.connect()
  const rows = orders.trimEnd().split('\n').slice(1)
  const tuples = rows.map(row => `(${row.split(',').map(value => `'${value}'`)})`)
  await client.query('CREATE TABLE orders (customer BIGINT, vip BOOLEAN, amount BIGINT, ordered_at TIMESTAMP)')
  await client.query(`INSERT INTO orders VALUES ${tuples}`)
  await client.query('CREATE TABLE labels AS SELECT 2::bigint AS customer, false AS vip, now() AS event_timestamp')
  await client.end()
})
test.after(async () => {
  await redis.stop()
  await postgres.stop()
})

type Env = Readonly<Record<string, string>>
const production = (env: Env = {}): Env => ({
  MERIDIAN_ENV: 'production',
  MERIDIAN_POSTGRES_URL: postgres.url,
  MERIDIAN_REDIS_URL: redis.url,
  ...env,
})

const run =
  ({ meridian }: Workspace, env?: Env) =>
  (...args: string[]): Promise<Outcome> =>
    meridian(args, { env: production(env) })

/** One line on stderr that says what is wrong, and nothing on stdout. */
function fails({ code, stdout, stderr }: Outcome, message: RegExp): void {
  assert.equal([code, stdout], [2, ''], stderr)
  assert.match(stderr, message)
  assert.is(stderr.trimEnd().split('\n').length, 1, stderr)
}

const at = ['--at', '2001-06-15T12:15:00Z']

test(
  'what one command stores, another one reads',
  withBuiltProject(async workspace => {
    const meridian = run(workspace)
    const get = () => meridian('get', 'shopping', 'vip=true', 'customer=1', '--json', ...at)
    // Nothing is stored for a read: what is served is what was materialized.
    const before = await get()
    assert.equal([before.code, before.stderr], [0, ''])
    assert.equal(JSON.parse(before.stdout).orders_1h, 0)
    const table = await meridian('materialize', ...at)
    assert.equal([table.code, table.stderr], [0, ''])
    assert.match(table.stdout, /^view {9}tick {22}keys {2}time\norder_stats {2}2001-06-15T12:15:00\.000Z {5}2 {2}/)
    const after = await get()
    assert.equal([after.code, after.stderr], [0, ''])
    assert.equal(JSON.parse(after.stdout), {
      orders_1h: 2,
      amount_1h: '9007199254741003',
      mean_1h: 4503599627370502,
      last_amount: '9007199254740993',
      orders_1d: 2,
    })
    const later = ['materialize', 'order_stats', '--json', '--at']
    const [changed] = JSON.parse((await meridian(...later, '2001-06-15T12:20:00Z')).stdout)
    assert.equal([changed.full, changed.rows], [false, 0])
    const [full] = JSON.parse((await meridian(...later, '2001-06-15T12:25:00Z', '--full')).stdout)
    assert.equal([full.full, full.rows, full.written], [true, 2, 2])
  }),
)

test(
  'training data from a file, a table and a query of Postgres',
  withBuiltProject(async workspace => {
    const meridian = run(workspace)
    const { folder } = workspace
    await writeFile(join(folder, 'spine.csv'), 'customer,vip,event_timestamp\n1,true,2001-06-15 12:20:00\n')
    const file = await meridian('training-data', 'shopping', '--spine', 'spine.csv', '--output', 'a.csv')
    assert.is(file.code, 0, file.stderr)
    assert.match(file.stderr, /^1 row in a\.csv \(0\.0 MB\), in \d+\.\d s\n$/)
    assert.match(await readFile(join(folder, 'a.csv'), 'utf8'), /^1,true,2001-06-15 12:20:00,2,9007199254741003,/m)
    const spine = ['--spine-table', 'labels', '--output', 'b.parquet', '--json']
    const made = await meridian('training-data', 'order_days', ...spine)
    assert.equal([made.code, JSON.parse(made.stdout).rows, made.stderr], [0, 1, ''])
    const query = ['--spine-sql', 'SELECT * FROM nowhere', '--output', 'c.csv']
    fails(await meridian('training-data', 'order_days', ...query), /nowhere/)
  }),
)

test(
  'an environment that is not what production needs is told in one line',
  withBuiltProject(async workspace => {
    const get = ['get', 'order_stats', 'customer=1', 'vip=true', ...at]
    const without = await run(workspace, { MERIDIAN_POSTGRES_URL: '', MERIDIAN_REDIS_URL: '' })('materialize')
    fails(without, /error production needs MERIDIAN_POSTGRES_URL \(.*\) and MERIDIAN_REDIS_URL/)
    fails(await run(workspace, { MERIDIAN_ENV: 'staging' })('materialize'), /MERIDIAN_ENV is "staging"/)
    fails(await run(workspace)(...get, '--duckdb', 'a.duckdb'), /--duckdb is for local mode/)
    const nowhere = 'postgres://somebody:secret@127.0.0.1:1/shop'
    const noPostgres = await run(workspace, { MERIDIAN_POSTGRES_URL: nowhere })('materialize', ...at)
    fails(noPostgres, /127\.0\.0\.1:1\b/)
    assert.not.match(noPostgres.stderr, /secret/)
    const noRedis = run(workspace, { MERIDIAN_REDIS_URL: 'redis://:secret@127.0.0.1:1' })
    for (const args of [get, ['materialize', ...at]]) {
      const outcome = await noRedis(...args)
      fails(outcome, /error Redis at 127\.0\.0\.1:1 is not available: connect ECONNREFUSED/)
      assert.not.match(outcome.stderr, /secret/)
    }
  }),
)

test(
  'servers that refuse the work are told with view and tick',
  withBuiltProject(async workspace => {
    const materialize = ['materialize', 'order_stats', '--at', '2001-06-15T12:30:00Z']
    const readOnly = await ownRedisServer({ args: () => ['--min-replicas-to-write', '1'] })
    try {
      const outcome = await run(workspace, { MERIDIAN_REDIS_URL: readOnly.url })(...materialize)
      fails(
        outcome,
        /error view "order_stats" was not materialized at 2001-06-15T12:30:00\.000Z: Redis at .* refused a write: NOREPLICAS/,
      )
    } finally {
      await readOnly.stop()
    }
    const empty = await postgresServer()
    try {
      const outcome = await run(workspace, { MERIDIAN_POSTGRES_URL: empty.url })(...materialize)
      fails(
        outcome,
        /error view "order_stats" was not materialized at .*: source "orders" cannot be read: .*"public\.orders"/,
      )
      const training = ['training-data', 'order_days', '--spine-sql', 'SELECT 1', '--output', 'a.csv']
      fails(await run(workspace, { MERIDIAN_POSTGRES_URL: empty.url })(...training), /source "orders" cannot be read/)
    } finally {
      await empty.stop()
    }
  }),
)

test.run()
