/** Why a value is what it is, on the servers of production, and what the online store holds beside it. */
import pg from 'pg'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type OwnServer, ownRedisServer, postgresServer, type Server } from '../servers.ts'
import { config, withBuiltProject } from './command.ts'

let postgres: Server
let redis: OwnServer
let client: pg.Client

test.before(async () => {
  postgres = await postgresServer()
  redis = await ownRedisServer()
  client = new pg.Client(postgres.url)
  await client.connect()
  await client.query(`
    CREATE TABLE payments (payment BIGINT, card TEXT, amount NUMERIC(10, 2), paid_at TIMESTAMPTZ, known_at TIMESTAMP);
    INSERT INTO payments VALUES
      (1, 'a', 10.50, '2001-06-15 12:00:00Z', '2001-06-15 12:00:01'),
      (2, 'a', 3.00, '2001-06-15 12:30:00Z', '2001-06-15 12:31:00'),
      (3, 'a', 7.00, '2001-06-15 12:30:00Z', '2001-06-15 12:31:00'),
      (4, 'a', 99.00, '2001-06-15 12:45:00Z', '2001-06-15 14:00:00'),
      (5, 'b', 1.00, '2001-06-15 12:00:00Z', '2001-06-15 12:00:00')`)
})
test.after(async () => {
  await client.end()
  await redis.stop()
  await postgres.stop()
})

const features = `import { entity, featureView, source, t } from 'meridian'
export const card = entity('card', { joinKeys: { card: t.string() } })
export const payments = source('payments', {
  columns: {
    payment: t.int64(), card: t.string(), amount: t.decimal(10, 2), paid_at: t.timestamp(), known_at: t.timestamp(),
  },
  eventTimestamp: 'paid_at', createdTimestamp: 'known_at', tieBreak: ['payment'],
})
export const cardStats = featureView('card_stats', {
  entity: card, source: payments, ttl: '1d', refresh: '5m', delay: '30s', materialize: true, boundary: 'before',
  features: ({ count, last, ratio, sum }) => ({
    spent_1h: sum('amount').over('1h'),
    large_rate_1h: ratio(count().where(row => row.amount.gt('5')).over('1h'), count().over('1h')),
    last_amount: last('amount'),
  }),
})
`

test(
  'explain says what was counted in Postgres, and where what is stored differs from what the sources say now',
  withBuiltProject(
    async ({ meridian }) => {
      const env = {
        MERIDIAN_ENV: 'production',
        MERIDIAN_POSTGRES_URL: postgres.url,
        MERIDIAN_REDIS_URL: redis.url,
      }
      const explain = async () => {
        const args = ['explain', 'card_stats', '--key', 'card=a', '--as-of', '2001-06-15T13:00:00Z', '--json']
        const { code, stdout, stderr } = await meridian(args, { env })
        assert.equal([code, stderr], [0, ''])
        const { evidence } = JSON.parse(stdout)
        return evidence.views[0]
      }
      const before = await explain()
      const verdicts = (name: string) =>
        Object.fromEntries(
          before.parts
            .find((part: { name: string }) => part.name === name)
            .rows.map(({ verdict, count }: { verdict: string; count: number }) => [verdict, count]),
        )
      assert.is(before.lookedAt, '2001-06-15T13:00:00Z')
      assert.equal(verdicts('spent_1h'), { counted: 3, unknown: 1 })
      assert.equal(verdicts('large_rate_1h__numerator'), { counted: 2, filtered: 1, unknown: 1 })
      assert.equal(verdicts('last_amount'), { chosen: 1, superseded: 1, tied: 1, unknown: 1 })
      assert.equal(
        before.features.map(({ value }: { value: unknown }) => value),
        ['20.50', 2 / 3, '7.00'],
      )
      assert.equal(before.stored, { tick: null, asOf: null, features: [] })

      const at = '2001-06-15T13:00:29Z'
      const { code } = await meridian(['materialize', 'card_stats', '--at', at], { env })
      assert.is(code, 0)
      const { stored } = await explain()
      assert.is(stored.tick, '2001-06-15T13:00:00Z')
      assert.ok(stored.features.every(({ equal }: { equal: boolean }) => equal))

      // A row that came late, and does not say so.
      await client.query("INSERT INTO payments VALUES (6, 'a', 1.00, '2001-06-15 12:40:00Z', '2001-06-15 12:40:00')")
      const skewed = (await explain()).stored
      assert.equal(skewed.features[0], { name: 'spent_1h', stored: '20.50', computed: '21.50', equal: false })
      assert.equal(skewed.features[2], { name: 'last_amount', stored: '7.00', computed: '1.00', equal: false })
      const text = await meridian(['explain', 'card_stats', '--key', 'card=a', '--as-of', at], { env })
      assert.match(text.stdout, /^ +spent_1h +20\.50 +21\.50 +differs$/m)
      assert.match(text.stdout, 'became known at or after 2001-06-15T13:00:29Z')

      // A run writes the rows that changed, so one that a run should have written is of an earlier tick.
      for (const at of ['2001-06-15T16:00:29Z', '2001-06-15T16:05:29Z'])
        assert.is((await meridian(['materialize', 'card_stats', '--at', at], { env })).code, 0)
      await client.query("INSERT INTO payments VALUES (7, 'a', 2.00, '2001-06-15 16:03:00Z', '2001-06-15 16:03:00')")
      assert.is((await meridian(['materialize', 'card_stats', '--at', '2001-06-15T16:10:29Z'], { env })).code, 0)
      const missed = (await explain()).stored
      assert.equal([missed.tick, missed.asOf], ['2001-06-15T16:00:00Z', '2001-06-15T16:10:00Z'])
      assert.equal(missed.features[0], { name: 'spent_1h', stored: null, computed: '2.00', equal: false })
    },
    { 'meridian.config.ts': config, 'features.ts': features },
  ),
)

test.run()
