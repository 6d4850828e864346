/** `meridian worker` as a process: what it does, and how it ends. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { connect } from 'meridian/runtime'
import pg from 'pg'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type OwnServer, ownPostgresServer, ownRedisServer } from '../servers.ts'
import { withBuiltProject } from './command.ts'

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url))
const tsx = import.meta.resolve('tsx')

let postgres: OwnServer
let redis: OwnServer
test.before(async () => {
  ;[postgres, redis] = await Promise.all([ownPostgresServer(), ownRedisServer()])
  const client = new pg.Client(postgres.url)
  await client.connect()
  await client.query('CREATE TABLE orders (customer BIGINT, vip BOOLEAN, amount BIGINT, ordered_at TIMESTAMP)')
  await client.query("INSERT INTO orders VALUES (1, true, 7, now() AT TIME ZONE 'UTC' - INTERVAL '20 minutes')")
  await client.end()
})
test.after(async () => {
  await Promise.all([postgres.stop(), redis.stop()])
})

interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<unknown[]>
  output(): string
}

function start(folder: string, args: readonly string[] = []): Running {
  const env = { MERIDIAN_ENV: 'production', MERIDIAN_POSTGRES_URL: postgres.url, MERIDIAN_REDIS_URL: redis.url }
  const child = spawn(process.execPath, ['--import', tsx, '-C', 'meridian-source', main, 'worker', ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const end = () => child.kill('SIGKILL')
  process.on('exit', end)
  child.on('exit', () => process.off('exit', end))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => (output += text))
  return { child, ended: once(child, 'exit'), output: () => output }
}

async function until(what: () => boolean | Promise<boolean>, worker: Running): Promise<void> {
  for (const end = Date.now() + 20_000; !(await what()); await sleep(50))
    assert.ok(Date.now() < end && worker.child.exitCode === null, worker.output())
}

test(
  'it materializes what is due, and ends well when it is asked to',
  withBuiltProject(async ({ folder }) => {
    const worker = start(folder)
    const store = await connect(join(folder, 'generated'), {
      environment: 'production',
      postgres: { url: postgres.url },
      redis: { url: redis.url, readTimeout: 5_000, connectTimeout: 5_000 },
    })
    const view = store.view('order_stats')
    await until(async () => (await view.get({ customer: 1n, vip: true })).orders_1h === 1, worker)
    await store.close()
    worker.child.kill('SIGTERM')
    assert.equal(await worker.ended, [0, null], worker.output())
    assert.match(worker.output(), 'order_stats')
  }),
)

test(
  'the first signal lets what runs end, the second gives it back at once',
  withBuiltProject(async ({ folder }) => {
    const client = new pg.Client(postgres.url)
    await client.connect()
    await client.query('BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE')
    try {
      // Not what the test before has completed.
      const worker = start(folder, ['order_stats'])
      const waits = async () =>
        (await client.query("SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'orders'::regclass")).rows.length >
        0
      await redis.restart()
      await until(waits, worker)
      worker.child.kill('SIGTERM')
      await sleep(1_000)
      assert.is(worker.child.exitCode, null, worker.output())
      const asked = Date.now()
      worker.child.kill('SIGTERM')
      assert.equal(await worker.ended, [0, null], worker.output())
      assert.ok(Date.now() - asked < 5_000, `${Date.now() - asked} ms`)
    } finally {
      await client.end()
    }
  }),
)

test(
  'what is wrong with the invocation is told, and is exit code 2',
  withBuiltProject(async ({ meridian }) => {
    for (const [args, message] of [
      [['order_stat'], 'there is no materialized view "order_stat", did you mean "order_stats"?'],
      [['--concurrency', '0'], '--concurrency is "0": give a whole number, at least 1'],
      [['--grace', 'soon'], '--grace is "soon": give a whole number, at least 0'],
    ] as const) {
      const { code, stdout, stderr } = await meridian(['worker', ...args])
      assert.equal([code, stdout], [2, ''])
      assert.match(stderr, message)
    }
  }),
)

test.run()
