/** What docs/production.md promises of rights, and of reads while Postgres is away, with the statements as they stand there. */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { MeridianError, type RefreshEvent } from 'meridian/runtime'
import pg from 'pg'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { connect } from '../generated/fraud/index.ts'
import { type OwnServer, ownPostgresServer, ownRedisServer } from './servers.ts'

const page = readFileSync(new URL('../docs/production.md', import.meta.url), 'utf8')
const blocks = (language: string) =>
  [
    ...page.matchAll(new RegExp(`^\`\`\`${language} checked-by=test/production.test.ts\\n([\\s\\S]*?)^\`\`\``, 'gm')),
  ].map(([, text]) => text as string)

const tables = `
  CREATE SCHEMA fraud_example;
  CREATE TABLE fraud_example.transactions (
    transaction_id BIGINT, user_id BIGINT, merchant_id TEXT, device_id TEXT, amount NUMERIC(12, 2), status TEXT, attempted_at TIMESTAMPTZ
  );
  CREATE TABLE fraud_example.chargebacks (
    transaction_id BIGINT, merchant_id TEXT, amount NUMERIC(12, 2), paid_at TIMESTAMPTZ, reported_at TIMESTAMPTZ
  );
  INSERT INTO fraud_example.transactions VALUES (1, 7, 'm1', 'd1', 10.50, 'declined', '2026-02-16 12:00:00Z')`

let postgres: OwnServer
let redis: OwnServer
let database: string
test.before(async () => {
  ;[postgres, redis] = await Promise.all([ownPostgresServer(), ownRedisServer()])
  const owner = new pg.Client(postgres.url)
  await owner.connect()
  await owner.query('CREATE DATABASE features')
  await owner.query('REVOKE ALL ON DATABASE features FROM PUBLIC')
  await owner.end()
  const url = new URL(postgres.url)
  url.pathname = '/features'
  const inside = new pg.Client(url.href)
  await inside.connect()
  await inside.query(tables)
  await inside.query(blocks('sql').join('\n'))
  await inside.end()
  url.username = 'features'
  url.password = 'change-me'
  database = url.href
  const admin = new Redis(redis.url)
  const users = blocks('text').join('').trim().split('\n')
  assert.is(users.length, 4)
  for (const line of users) await admin.call(...(line.split(' ') as [string]))
  admin.disconnect()
})
test.after(async () => {
  await Promise.all([postgres.stop(), redis.stop()])
})

const at = '2026-02-16T12:30:00Z'
const payment = { user_id: 7, merchant_id: 'm1', device_id: 'd1', amount: '5.00' }

function open(user: 'pods' | 'materializer' | 'worker') {
  const url = redis.url.replace('redis://', `redis://${user}:change-me@`)
  // A machine that is busy with tests is slower than what the bounds are made for.
  const patience = { readTimeout: 5_000, writeTimeout: 10_000, connectTimeout: 5_000 }
  return connect({ environment: 'production', postgres: { url: database }, redis: { url, ...patience } })
}

async function errorOf(call: Promise<unknown>): Promise<MeridianError> {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  )
  assert.instance(error, MeridianError)
  return error as MeridianError
}

test('the rights on the page are enough to materialize, to serve and to train', async () => {
  const writer = await open('materializer')
  assert.is((await writer.materialize(undefined, { at })).length, 4)
  assert.is((await writer.userActivity.materialize({ at: '2026-02-16T12:31:00Z' })).full, false)
  await writer.close()
  const pods = await open('pods')
  const online = await pods.fraud.get(payment, { at })
  assert.equal([online.declined_1h, online.last_merchant, online.device_users_1d], [1, 'm1', 1])
  const [row] = await pods.fraud.trainingData({ spine: [{ ...payment, event_timestamp: at }] }).toArray()
  assert.equal([row?.declined_1h, row?.last_merchant, row?.device_users_1d], [1, 'm1', 1])
  // They serve and do not write.
  const refused = await errorOf(pods.userActivity.materialize({ at, full: true }))
  assert.match(refused.message, 'NOPERM')
  await pods.close()
})

test('getters of materialized views go on without Postgres; others say so, and come back with it', async () => {
  const pods = await open('pods')
  await pods.fraud.get(payment, { at })
  await postgres.kill()
  assert.is((await pods.userActivity.get({ user_id: 7 }, { at })).declined_1h, 1)
  assert.is((await errorOf(pods.fraud.get(payment, { at }))).code, 'database.unavailable')
  await postgres.restart()
  assert.is((await pods.fraud.get(payment, { at })).device_users_1d, 1)
  await pods.close()
})

// Last, since it stores what is so now.
test('the rights on the page are enough to work', async () => {
  const store = await open('worker')
  const told: RefreshEvent[] = []
  const refreshing = store.startRefreshing({ observe: event => told.push(event) })
  const completed = () => told.filter(({ kind }) => kind === 'tick.completed').length
  for (const until = Date.now() + 20_000; completed() < 4 && Date.now() < until; ) await sleep(50)
  await refreshing.stop({ grace: 5_000 })
  assert.is(completed(), 4, JSON.stringify(told.at(-3)))
  assert.equal(
    told.filter(({ kind }) => kind === 'tick.failed' || kind === 'waiting'),
    [],
  )
  await store.close()
  const pods = await open('pods')
  const refused: RefreshEvent[] = []
  pods.startRefreshing({ observe: event => refused.push(event) })
  for (const until = Date.now() + 5_000; refused.length === 0 && Date.now() < until; ) await sleep(20)
  assert.ok(refused[0]?.kind === 'waiting' && /NOPERM/.test(refused[0].error.message))
  await pods.close()
})

test.run()
