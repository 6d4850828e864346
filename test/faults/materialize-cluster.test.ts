/** A cluster that loses the rows of one node, while the record of the completed tick is on another. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { slotOf } from '../../runtime/online/redis-slot.ts'
import { tickKey } from '../../runtime/online/redis-tick.ts'
import { type OwnServer, ownPostgresServer, ownRedisCluster, type RedisCluster } from '../servers.ts'
import { customers, everOf, noon, one, Project, three, two } from './materialize-project.ts'

let postgres: OwnServer
let cluster: RedisCluster
let project: Project

test.before(async () => {
  postgres = await ownPostgresServer()
  cluster = await ownRedisCluster()
  project = await Project.make(postgres.url, cluster.url)
})
test.after(async () => {
  await postgres.stop()
  await cluster.stop()
})

const nodeOf = (key: string) => cluster.nodeOf(slotOf(key))

/** Starts a node again that knows its slots, but none of its rows. */
async function restartEmpty(node: OwnServer, key: string): Promise<void> {
  const client = new Redis(node.url)
  const [, folder] = (await client.config('GET', 'dir')) as [string, string]
  client.disconnect()
  await node.kill()
  for (const data of ['appendonlydir', 'appendonly.aof', 'dump.rdb'])
    rmSync(join(folder, data), { recursive: true, force: true })
  await node.restart()
  const again = new Redis(node.url)
  try {
    // A master that returns to its cluster serves nothing for a while.
    for (const until = Date.now() + 20_000; ; await sleep(20)) {
      try {
        return assert.is(await again.get(key), null)
      } catch (error) {
        if (Date.now() > until || !/CLUSTERDOWN/.test(String(error))) throw error
      }
    }
  } finally {
    again.disconnect()
  }
}

test('a node that comes back without its rows: the next run computes all keys, and brings them back', async () => {
  const store = await project.connect()
  try {
    const view = store.view('ever')
    const { fingerprint } = store.manifest.views.ever!.layout
    const keyOf = (customer: number) => `{customer:${customer}}:ever:${fingerprint}`
    await view.materialize({ at: noon })
    const first = await view.materialize({ at: one })
    assert.equal([first.full, first.written], [false, customers])
    const record = nodeOf(tickKey('ever', fingerprint))
    const lost = (record + 1) % cluster.nodes.length
    const all = Array.from({ length: customers }, (_, customer) => customer)
    const gone = all.filter(customer => nodeOf(keyOf(customer)) === lost)
    await restartEmpty(cluster.nodes[lost] as OwnServer, keyOf(gone[0] as number))

    assert.equal(await everOf(store), { '2/2': customers - gone.length, '0/null': gone.length })
    assert.equal(await project.completed(store, 'ever'), new Date(one))
    // No customer ordered since: of those that changed there is none.
    const mended = await view.materialize({ at: two })
    assert.equal([mended.full, mended.rows, mended.written], [true, customers, customers])
    assert.equal(await everOf(store), { '2/2': customers })
    const after = await view.materialize({ at: three })
    assert.equal([after.full, after.rows], [false, 0])
  } finally {
    await store.close()
  }
})

test('a run while a node is gone fails and says so; once it is back, the next one completes', async () => {
  const store = await project.connect()
  try {
    const view = store.view('ever')
    await view.materialize({ at: noon, full: true })
    await cluster.nodes[1]?.kill()
    const error = await view.materialize({ at: one }).then(
      () => null,
      (thrown: unknown) => thrown as Error & { details: { reason?: string } },
    )
    assert.match(error?.message ?? '', /^view "ever" was not materialized at .*: Redis at .* is not available/)
    assert.is(error?.details.reason, 'store.unavailable')
    await cluster.nodes[1]?.restart()
    for (const until = Date.now() + 20_000; ; await sleep(50)) {
      try {
        await view.materialize({ at: three })
        break
      } catch (problem) {
        if (Date.now() > until) throw problem
      }
    }
    assert.equal(await everOf(store), { '2/2': customers })
    assert.equal(await project.completed(store, 'ever'), new Date(three))
  } finally {
    await store.close()
  }
})

test.run()
