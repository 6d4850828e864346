/** The verbs that run, in production: what one command stores, the next one reads. */
import { Redis } from 'ioredis'
import pg from 'pg'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type OwnServer, ownRedisServer, postgresServer } from '../servers.ts'
import { type Workspace, withBuiltProject } from './command.ts'

function given(work: (workspace: Workspace, store: OwnServer) => Promise<void>): () => Promise<void> {
  return withBuiltProject(async ({ folder, meridian }) => {
    const [database, store] = [await postgresServer(), await ownRedisServer()]
    const client = new pg.Client(database.url)
    try {
      await client.connect()
      await client.query(`
        CREATE TABLE orders (customer BIGINT, vip BOOLEAN, amount BIGINT, ordered_at TIMESTAMP);
        INSERT INTO orders VALUES (1, TRUE, 10, '2001-06-15 12:00:00'), (2, FALSE, 5, '2001-06-15 12:00:00')`)
      const production = {
        MERIDIAN_ENV: 'production',
        MERIDIAN_POSTGRES_URL: database.url,
        MERIDIAN_REDIS_URL: store.url,
      }
      await work({ folder, meridian: args => meridian(args, { env: production }) }, store)
    } finally {
      await client.end()
      await database.stop()
      await store.stop()
    }
  })
}

const at = ['--at', '2001-06-15T12:15:00Z']
const ada = ['order_stats', 'customer=1', 'vip=true', '--json', ...at]

test(
  'get writes nothing; materialize stores, and says what it computed',
  given(async ({ meridian }, store) => {
    const redis = new Redis(store.url)
    const before = await meridian(['get', ...ada])
    assert.equal([before.code, before.stderr, JSON.parse(before.stdout).orders_1h], [0, '', 0])
    assert.equal(await redis.keys('*'), [])
    redis.disconnect()
    const run = async (...options: string[]) => {
      const { code, stdout, stderr } = await meridian(['materialize', '--json', ...options])
      assert.equal([code, stderr], [0, ''])
      const [{ full, rows }] = JSON.parse(stdout)
      return { full, rows }
    }
    assert.equal(await run(...at), { full: true, rows: 2 })
    assert.equal(JSON.parse((await meridian(['get', ...ada])).stdout).orders_1h, 1)
    assert.equal(await run('--at', '2001-06-15T12:20:00Z'), { full: false, rows: 0 })
    assert.equal(await run('--at', '2001-06-15T12:25:00Z', '--full'), { full: true, rows: 2 })
    const table = await meridian(['materialize', '--at', '2001-06-15T12:30:00Z'])
    assert.equal([table.code, table.stderr], [0, ''])
  }),
)

test(
  'a server that is not there is one line and exit code 2',
  given(async ({ meridian }, store) => {
    await store.kill()
    const { code, stdout, stderr } = await meridian(['get', ...ada])
    assert.equal([code, stdout], [2, ''])
    assert.match(stderr, /^error Redis at 127\.0\.0\.1:\d+ is not available: connect ECONNREFUSED 127\.0\.0\.1:\d+\n$/)
  }),
)

test.run()
