/** A replica that has not heard of the last seconds takes the place of its master, with locks, ticks and rows of before. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ownPostgresServer, ownRedisServer } from '../servers.ts'
import { AddressProxy } from './proxy.ts'
import { RefreshProject, type Told } from './refresh-project.ts'

const views = [
  { name: 'quick', refresh: 1, window: 10 },
  { name: 'slower', refresh: 3, window: 20 },
  { name: 'daily', refresh: 86_400, window: 5 },
] as const
const [quick, , daily] = views

test('a replica takes over that is seconds behind: what it lacks is brought back, and nothing is locked for long', async () => {
  const [postgres, master, replica] = await Promise.all([ownPostgresServer(), ownRedisServer(), ownRedisServer()])
  const proxy = await AddressProxy.start(master.url)
  const client = new Redis(replica.url)
  client.on('error', () => {})
  const project = await RefreshProject.make(views, 120, { postgres: postgres.url, redis: proxy.url })
  const workers = await Promise.all([project.worker(), project.worker()])
  const store = await project.connect()
  try {
    const { hostname, port } = new URL(master.url)
    await client.replicaof(hostname, port)
    while (!(await client.info('replication')).includes('master_link_status:up')) await sleep(20)
    await Promise.any(workers.map(worker => worker.until('tick.completed', ({ view }) => view === 'quick')))
    await sleep(500)
    replica.pause()
    // What the master alone knows: ticks, rows, and the views that are missing until now.
    const before = new Date(Date.now()).toISOString()
    const later = (view: string) => (told: Told) => told.view === view && String(told.tick) > before
    await Promise.any(workers.map(worker => worker.until('tick.completed', later('slower'))))
    const known = await project.check(store, quick)
    await master.kill()
    replica.resume()
    await client.replicaof('NO', 'ONE')
    proxy.lead(replica.url)
    const moved = Date.now()
    // A reader may see older rows until they are written again.
    for (;;) {
      const now = await project.check(store, quick).catch(() => null)
      const done = (await Promise.all([project.completed('quick'), project.completed('slower')]).catch(
        () => [],
      )) as number[]
      if (now && now.newest > known.newest && done.length === 2 && Math.min(...done) > moved) break
      assert.ok(Date.now() - moved < 15_000, `${JSON.stringify(now)} ${done} ${moved}`)
      await sleep(100)
    }
    await Promise.any(
      workers.map(worker => worker.until('entered', ({ reason }) => reason === 'restarted' || reason === 'missing')),
    )
    await sleep(1_000)
    for (const view of views) await project.check(store, view)
    assert.is(await project.completed('daily'), Math.floor(Date.now() / 86_400_000) * 86_400_000)
    assert.ok((await project.check(store, daily)).oldest > 0)
  } finally {
    await Promise.all(workers.map(worker => worker.kill()))
    await Promise.all([store.close(), project.close()])
    client.disconnect()
    await proxy.stop()
    await Promise.all([postgres.stop(), master.stop(), replica.stop()])
  }
  project.checkWrites()
})

test.run()
