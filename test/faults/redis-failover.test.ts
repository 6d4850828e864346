/** A cluster whose master is gone for good: its replica takes its place while reads, writes and materialization go on. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RedisStore } from '../../runtime/online/redis.ts'
import { slotOf } from '../../runtime/online/redis-slot.ts'
import { type OwnServer, ownPostgresServer, ownRedisCluster, type RedisCluster } from '../servers.ts'
import { customers, everOf, noon, one, Project, three, two } from './materialize-project.ts'
import { attempt, Load, tickOf, untilSuccess } from './redis-load.ts'

/** So that a busy machine is not taken for a fault. */
const patient = { readTimeout: 500, writeTimeout: 2000, connectTimeout: 500 }
/** What a call may take beyond its deadline on such a machine. */
const slack = 500

let cluster: RedisCluster
let postgres: OwnServer

test.before(async () => {
  ;[cluster, postgres] = await Promise.all([ownRedisCluster({ replicasOf: [0] }), ownPostgresServer()])
})
test.after(async () => {
  await cluster.stop()
  await postgres.stop()
})

const keysOf = (nodes: readonly number[], count: number) =>
  Array.from({ length: 1000 }, (_, index) => `{e:${index}}:v:f`)
    .filter(key => nodes.includes(cluster.nodeOf(slotOf(key))))
    .slice(0, count)

/** Milliseconds since the start of this process at which a node is seen to be a master. */
async function promotion(replica: Redis): Promise<number> {
  for (const until = Date.now() + 20_000; ; await sleep(5)) {
    const [role] = (await replica.call('ROLE')) as [string]
    if (role === 'master') return performance.now()
    assert.ok(Date.now() < until, 'the replica was not promoted')
  }
}

test('a replica takes over: no call hangs, no older value follows a newer one, the next run computes all keys', async () => {
  const [lost, kept] = [keysOf([0], 3), keysOf([1, 2], 4)]
  const store = await RedisStore.open({ url: cluster.url, ...patient })
  const project = await Project.make(postgres.url, cluster.url)
  const served = await project.connect()
  const view = served.view('ever')
  await view.materialize({ at: noon })
  assert.is((await view.materialize({ at: one })).full, false)
  const before = await store.incarnation()
  const replica = new Redis(cluster.replicas[0]?.url as string)
  const [losing, keeping] = [new Load(store, lost), new Load(store, kept)]
  try {
    await sleep(300)
    await cluster.nodes[0]?.kill()
    // Reads that were on their way have ended, and the others need two seconds to agree that the master failed.
    await sleep(patient.readTimeout + 200)
    await replica.readonly()
    const rows = await Promise.all(lost.map(key => replica.getBuffer(key)))
    losing.lose(new Map(lost.map((key, index) => [key, tickOf(rows[index] as Buffer)])))
    const promoted = await promotion(replica)
    await untilSuccess(() => store.read(lost))
    await untilSuccess(() => store.write([{ key: lost[0] as string, row: rows[0] as Buffer, expiresIn: null }]))
    const back = performance.now() - promoted
    assert.ok(back < 1000, `back ${back} ms after the promotion`)
    const failed = losing.failures.length
    assert.ok(failed > 0)

    // What it was before comes back as a replica, and is asked for nothing.
    await cluster.nodes[0]?.restart()
    await sleep(1500)
    assert.is(losing.failures.length, failed)

    assert.is.not(await store.incarnation(), before)
    const mended = await view.materialize({ at: two })
    assert.equal([mended.full, mended.rows], [true, customers])
    // A process that has not read since learns of the new master from its first reads.
    const some = Array.from({ length: 100 }, (_, customer) => ({ customer: BigInt(customer) }))
    const learnt = await untilSuccess(() => view.getMany(some))
    assert.ok(learnt < 1000, `learnt after ${learnt} ms`)
    assert.equal(await everOf(served), { '2/2': customers })
    assert.is((await view.materialize({ at: three })).full, false)
  } finally {
    replica.disconnect()
    await losing.stop()
    await keeping.stop()
    await served.close()
  }
  assert.equal(keeping.failures, [])
  assert.ok(losing.failures.every(code => code === 'store.unavailable' || code === 'store.timeout'))
  for (const { milliseconds } of losing.reads)
    assert.ok(milliseconds < patient.readTimeout + slack, `a read took ${milliseconds} ms`)
  for (const { milliseconds } of losing.writes)
    assert.ok(milliseconds < patient.writeTimeout + slack, `a write took ${milliseconds} ms`)
  await losing.check()
  await keeping.check()
  assert.is((await attempt(() => store.read([...lost, ...kept]))).code, null)
  await store.close()
})

test.run()
