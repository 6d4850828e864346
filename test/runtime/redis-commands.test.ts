/** What the store sends, as the server counts it. */
import { Redis } from 'ioredis'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RedisStore } from '../../runtime/online/redis.ts'
import { redisServer } from '../servers.ts'

let redis: Redis
let store: RedisStore
test.before.each(async () => {
  const { url } = await redisServer()
  redis = new Redis(url)
  await redis.flushall()
  store = await RedisStore.open({ url, readTimeout: 2000, writeTimeout: 5000, connectTimeout: 2000 })
  await redis.config('RESETSTAT')
})
test.after.each(async () => {
  redis.disconnect()
  await store.close()
})

async function calls(command: string): Promise<number> {
  const stats = await redis.info('commandstats')
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0)
}

const keys = (count: number) => Array.from({ length: count }, (_, index) => `{e:${index}}:v:f`)

test('reads made in the same turn go out as one command, or as one for each 25 of them', async () => {
  await Promise.all(keys(25).map(key => store.read([key])))
  assert.is(await calls('mget'), 1)
  // Also where callers come out of promises of their own.
  await Promise.all(keys(25).map(async key => store.read([await key])))
  assert.is(await calls('mget'), 2)
  await Promise.all(keys(500).map(key => store.read([key])))
  assert.is(await calls('mget'), 22)
})

test('a command has at most a thousand keys', async () => {
  await store.read(keys(2500))
  assert.is(await calls('mget'), 3)
})

test('reads made while others are under way go out together, too', async () => {
  const work = Array.from({ length: 50 }, async (_, index) => {
    for (let round = 0; round < 40; round += 1) await store.read([`{e:${index}}:v:f`])
  })
  await Promise.all(work)
  const count = await calls('mget')
  assert.ok(count >= 40 && count < 200, `2,000 reads of 50 callers took ${count} commands`)
})

test('a script has at most two hundred rows, and is sent once', async () => {
  const row = Buffer.alloc(24)
  await store.write(keys(200).map(key => ({ key, row, expiresIn: null })))
  await store.write(keys(1000).map(key => ({ key, row, expiresIn: null })))
  assert.is(await calls('evalsha'), 6)
  assert.ok((await calls('eval')) <= 1)
})

test('a process that only reads has one connection; one that writes has two', async () => {
  const connections = async () => String(await redis.client('LIST')).split('name=meridian ').length - 1
  const before = await connections()
  await store.read(['k'])
  assert.is(await connections(), before)
  await store.write([{ key: 'k', row: Buffer.alloc(24), expiresIn: null }])
  assert.is(await connections(), before + 1)
})

test.run()
