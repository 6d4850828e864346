/**
 * Workers as processes that are killed and paused, on servers that are killed, emptied and replaced: what is stored at the end
 * is what it should be, and no row ever gets older. One file because all of it needs the same servers.
 */
import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import type { Store } from 'meridian/runtime'
import pg from 'pg'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type OwnServer, ownPostgresServer, ownRedisServer } from '../servers.ts'
import { RefreshProject, type Told, type WorkerProcess } from './refresh-project.ts'

const views = [
  { name: 'quick', refresh: 1, window: 10 },
  { name: 'slower', refresh: 2, window: 30 },
  { name: 'daily', refresh: 86_400, window: 5 },
] as const
const [quick, , daily] = views

let postgres: OwnServer
let server: OwnServer
let project: RefreshProject
let redis: Redis
let store: Store
let workers: WorkerProcess[] = []

test.before(async () => {
  ;[postgres, server] = await Promise.all([ownPostgresServer(), ownRedisServer()])
  project = await RefreshProject.make(views, 300, { postgres: postgres.url, redis: server.url })
})
test.after(async () => {
  await project.close()
  await Promise.all([postgres.stop(), server.stop()])
})
test.before.each(async () => {
  redis = new Redis(server.url, { retryStrategy: () => 50 })
  redis.on('error', () => {})
  await redis.flushall()
  store = await project.connect()
})
test.after.each(async () => {
  await Promise.all(workers.map(worker => worker.kill()))
  workers = []
  redis.disconnect()
  await store.close()
  project.checkWrites()
})

async function start(options: Parameters<RefreshProject['worker']>[0] = {}): Promise<WorkerProcess> {
  const worker = await project.worker(options)
  workers.push(worker)
  return worker
}

const completed =
  (view: string, after = 0) =>
  (told: Told) =>
    told.view === view && Date.parse(String(told.tick)) >= after

/** Waits until every view is fresh, and checks what is stored. */
async function allFresh(milliseconds = 15_000): Promise<void> {
  const until = Date.now() + milliseconds
  for (const view of views) {
    for (;;) {
      const newest = Math.floor(Date.now() / 1000 / view.refresh) * view.refresh * 1000
      const tick = await project.completed(view.name).catch(() => null)
      if (tick !== null && tick >= newest - (Date.now() - newest < 500 ? view.refresh * 1000 : 0)) break
      assert.ok(Date.now() < until, `${view.name} is completed at ${tick}, the newest tick is ${newest}`)
      await sleep(50)
    }
    await project.check(store, view)
  }
}

async function isFresh(): Promise<boolean> {
  try {
    await allFresh(1_000)
    return true
  } catch {
    await sleep(100)
    return false
  }
}

/** Keeps the table from being read while the work goes on. */
async function whileLocked(work: () => Promise<void>): Promise<void> {
  const holder = new pg.Client(postgres.url)
  await holder.connect()
  await holder.query('BEGIN; LOCK TABLE events IN ACCESS EXCLUSIVE MODE')
  try {
    await work()
  } finally {
    await holder.query('COMMIT')
    await holder.end()
  }
}

test('several workers: each tick is run by one of them, in time, with the right values', async () => {
  const all = await Promise.all([start(), start(), start()])
  await all[0]?.until('entered', () => true).catch(() => {})
  await sleep(6_000)
  await allFresh()
  const done = all.flatMap(worker => worker.of('tick.completed')).filter(completed('quick'))
  const ticks = done.map(({ tick }) => String(tick))
  assert.is(new Set(ticks).size, ticks.length, 'a tick was run twice')
  assert.ok(ticks.length >= 5, `${ticks.length} ticks`)
  // The first ones are late: nobody was there.
  const late = done.slice(3).map(({ lag }) => Number(lag))
  assert.ok(Math.max(...late) < 0.9, `seconds until online: ${late}`)
  for (const worker of all) assert.equal(worker.of('tick.failed'), [])
})

test('a worker is killed in the midst of a tick: another one takes over when its lock expires', async () => {
  const first = await start({ lease: 1_500 })
  await first.until('tick.completed', completed('daily'))
  const second = await start({ lease: 1_500 })
  await whileLocked(async () => {
    await first.inTheMidst('quick')
    await first.kill()
  })
  const killed = Date.now()
  await second.until('tick.completed', completed('quick', killed))
  await second.until('tick.completed', completed('slower', killed))
  assert.ok(Date.now() - killed < 6_000, `${Date.now() - killed} ms`)
  await allFresh()
})

test('a worker is paused in the midst of a tick until its lock expired, and wakes: nothing gets older', async () => {
  const first = await start({ lease: 1_500 })
  await first.until('tick.completed', completed('daily'))
  let second: WorkerProcess | undefined
  let old = ''
  await whileLocked(async () => {
    old = await first.inTheMidst('quick')
    first.pause()
    second = await start({ lease: 1_500 })
  })
  const taken = await second?.until('tick.completed', completed('quick', Date.now()))
  const before = await project.check(store, quick)
  first.resume()
  // It learns that its lock is lost, or has written by then.
  const ended = (told: Told) => told.view === 'quick' && told.tick === old
  await Promise.any([first.until('lock.lost', ended), first.until('tick.completed', ended)])
  const later = completed('quick', Date.parse(String(taken?.tick)) + 1_000)
  await Promise.any([first, second as WorkerProcess].map(worker => worker.until('tick.completed', later)))
  const after = await project.check(store, quick)
  assert.ok(after.oldest >= before.oldest, 'a row got older')
  await allFresh()
})

test('a lock is lost in the midst of a tick: two workers run it, and write the same', async () => {
  const twice = project.checkWrites().twice
  const both: WorkerProcess[] = []
  await whileLocked(async () => {
    // Longer than the test, so that nobody learns of it in time.
    for (let count = 0; count < 2; count += 1) {
      const worker = await start({ lease: 60_000, concurrency: 3 })
      both.push(worker)
      await worker.inTheMidst('daily')
      // As after a failover to a replica that had not heard of it: what is due is due at once.
      const [lock] = (await redis.keys('{meridian/events}:lock:daily:*')) as [string]
      const [due] = (await redis.keys('{meridian/events}:due:*')) as [string]
      await redis.del(lock)
      await redis.zadd(due, 0, lock.slice('{meridian/events}:lock:'.length))
    }
  })
  const ticks = await Promise.all(both.map(worker => worker.until('tick.completed', completed('daily'))))
  assert.is(ticks[0]?.tick, ticks[1]?.tick)
  assert.ok(project.checkWrites().twice > twice, 'no row was written by both')
  await allFresh()
})

test('Redis is killed and comes back with its data: workers go on by themselves', async () => {
  const worker = await start()
  await worker.until('tick.completed', completed('daily'))
  await server.kill()
  await worker.until('waiting')
  await sleep(1_000)
  await server.restart()
  const back = Date.now()
  await worker.until('resumed')
  await worker.until('tick.completed', completed('quick', back))
  assert.ok(Date.now() - back < 8_000, `${Date.now() - back} ms`)
  await allFresh()
})

test('Redis loses everything: it is filled again, views of long ago too', async () => {
  const worker = await start()
  await worker.until('tick.completed', completed('daily'))
  await redis.flushall()
  const lost = Date.now()
  await worker.until('entered', told => told.reason === 'missing' && worker.of('entered').length > 1)
  // A run that was about to complete its tick may do so after its rows are gone: the next one is of all keys, a second later.
  while (!(await isFresh())) assert.ok(Date.now() - lost < 5_000)
  const again = worker.of('tick.completed').filter(completed('daily'))
  assert.equal(
    again.map(({ full }) => full),
    [true, true],
  )
})

test('Redis is killed and comes back empty: it is filled again', async () => {
  const worker = await start()
  await worker.until('tick.completed', completed('daily'))
  const [, folder] = (await redis.config('GET', 'dir')) as [string, string]
  await server.kill()
  for (const data of ['appendonlydir', 'appendonly.aof', 'dump.rdb'])
    rmSync(`${folder}/${data}`, { recursive: true, force: true })
  await server.restart()
  await allFresh(10_000)
  assert.is((await project.check(store, daily)).oldest % 86_400_000, 0)
})

test('Redis loses rows, not what is scheduled: they are brought back before their next tick', async () => {
  const worker = await start()
  await worker.until('tick.completed', completed('daily'))
  const rows = await redis.keys('{thing:*}:daily:*')
  assert.is(rows.length, 20)
  // What was acknowledged last is gone after a crash between two syncs: here rows, and not the record of their tick.
  await redis.del(rows)
  await server.restart()
  await worker.until('entered', told => told.reason === 'restarted')
  await worker.until(
    'tick.completed',
    told => told.view === 'daily' && worker.of('tick.completed').filter(completed('daily')).length > 1,
  )
  await allFresh()
})

test('Postgres is killed: workers wait, and no view is to blame', async () => {
  const worker = await start()
  await worker.until('tick.completed', completed('daily'))
  await postgres.kill()
  await worker.until('waiting', told => told.for === 'database')
  await sleep(1_500)
  await postgres.restart()
  const back = Date.now()
  await worker.until('resumed', told => told.for === 'database')
  await worker.until('tick.completed', completed('quick', back))
  assert.ok(Date.now() - back < 10_000, `${Date.now() - back} ms`)
  const blamed = worker.of('tick.failed').filter(({ attempt }) => Number(attempt) > 1)
  assert.equal(blamed, [])
  await allFresh()
})

test('workers whose clocks are wrong by hours agree on ticks', async () => {
  const all = await Promise.all([start({ skew: 5 * 3_600_000 }), start({ skew: -5 * 3_600_000 }), start({ skew: 777 })])
  await sleep(4_000)
  await allFresh()
  const ticks = all.flatMap(worker => worker.of('tick.completed')).filter(completed('quick'))
  assert.is(new Set(ticks.map(({ tick }) => tick)).size, ticks.length)
  for (const { tick } of ticks) assert.ok(Math.abs(Date.parse(String(tick)) - Date.now()) < 20_000, `${tick}`)
})

test('SIGTERM: what runs ends, what waits is given back, and the next worker has nothing to wait for', async () => {
  const first = await start({ lease: 60_000 })
  await first.until('tick.completed', completed('daily'))
  let stopping: Promise<unknown> | undefined
  await whileLocked(async () => {
    await first.inTheMidst('quick')
    stopping = first.stop()
    await first.until('stopping')
  })
  assert.equal(await stopping, [0, null])
  assert.is(first.told.at(-1)?.kind, 'stopped')
  assert.equal(await redis.keys('{meridian/events}:lock:*'), [])
  await start()
  await allFresh(5_000)
})

test('SIGTERM without grace: what runs is given back at once', async () => {
  const first = await start({ lease: 60_000, grace: 200 })
  await first.until('tick.completed', completed('daily'))
  await whileLocked(async () => {
    await first.inTheMidst('quick')
    assert.equal(await first.stop(), [0, null])
    assert.ok(first.of('tick.released').length > 0)
    assert.equal(await redis.keys('{meridian/events}:lock:*'), [])
  })
  await start()
  await allFresh(5_000)
})

test.run()
