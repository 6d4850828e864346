/**
 * Two pods of the fraud example under constant load, while Redis and Postgres are killed and started again, and pods end and are
 * replaced. `MERIDIAN_SOAK_SECONDS` repeats it for so long.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { connect } from 'meridian/runtime'
import pg from 'pg'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Balancer, type PodProcess, startPod } from '../serve/pods.ts'
import { ownPostgresServer, ownRedisServer } from '../servers.ts'

const folder = fileURLToPath(new URL('../../generated/fraud', import.meta.url))
const seconds = Number(process.env.MERIDIAN_SOAK_SECONDS ?? 0)

/** Payments of fifty users, until a minute ago. */
const tables = `
CREATE SCHEMA fraud_example;
CREATE TABLE fraud_example.transactions AS SELECT n::bigint AS transaction_id, (n % 50)::bigint AS user_id, 'm' || n % 7 AS merchant_id,
  'd' || n % 11 AS device_id, (n % 9973 / 7.0)::numeric(12, 2) AS amount, CASE WHEN n % 9 = 0 THEN 'declined' ELSE 'approved' END AS status,
  date_trunc('milliseconds', now()) - interval '1 minute' - n * interval '3 minutes' AS attempted_at FROM generate_series(1, 5000) AS n;
CREATE TABLE fraud_example.chargebacks AS SELECT transaction_id, merchant_id, amount, attempted_at AS paid_at, attempted_at + interval '1 day' AS reported_at
  FROM fraud_example.transactions WHERE transaction_id % 40 = 0;
`

interface Seen {
  readonly phase: string
  readonly status: number | 'no answer'
  readonly type: string
}

test('restarts of Redis and Postgres, and of pods, under load', async () => {
  const [redis, postgres] = await Promise.all([ownRedisServer(), ownPostgresServer()])
  const client = new pg.Client(postgres.url)
  await client.connect()
  await client.query(tables)
  await client.query(readFileSync(`${folder}/postgres/indexes.sql`, 'utf8'))
  await client.end()
  const store = await connect(folder, {
    environment: 'production',
    redis: { url: redis.url },
    postgres: { url: postgres.url },
  })
  await store.materialize()

  const env = { MERIDIAN_ENV: 'production', MERIDIAN_POSTGRES_URL: postgres.url, MERIDIAN_REDIS_URL: redis.url }
  const start = () => startPod([folder, '--drain-delay', '400', '--drain-grace', '3000'], env)
  const pods: PodProcess[] = [await start(), await start()]
  const balancer = new Balancer()
  for (const { url } of pods) balancer.add(url)
  await until(async () => (await fetch(`${balancer.pick()}/readyz`)).ok)

  const seen: Seen[] = []
  let phase = 'steady'
  let ended = false
  const caller = async (number: number): Promise<void> => {
    for (let turn = number; !ended; turn += 1) {
      const path = turn % 2 === 0 ? '/v1/services/fraud' : '/v1/views/user_activity'
      const asked = {
        user_id: turn % 50,
        ...(turn % 2 === 0 && { merchant_id: `m${turn % 7}`, device_id: `d${turn % 11}`, amount: '9.50' }),
      }
      const began = phase
      const { status, type } = await ask(`${balancer.pick()}${path}`, { entity: asked })
      seen.push({ phase: began, status, type })
      await sleep(5)
    }
  }
  const callers = Array.from({ length: 8 }, (_, number) => caller(number))

  const inPhase = async (name: string, work: () => Promise<void>): Promise<void> => {
    phase = name
    await work()
    // Everything is as before within two seconds, and then nothing fails.
    await sleep(2_000)
    phase = 'steady'
    await sleep(500)
  }
  const begun = performance.now()
  do {
    await sleep(500)
    await inPhase('redis', async () => {
      await redis.kill()
      await sleep(500)
      await redis.restart()
    })
    await inPhase('postgres', async () => {
      await postgres.kill()
      await sleep(500)
      await postgres.restart()
    })
    // Replaced one by one, as a deployment does.
    for (const index of [0, 1]) {
      phase = 'replaced'
      const next = await start()
      balancer.add(next.url)
      await until(async () => (await fetch(`${next.url}/readyz`)).ok)
      await sleep(100)
      const old = pods[index] as PodProcess
      const code = old.end()
      pods[index] = next
      assert.is(await code, 0, old.output())
      balancer.remove(old.url)
    }
  } while (performance.now() - begun < seconds * 1000)
  ended = true
  await Promise.all(callers)

  const counts = new Map<string, number>()
  for (const { phase, status, type } of seen) {
    const name = `${phase} ${status} ${type}`.trim()
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  const told = JSON.stringify([...counts], null, 1)
  for (const { phase, status, type } of seen) {
    if (phase === 'steady' || phase === 'replaced') assert.is(status, 200, told)
    else if (status !== 200) {
      assert.ok(status === 503 || status === 504, told)
      assert.match(type, phase === 'redis' ? /:store\./ : /:(database|lookup|deadline)\./, told)
    }
  }
  assert.ok((counts.get('steady 200') ?? 0) > 200 && (counts.get('replaced 200') ?? 0) > 100, told)

  // Values over HTTP are the getters', of all users, through both pods.
  const users = Array.from({ length: 50 }, (_, number) => ({ user_id: number }))
  const payments = users.map(({ user_id }) => ({
    user_id,
    merchant_id: `m${user_id % 7}`,
    device_id: `d${user_id % 11}`,
    amount: '9.50',
  }))
  for (const { url } of pods) {
    const activity = await ask(`${url}/v1/views/user_activity`, { entities: users })
    assert.equal(activity.body.entities, asAnswered(await store.view('user_activity').getMany(users)))
    // Of these some are as of the instant of the request, which lies between two others.
    const before = asAnswered(await store.service('fraud').getMany(payments))
    const { body } = await ask(`${url}/v1/services/fraud`, { entities: payments })
    const after = asAnswered(await store.service('fraud').getMany(payments))
    assert.is(body.entities.length, payments.length)
    for (const [index, features] of body.entities.entries()) {
      assert.equal(Object.keys(features), Object.keys(before[index] as object))
      for (const [name, value] of Object.entries(features))
        isBetween(value, before[index]?.[name], after[index]?.[name])
    }
  }

  await balancer.end()
  for (const pod of pods) {
    assert.is(await pod.end(), 0)
    assert.not.match(pod.output(), /"level":"error"/)
  }
  await store.close()
  await Promise.all([redis.stop(), postgres.stop()])
})

// biome-ignore lint/suspicious/noExplicitAny: what it is, is what is looked at
async function ask(url: string, asked: object): Promise<{ status: number | 'no answer'; type: string; body: any }> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(asked),
      signal: AbortSignal.timeout(5_000),
    })
    const body = JSON.parse(await response.text())
    return { status: response.status, type: body.type ?? '', body }
  } catch (error) {
    const { message, cause } = error as Error
    return { status: 'no answer', type: `${message} ${(cause as NodeJS.ErrnoException)?.code ?? ''}`, body: null }
  }
}

/** As the API writes values, but that getters know no microseconds: the rows of this test have none. */
function asAnswered(features: readonly object[]): Record<string, unknown>[] {
  return JSON.parse(
    JSON.stringify(features, (_key, value) => {
      if (typeof value === 'bigint') return String(value)
      return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
    }).replace(/(\.\d{3})Z"/g, '$1000Z"'),
  )
}

function isBetween(value: unknown, before: unknown, after: unknown): void {
  if (typeof value === 'number' && typeof before === 'number' && typeof after === 'number')
    assert.ok(Math.min(before, after) <= value && value <= Math.max(before, after), `${before} ${value} ${after}`)
  else if (String(value) !== String(after)) assert.equal(value, before)
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 15_000; performance.now() < end; await sleep(50)) if (await holds()) return
  throw new Error('not within fifteen seconds')
}

test.run()
