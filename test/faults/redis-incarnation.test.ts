/** The incarnation of a store changes where rows may have been lost, and where not it stays. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RedisStore } from '../../runtime/online/redis.ts'
import { ownRedisCluster, ownRedisServer } from '../servers.ts'
import { attempt, rowAt, untilSuccess } from './redis-load.ts'

const patient = { readTimeout: 500, writeTimeout: 1000, connectTimeout: 500 }

test('a server: a new process is another, whatever was on disk; so is a replica that takes its place', async () => {
  const [server, replica] = await Promise.all([ownRedisServer(), ownRedisServer()])
  const client = new Redis(replica.url)
  const [store, standby] = [
    await RedisStore.open({ url: server.url, ...patient }),
    await RedisStore.open({ url: replica.url, ...patient }),
  ]
  try {
    const first = await store.incarnation()
    await store.write([{ key: 'k', row: rowAt(1), expiresIn: null }])
    const other = await RedisStore.open({ url: server.url, ...patient })
    assert.is(await other.incarnation(), first)
    await other.close()
    await server.restart()
    await untilSuccess(() => store.read(['k']))
    await untilSuccess(() => store.incarnation())
    assert.is.not(await store.incarnation(), first)

    const { hostname, port } = new URL(server.url)
    await client.replicaof(hostname, port)
    while (!(await client.info('replication')).includes('master_link_status:up')) await sleep(20)
    const before = await standby.incarnation()
    await client.replicaof('NO', 'ONE')
    assert.is.not(await standby.incarnation(), before)

    server.pause()
    const { code, milliseconds } = await attempt(() => store.incarnation())
    server.resume()
    assert.is(code, 'store.timeout')
    assert.ok(milliseconds < patient.writeTimeout + 500, `${milliseconds} ms`)
    await server.kill()
    assert.is((await attempt(() => store.incarnation())).code, 'store.unavailable')
  } finally {
    client.disconnect()
    await store.close()
    await standby.close()
    await server.stop()
    await replica.stop()
  }
})

test('a server that is emptied is another, by whatever command; a cluster of which one node is, too', async () => {
  const [server, cluster] = await Promise.all([ownRedisServer(), ownRedisCluster()])
  const nodes = [server, ...cluster.nodes].map(({ url }) => new Redis(url))
  const [single, ...several] = nodes as [Redis, ...Redis[]]
  const stores = [
    await RedisStore.open({ url: server.url, ...patient }),
    await RedisStore.open({ url: cluster.url, ...patient }),
  ] as const
  try {
    const seen = new Set([await stores[0].incarnation()])
    for (const [index, empty] of [() => single.flushall(), () => single.flushdb(), () => single.flushall()].entries()) {
      await empty()
      seen.add(await stores[0].incarnation())
      assert.is(seen.size, index + 2)
    }
    assert.ok(seen.has(await stores[0].incarnation()), 'and stays so')
    const first = await stores[1].incarnation()
    await several[2]?.flushall()
    assert.is.not(await stores[1].incarnation(), first)
  } finally {
    for (const node of nodes) node.disconnect()
    for (const store of stores) await store.close()
    await server.stop()
    await cluster.stop()
  }
})

test('a cluster: a node that was started anew makes another, a slot that moves does not', async () => {
  const cluster = await ownRedisCluster()
  const clients = cluster.nodes.map(({ url }) => new Redis(url))
  for (const client of clients) client.on('error', () => {})
  const store = await RedisStore.open({ url: cluster.url, ...patient })
  try {
    const first = await store.incarnation()
    const [from, to] = clients as [Redis, Redis, Redis]
    const [source, target] = [String(await from.cluster('MYID')), String(await to.cluster('MYID'))]
    await to.call('CLUSTER', 'SETSLOT', '0', 'IMPORTING', source)
    await from.call('CLUSTER', 'SETSLOT', '0', 'MIGRATING', target)
    for (const node of [to, from]) await node.call('CLUSTER', 'SETSLOT', '0', 'NODE', target)
    assert.is(await store.incarnation(), first)
    await cluster.nodes[2]?.restart()
    await untilSuccess(() => store.incarnation())
    assert.is.not(await store.incarnation(), first)
    await cluster.nodes[1]?.kill()
    const { code, milliseconds } = await attempt(() => store.incarnation())
    assert.ok(code === 'store.unavailable' || code === 'store.timeout', `${code}`)
    assert.ok(milliseconds < patient.writeTimeout + 500, `${milliseconds} ms`)
  } finally {
    for (const client of clients) client.disconnect()
    await store.close()
    await cluster.stop()
  }
})

test.run()
