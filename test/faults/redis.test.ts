/** A server that is killed, paused, restarted, or says no, while reads and writes go on. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { MeridianError } from '../../runtime/errors.ts'
import { RedisStore } from '../../runtime/online/redis.ts'
import { type OwnServer, ownRedisServer } from '../servers.ts'
import { attempt, Load, rowAt, untilSuccess } from './redis-load.ts'

const keys = ['{e:1}:v:f', '{e:2}:v:f', '{e:3}:v:f']

/** So that a busy machine is not taken for a fault. */
const patient = { readTimeout: 250, writeTimeout: 1000, connectTimeout: 250 }
/** What a call may take beyond its deadline on such a machine. */
const slack = 500
const longestRead = patient.readTimeout + slack
/** A write may have to connect first. */
const longestWrite = patient.writeTimeout + patient.connectTimeout + slack

/** To connect, and for the first answer. */
const longestOpen = patient.connectTimeout + patient.readTimeout + 100 + slack

let server: OwnServer
const open = () => RedisStore.open({ url: server.url, ...patient })

test.before(async () => {
  server = await ownRedisServer()
})
test.after(() => server.stop())
test.before.each(async () => {
  await admin(redis => redis.flushall())
})

async function admin(work: (redis: Redis) => Promise<unknown>): Promise<void> {
  const redis = new Redis(server.url, { maxRetriesPerRequest: 3 })
  redis.on('error', () => {})
  try {
    await work(redis)
  } finally {
    redis.disconnect()
  }
}

function assertBounded(load: Load): void {
  const longest = (attempts: readonly { milliseconds: number }[]) =>
    Math.max(...attempts.map(({ milliseconds }) => milliseconds))
  assert.ok(longest(load.reads) < longestRead, `a read took ${longest(load.reads)} ms`)
  assert.ok(longest(load.writes) < longestWrite, `a write took ${longest(load.writes)} ms`)
}

/** Work beside reads and writes, which end with it. */
async function under(work: (store: RedisStore, load: Load) => Promise<void>): Promise<Load> {
  const store = await open()
  const load = new Load(store, keys)
  try {
    try {
      await work(store, load)
    } finally {
      await load.stop()
    }
    assertBounded(load)
    await load.check()
    return load
  } finally {
    await store.close()
  }
}

/** The fault for a while, then its end: the server answers again when `mend` is done. */
function through(fault: () => Promise<void>, mend: () => Promise<void>): Promise<Load> {
  return under(async (store, load) => {
    await sleep(200)
    assert.equal(load.failures, [], 'fine at first')
    await fault()
    await sleep(700)
    assert.ok(load.failures.length > 0, 'the fault is felt')
    await mend()
    const back = await Promise.all([
      untilSuccess(() => store.read(keys)),
      untilSuccess(() => store.write([{ key: '{e:4}:v:f', row: rowAt(1), expiresIn: null }])),
    ])
    assert.ok(Math.max(...back) < 1000, `back after ${back.map(Math.round)} ms`)
    await sleep(100)
  })
}

const resume = async () => server.resume()

test('killed and restarted: calls fail at once, typed, nothing acknowledged is lost', async () => {
  const load = await through(
    () => server.kill(),
    () => server.restart(),
  )
  // A call that was under way may have waited for its connection to come back until its time was up.
  assert.ok(load.failures.every(code => code === 'store.unavailable' || code === 'store.timeout'))
  assert.ok(load.failures.filter(code => code === 'store.unavailable').length > load.failures.length / 2)
})

test('paused and resumed: calls end in time, typed, nothing acknowledged is lost', async () => {
  const load = await through(async () => server.pause(), resume)
  assert.ok(load.failures.every(code => code === 'store.timeout' || code === 'store.unavailable'))
  assert.ok(load.failures.includes('store.timeout'))
})

test('by default, a read of a server that does not answer ends after 50 ms', async () => {
  const store = await RedisStore.open({ url: server.url })
  server.pause()
  const ends = [await attempt(() => store.read(keys)), await attempt(() => store.read(keys))]
  server.resume()
  for (const { code, milliseconds } of ends) {
    assert.is(code, 'store.timeout')
    assert.ok(milliseconds >= 49 && milliseconds < 50 + slack, `after ${milliseconds} ms`)
  }
  await store.close()
})

test('restarted again and again', () =>
  under(async store => {
    for (let round = 0; round < 5; round += 1) {
      await sleep(100)
      await server.restart()
      const back = await untilSuccess(() => store.read(keys))
      assert.ok(back < 1000, `back after ${back} ms`)
    }
    await sleep(100)
  }).then(() => {}))

test('a connection that breaks beside a healthy server costs no read and no write', async () => {
  const load = await under(async () => {
    for (let round = 0; round < 10; round += 1) {
      await sleep(50)
      await admin(redis => redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'))
    }
  })
  assert.equal(load.failures, [])
})

test('a server that forgets the script is given it again', async () => {
  const store = await open()
  for (const tick of [1, 2]) {
    await admin(redis => redis.script('FLUSH'))
    assert.is(await store.write([{ key: 'k', row: rowAt(tick), expiresIn: null }]), 1)
  }
  await store.close()
})

test('to open a store where no server is, or one that does not answer, fails in time', async () => {
  await server.kill()
  const refused = await attempt(open)
  assert.is(refused.code, 'store.unavailable')
  assert.ok(refused.milliseconds < longestOpen)
  await server.restart()
  server.pause()
  const paused = await attempt(open)
  server.resume()
  assert.ok(paused.code === 'store.timeout' || paused.code === 'store.unavailable', `${paused.code}`)
  assert.ok(paused.milliseconds < longestOpen)
})

test('a store closes in time while its server is paused, and its calls are answered', async () => {
  const store = await open()
  await store.write([{ key: 'k', row: rowAt(1), expiresIn: null }])
  server.pause()
  const calls = [
    attempt(() => store.read(['k'])),
    attempt(() => store.write([{ key: 'k', row: rowAt(2), expiresIn: null }])),
  ]
  await sleep(5)
  const closed = await attempt(() => store.close())
  const ends = await Promise.all(calls)
  server.resume()
  assert.is(closed.code, null)
  assert.ok(closed.milliseconds < longestWrite, `closed after ${closed.milliseconds} ms`)
  assert.ok(ends.every(({ code }) => code === 'store.timeout' || code === 'store.closed'))
})

test('a server out of memory refuses writes, says so, and still reads', async () => {
  const store = await open()
  await store.write([{ key: 'k', row: rowAt(1), expiresIn: null }])
  await admin(redis => redis.config('SET', 'maxmemory', '1'))
  try {
    await assertRefused(() => store.write([{ key: 'k', row: rowAt(2), expiresIn: null }]), 'OOM')
    assert.is((await store.read(['k'])).length, 1)
  } finally {
    await admin(redis => redis.config('SET', 'maxmemory', '0'))
  }
  assert.is(await store.write([{ key: 'k', row: rowAt(2), expiresIn: null }]), 1)
  await store.close()
})

test('a server that became a replica refuses writes, and takes them when it is the master again', async () => {
  const store = await open()
  await store.write([{ key: 'k', row: rowAt(1), expiresIn: null }])
  await admin(redis => redis.replicaof('127.0.0.1', '1'))
  try {
    await assertRefused(() => store.write([{ key: 'k', row: rowAt(2), expiresIn: null }]), 'READONLY')
  } finally {
    await admin(redis => redis.replicaof('NO', 'ONE'))
  }
  assert.ok((await untilSuccess(() => store.write([{ key: 'k', row: rowAt(2), expiresIn: null }]))) < 1000)
  await store.close()
})

test('a key of another type is refused, and costs no other call', async () => {
  const store = await open()
  await admin(redis => redis.lpush('list', 'x'))
  await assertRefused(() => store.write([{ key: 'list', row: rowAt(1), expiresIn: null }]), 'WRONGTYPE')
  assert.is(await store.write([{ key: 'k', row: rowAt(1), expiresIn: null }]), 1)
  await store.close()
})

async function assertRefused(call: () => Promise<unknown>, reason: string): Promise<void> {
  try {
    await call()
  } catch (error) {
    assert.ok(error instanceof MeridianError, `${error}`)
    assert.is(error.code, 'store.refused', error.message)
    assert.is(error.details.reason, reason)
    return
  }
  assert.unreachable('it was not refused')
}

test.run()
