/** A cluster that loses a master, or moves a slot, while reads and writes go on. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RedisStore } from '../../runtime/online/redis.ts'
import { slotOf } from '../../runtime/online/redis-slot.ts'
import { ownRedisCluster, type RedisCluster } from '../servers.ts'
import { attempt, Load, rowAt, tickOf, untilSuccess } from './redis-load.ts'

/** So that a busy machine is not taken for a fault. */
const patient = { readTimeout: 500, writeTimeout: 2000, connectTimeout: 500 }
/** What a call may take beyond its deadline on such a machine. */
const slack = 500

let cluster: RedisCluster
let clients: Redis[]
let store: RedisStore

test.before(async () => {
  cluster = await ownRedisCluster()
})
test.after(() => cluster.stop())
test.before.each(async () => {
  clients = cluster.nodes.map(({ url }) => new Redis(url, { maxRetriesPerRequest: 3 }))
  for (const client of clients) client.on('error', () => {})
  for (const client of clients) await client.flushall()
  store = await RedisStore.open({ url: cluster.url, ...patient })
})
test.after.each(async () => {
  for (const client of clients) client.disconnect()
  await store.close()
})

const nodeOf = (key: string) => cluster.nodeOf(slotOf(key))
/** Keys of one node, each in a slot of its own. */
const keysOf = (node: number, count: number) =>
  Array.from({ length: 1000 }, (_, index) => `{e:${index}}:v:f`)
    .filter(key => nodeOf(key) === node)
    .slice(0, count)

async function untilServes(client: Redis, key: string): Promise<void> {
  const until = Date.now() + 20_000
  for (;;) {
    try {
      return void (await client.get(key))
    } catch (error) {
      if (Date.now() > until) throw error
      await sleep(5)
    }
  }
}

test('the slot of a key is what the server says', async () => {
  const keys = ['', 'a', '{}', '{}a', '{a}b', 'x{a}{b}', '{a', 'a}', '}{a}', '{{a}}', '{e:ü€😀}:v:f', 'x'.repeat(5000)]
  for (const key of keys) assert.is(slotOf(key), await clients[0]?.cluster('KEYSLOT', key), key)
})

test('a master that is gone fails the calls for its slots, and no others', async () => {
  const [lost, kept] = [keysOf(2, 3), [...keysOf(0, 3), ...keysOf(1, 3)]]
  const [losing, keeping] = [new Load(store, lost), new Load(store, kept)]
  try {
    await sleep(200)
    await cluster.nodes[2]?.kill()
    // Longer than the other nodes take to agree that it failed.
    await sleep(4000)
    assert.ok(losing.failures.length > 0)
    const mixed = await attempt(() => store.read([...lost, ...kept]))
    assert.is(mixed.code, 'store.unavailable')
    await cluster.nodes[2]?.restart()
    // A master that returns to its cluster serves nothing for a while.
    await untilServes(clients[2] as Redis, lost[0] as string)
    const back = await untilSuccess(() => store.read(lost))
    assert.ok(back < 1000, `back after ${back} ms`)
    await sleep(100)
  } finally {
    await losing.stop()
    await keeping.stop()
  }
  assert.equal(keeping.failures, [])
  assert.ok(losing.failures.every(code => code === 'store.unavailable' || code === 'store.timeout'))
  for (const { milliseconds } of losing.reads)
    assert.ok(milliseconds < patient.readTimeout + slack, `a read took ${milliseconds} ms`)
  for (const { milliseconds } of losing.writes)
    assert.ok(milliseconds < patient.writeTimeout + slack, `a write took ${milliseconds} ms`)
  await losing.check()
  await keeping.check()
})

test('a master that is paused fails the calls for its slots, and no others', async () => {
  const [lost, kept] = [keysOf(1, 3), [...keysOf(0, 3), ...keysOf(2, 3)]]
  const [losing, keeping] = [new Load(store, lost), new Load(store, kept)]
  try {
    await sleep(200)
    cluster.nodes[1]?.pause()
    await sleep(1000)
    cluster.nodes[1]?.resume()
    assert.ok(losing.failures.length > 0)
    const back = await untilSuccess(() => store.read(lost))
    assert.ok(back < 1000, `back after ${back} ms`)
  } finally {
    cluster.nodes[1]?.resume()
    await losing.stop()
    await keeping.stop()
  }
  assert.equal(keeping.failures, [])
  for (const { milliseconds } of losing.reads) assert.ok(milliseconds < patient.readTimeout + slack)
  await losing.check()
})

test('a slot that moves is followed by reads and writes, key by key', async () => {
  // One slot: all go into one command.
  const keys = Array.from({ length: 40 }, (_, index) => `{moving}:v${index}:f`)
  const slot = slotOf(keys[0] as string)
  const from = nodeOf(keys[0] as string)
  const to = (from + 1) % cluster.nodes.length
  const [source, target] = [clients[from] as Redis, clients[to] as Redis]
  const [sourceId, targetId] = [String(await source.cluster('MYID')), String(await target.cluster('MYID'))]
  await store.write(keys.map(key => ({ key, row: rowAt(1), expiresIn: null })))
  const load = new Load(store, keys.slice(0, 5))
  const move = async (node: Redis, kind: string, id: string) => node.call('CLUSTER', 'SETSLOT', `${slot}`, kind, id)
  const { port } = new URL(cluster.nodes[to]?.url as string)
  try {
    await target.call('CLUSTER', 'SETSLOT', `${slot}`, 'IMPORTING', sourceId)
    await source.call('CLUSTER', 'SETSLOT', `${slot}`, 'MIGRATING', targetId)
    for (const [index, key] of keys.entries()) {
      await source.call('MIGRATE', '127.0.0.1', port, key, '0', '1000')
      const rows = await store.read(keys)
      assert.ok(rows.every(row => row !== null))
      // Some are here, some there, some nowhere yet.
      const tick = index + 2
      const fresh = `{moving}:fresh${index}:f`
      const batch = [...keys.slice(5), fresh].map(key => ({ key, row: rowAt(tick), expiresIn: null }))
      assert.is(await store.write(batch), batch.length)
    }
    for (const node of [target, source]) await move(node, 'NODE', targetId)
    await sleep(100)
  } finally {
    await load.stop()
  }
  assert.equal(load.failures, [])
  await load.check()
  const rows = await store.read(keys.slice(5))
  assert.ok(rows.every(row => row !== null && tickOf(row) === keys.length + 1))
  assert.is(await store.write(keys.slice(5).map(key => ({ key, row: rowAt(1), expiresIn: null }))), 0)
})

test('one URL for a cluster, and one for a server: the other is refused with what to write', async () => {
  const [key] = keysOf(2, 1)
  const single = await RedisStore.open({ url: cluster.nodes[0]?.url as string, ...patient })
  assert.is((await attempt(() => single.read([key as string]))).code, 'store.refused')
  await single.close()
})

test('one node in the URL tells of the others; those that do not answer are passed over', async () => {
  const nodes = cluster.nodes.map(({ url }) => new URL(url).host)
  const one = await RedisStore.open({ url: `redis://${nodes[1]}`, cluster: true, ...patient })
  assert.equal(await one.read([...keysOf(0, 1), ...keysOf(2, 1)]), [null, null])
  await one.close()
  const another = await RedisStore.open({ url: `redis+cluster://127.0.0.1:1,${nodes[0]}`, ...patient })
  assert.equal(await another.read(keysOf(2, 1)), [null])
  await another.close()
})

test.run()
