/**
 * Workers that are killed and paused at random, on servers that are restarted, with their data and without: in the end every view is
 * fresh and every value right, and no row was written in two ways or got older.
 *
 * MERIDIAN_SOAK_SECONDS=600 npm test -- faults/refresh-soak     # five workers, 200 views
 * MERIDIAN_SEED=7 ...                                           # the same faults again, as far as time allows
 */
import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { MeridianError, type Store } from 'meridian/runtime'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type OwnServer, ownPostgresServer, ownRedisServer } from '../servers.ts'
import { keys, RefreshProject, type ViewSpec, type WorkerProcess } from './refresh-project.ts'

const long = process.env.MERIDIAN_SOAK_SECONDS !== undefined
const seconds = Number(process.env.MERIDIAN_SOAK_SECONDS ?? 14)
const seed = Number(process.env.MERIDIAN_SEED ?? Math.floor(Math.random() * 1e9))
const size = long ? { workers: 5, views: 200, lease: 5_000 } : { workers: 3, views: 20, lease: 2_000 }
/** Seconds: what the machine can keep up with. */
const refreshes = long ? [10, 20, 30, 60] : [2, 3, 5]
const settle = long ? 30_000 : 15_000

const random = randomOf(seed)
const between = (least: number, most: number) => least + random() * (most - least)
const oneOf = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T

const views: ViewSpec[] = Array.from({ length: size.views }, (_, index) => ({
  name: `view${index}`,
  refresh: refreshes[index % refreshes.length] as number,
  window: 1 + Math.floor(random() * 60),
}))

class Soak {
  readonly counts: Record<string, number> = {}
  readonly #project: RefreshProject
  readonly #redis: OwnServer
  readonly #postgres: OwnServer
  /** All that ever were. */
  readonly #all: WorkerProcess[] = []
  #alive: WorkerProcess[] = []
  #paused: Promise<void>[] = []
  /** Raised where rows may be gone. */
  #losses = 0
  #over = false

  constructor(project: RefreshProject, redis: OwnServer, postgres: OwnServer) {
    this.#project = project
    this.#redis = redis
    this.#postgres = postgres
  }

  async start(): Promise<void> {
    for (let index = 0; index < size.workers; index += 1) await this.#hire()
  }

  /** Does harm, one thing after another, until it is time. */
  async harm(until: number): Promise<void> {
    while (Date.now() < until) {
      await sleep(between(300, long ? 4_000 : 1_000))
      await this.#once()
    }
    this.#over = true
    await Promise.all(this.#paused)
  }

  /** Reads until the harm is over: of what was read once nothing older may be read. */
  async watch(store: Store): Promise<void> {
    let losses = this.#losses
    const seen = new Map<string, number>()
    while (!this.#over) {
      const view = oneOf(views)
      try {
        const rows = await store.view(view.name).getMany(keys, { status: true })
        if (losses !== this.#losses) {
          losses = this.#losses
          seen.clear()
          continue
        }
        for (const [key, row] of rows.entries()) {
          const tick = row.events?.tick?.getTime() ?? 0
          const name = `${view.name}:${key}`
          assert.ok(tick >= (seen.get(name) ?? 0), `${name} got older: ${tick} after ${seen.get(name)}`)
          seen.set(name, tick)
        }
        this.#count('reads')
      } catch (error) {
        if (!(error instanceof MeridianError)) throw error
      }
      await sleep(5)
    }
  }

  /** Stops all workers, who may end what they run. */
  async stop(): Promise<void> {
    const ends = await Promise.all(this.#alive.map(worker => worker.stop()))
    assert.equal(
      ends,
      ends.map(() => [0, null]),
    )
    for (const kind of ['tick.completed', 'tick.failed', 'tick.skipped', 'lock.lost', 'lock.won', 'lock.none'] as const)
      this.counts[kind] = this.#all.reduce((total, worker) => total + worker.of(kind).length, 0)
  }

  async kill(): Promise<void> {
    await Promise.all(this.#alive.map(worker => worker.kill()))
  }

  async #once(): Promise<void> {
    const dice = random()
    if (dice < 0.4) {
      const worker = oneOf(this.#alive)
      this.#alive = this.#alive.filter(other => other !== worker)
      await worker.kill()
      this.#count('workers killed')
      await this.#hire()
    } else if (dice < 0.75) {
      const worker = oneOf(this.#alive)
      worker.pause()
      this.#count('workers paused')
      this.#paused.push(sleep(between(200, 2.5 * size.lease)).then(() => worker.resume()))
    } else if (dice < 0.88) {
      await this.#redis.kill()
      await sleep(between(0, 1_500))
      await this.#redis.restart()
      this.#count('restarts of Redis')
    } else if (dice < 0.95) {
      await this.#empty()
      this.#count('restarts of an empty Redis')
    } else {
      await this.#postgres.kill()
      await sleep(between(0, 1_500))
      await this.#postgres.restart()
      this.#count('restarts of Postgres')
    }
  }

  async #empty(): Promise<void> {
    const client = new Redis(this.#redis.url)
    const [, folder] = (await client.config('GET', 'dir')) as [string, string]
    client.disconnect()
    this.#losses += 1
    await this.#redis.kill()
    for (const data of ['appendonlydir', 'appendonly.aof', 'dump.rdb'])
      rmSync(`${folder}/${data}`, { recursive: true, force: true })
    await this.#redis.restart()
    this.#losses += 1
  }

  async #hire(): Promise<void> {
    const worker = await this.#project.worker({
      lease: size.lease,
      concurrency: 3,
      skew: Math.round(between(-9e6, 9e6)),
    })
    this.#all.push(worker)
    this.#alive.push(worker)
  }

  #count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1
  }
}

/** Waits until the newest tick of every view is completed, but for those that have just come. */
async function allFresh(project: RefreshProject): Promise<number> {
  const started = Date.now()
  for (;;) {
    const late: string[] = []
    for (const { name, refresh } of views) {
      const completed = await project.completed(name).catch(() => null)
      const newest = Math.floor(Date.now() / 1000 / refresh) * refresh * 1000
      const due = Date.now() - newest < 1_000 ? newest - refresh * 1000 : newest
      if (completed === null || completed < due) late.push(`${name}: ${completed}, not ${due}`)
    }
    if (late.length === 0) return Date.now() - started
    assert.ok(Date.now() - started < settle, `not fresh: ${late.join('; ')}`)
    await sleep(100)
  }
}

test(`${size.workers} workers, ${size.views} views, ${seconds} s of faults, seed ${seed}`, async () => {
  const [postgres, redis] = await Promise.all([ownPostgresServer(), ownRedisServer()])
  const urls = { postgres: postgres.url, redis: redis.url }
  const project = await RefreshProject.make(views, seconds + 120, urls)
  const soak = new Soak(project, redis, postgres)
  const store = await project.connect()
  try {
    await soak.start()
    await Promise.all([soak.harm(Date.now() + seconds * 1000), soak.watch(store)])
    const milliseconds = await allFresh(project)
    await soak.stop()
    for (const view of views) await project.check(store, view)
    const { rows, twice } = project.checkWrites()
    const counts = { ...soak.counts, 'fresh after (ms)': milliseconds, rows, 'rows written by two': twice }
    if (long) console.log(counts)
    assert.ok((soak.counts['tick.completed'] ?? 0) > views.length)
  } finally {
    await soak.kill()
    await Promise.all([store.close(), project.close()])
    await Promise.all([postgres.stop(), redis.stop()])
  }
})

/** Numbers from 0 to 1 that a seed decides. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

test.run()
