/**
 * A fleet of workers over the real selection and the real locks; only their runs do nothing but take time.
 *
 * npx tsx -C meridian-source bench/schedule.ts            # shared state in memory, in virtual time
 * npx tsx -C meridian-source bench/schedule.ts --redis    # on a Redis that it starts, in real time
 */

import { redisAddress } from '../runtime/online/redis-address.ts'
import { connectServers } from '../runtime/online/redis-connect.ts'
import type { Job } from '../runtime/schedule/due.ts'
import type { Locks } from '../runtime/schedule/locks.ts'
import { MemoryLocks } from '../runtime/schedule/memory-locks.ts'
import { RedisLocks } from '../runtime/schedule/redis-locks.ts'
import { realTimer, type Timer } from '../runtime/schedule/timer.ts'
import { Fleet, jobsEvery, type Run } from '../test/schedule/fleet.ts'
import { VirtualTime } from '../test/schedule/virtual-time.ts'
import { ownRedisServer } from '../test/servers.ts'
import { type Counts, counting, noCounts } from './schedule-counting.ts'

interface Setting {
  readonly workers: number
  readonly views: number
  /** All views at the same instants, or each at its own. */
  readonly pattern: 'burst' | 'spread'
  /** Milliseconds. */
  readonly refresh: number
  /** Mean milliseconds of a run, which are from half of it to one and a half. */
  readonly takes: number
  readonly ticks: number
}

interface Place {
  readonly timer: Timer
  readonly storeNow: () => number
  readonly openLocks: (counts: Counts) => () => Promise<Locks>
  readonly pass: (milliseconds: number) => Promise<void>
}

const concurrency = 4
const lease = 15_000

/** From 0 to 1, the same each time. */
const fraction = (index: number) => (((index + 1) * 2_654_435_761) % 4_294_967_296) / 4_294_967_296

const tookOf = (job: Job, takes: number) => takes * (0.5 + fraction(Number(job.view.slice(4))))

interface Result {
  readonly wasted: number
  readonly commands: number
  readonly variation: number
  readonly byChance: number
  readonly mean: number
  readonly idealMean: number
  readonly last: number
  readonly idealLast: number
  readonly deaths: number | null
}

async function simulate(setting: Setting, place: Place): Promise<Result> {
  const { workers, views, pattern, refresh, takes, ticks } = setting
  const offset = pattern === 'burst' ? () => 0 : (index: number) => Math.floor(fraction(index) * refresh)
  const counts = noCounts()
  const fleet = new Fleet({
    jobs: jobsEvery(views, refresh, offset),
    timer: place.timer,
    storeNow: place.storeNow,
    openLocks: place.openLocks(counts),
    run: job => ({ takes: tookOf(job, takes) }),
    settings: { concurrency, lease },
    observe: () => {},
  })
  fleet.hire(workers)
  const untilTick = () => refresh - (place.storeNow() % refresh)
  // One tick to settle. What is measured begins and ends halfway between two.
  await place.pass(untilTick() + refresh / 2)
  const before = { ...counts }
  const from = fleet.runs.length
  await place.pass(refresh * ticks)
  const runs = fleet.runs.slice(from)
  const made = {
    commands: counts.commands - before.commands,
    attempts: counts.attempts - before.attempts,
    won: counts.won - before.won,
  }

  const lags = runs.map(lagOf)
  const perWorker = fleet.members.map(({ worker }) => runs.filter(run => run.worker === worker.name).length)
  const ideal = pattern === 'burst' ? idealBurst(fleet, setting) : idealSpread(fleet, setting)
  const deaths = workers > 1 && pattern === 'burst' ? await kill(fleet, setting, place) : null
  await end(fleet, place)
  return {
    wasted: 1 - made.won / made.attempts,
    commands: made.commands / runs.length,
    variation: deviation(perWorker) / mean(perWorker),
    byChance: Math.sqrt((1 - 1 / workers) / mean(perWorker)),
    mean: mean(lags),
    last: Math.max(...lagsOfTicks(runs)),
    ...ideal,
    deaths,
  }
}

/** Kills a third of the workers in the midst of a tick. Milliseconds until all of that tick is done. */
async function kill(fleet: Fleet, { workers, views, refresh, takes }: Setting, place: Place): Promise<number> {
  await place.pass(refresh - (place.storeNow() % refresh) + takes / 2)
  const tick = BigInt(place.storeNow() - (place.storeNow() % refresh)) * 1000n
  // Those that run something, first.
  const busy = new Set(fleet.started.slice(-workers * concurrency).map(({ worker }) => worker))
  const order = [...fleet.members].sort((a, b) => Number(busy.has(b.worker.name)) - Number(busy.has(a.worker.name)))
  for (const { process } of order.slice(0, Math.ceil(workers / 3))) process.kill()
  const done = () => fleet.runs.filter(run => run.tick === tick)
  for (let waited = 0; done().length < views && waited < 120_000; waited += 500) await place.pass(500)
  return Math.max(...done().map(lagOf))
}

async function end(fleet: Fleet, place: Place): Promise<void> {
  for (const { process, worker } of fleet.members) {
    void worker.stop(0)
    void process
  }
  await place.pass(2_000)
}

const lagOf = ({ tick, ended }: Run) => ended - Number(tick / 1000n)

function lagsOfTicks(runs: readonly Run[]): number[] {
  return runs.map(lagOf)
}

/** All at once over all places, none of them ever free while something is left, and no lock to ask for. */
function idealBurst({ members: { length } }: Fleet, { views, takes, refresh }: Setting) {
  const places = new Array<number>(Math.min(length * concurrency, views)).fill(0)
  const ends = jobsEvery(views, refresh).map(job => {
    const first = places.indexOf(Math.min(...places.slice(0, 4_000)))
    places[first] = (places[first] as number) + tookOf(job, takes)
    return places[first] as number
  })
  return { idealMean: mean(ends), idealLast: Math.max(...ends) }
}

function idealSpread(_: Fleet, { views, takes, refresh }: Setting) {
  const ends = jobsEvery(views, refresh).map(job => tookOf(job, takes))
  return { idealMean: mean(ends), idealLast: Math.max(...ends) }
}

const mean = (values: readonly number[]) => values.reduce((total, value) => total + value, 0) / values.length
const deviation = (values: readonly number[]) => {
  const middle = mean(values)
  return Math.sqrt(mean(values.map(value => (value - middle) ** 2)))
}

function virtualPlace(): Place {
  const time = new VirtualTime()
  // A whole day, so that all refreshes begin here.
  const storeNow = () => 1_769_904_000_000 + time.now()
  const locks = new MemoryLocks(storeNow)
  return {
    timer: time,
    storeNow,
    openLocks: counts => async () => counting(locks, counts, time, 0.5),
    pass: milliseconds => time.pass(milliseconds),
  }
}

/** Some connections for all workers: what is measured is what they ask, not how many sockets a process has. */
async function redisPlace(url: string, name: string): Promise<Place & { close(): void }> {
  const times = { readTimeout: 10_000, writeTimeout: 10_000, connectTimeout: 5_000, grace: 1_000 }
  const servers = await Promise.all(
    Array.from({ length: 8 }, () => connectServers(redisAddress(url), {}, times, 'write')),
  )
  let users = 0
  return {
    timer: realTimer,
    storeNow: Date.now,
    openLocks: counts => async () => {
      users += 1
      const locks = new RedisLocks(servers[users % servers.length] as (typeof servers)[0], 'bench', name, 10_000)
      return counting(locks, counts, realTimer, 0)
    },
    pass: milliseconds => realTimer.sleep(milliseconds),
    close: () => {
      for (const each of servers) each.close()
    },
  }
}

function print({ workers, views, pattern }: Setting, result: Result): void {
  const { wasted, commands, variation, byChance, mean, idealMean, last, idealLast, deaths } = result
  const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(2)} s`
  console.log(
    [
      `${workers}`.padStart(5),
      `${views}`.padStart(6),
      pattern.padEnd(6),
      `${(100 * wasted).toFixed(0)} %`.padStart(6),
      commands.toFixed(1).padStart(8),
      `${variation.toFixed(2)} (${byChance.toFixed(2)})`.padStart(12),
      `${seconds(mean)} (${seconds(idealMean)})`.padStart(18),
      `${seconds(last)} (${seconds(idealLast)})`.padStart(18),
      (deaths === null ? '-' : seconds(deaths)).padStart(8),
    ].join('  '),
  )
}

const onRedis = process.argv.includes('--redis')
const only = process.argv.find(argument => /^\d+x\d+$/.test(argument))
console.log('workers  views           wasted commands  evenness      mean (ideal)        last (ideal)   a third dies')
const server = onRedis ? await ownRedisServer() : null
for (const pattern of ['burst', 'spread'] as const) {
  for (const workers of [1, 10, 100, 1_000]) {
    for (const views of [10, 500, 10_000]) {
      if (only && only !== `${workers}x${views}`) continue
      // In real time, one tick of the largest takes a minute.
      const time = onRedis ? { refresh: 20_000, takes: 20, ticks: 1 } : { refresh: 300_000, takes: 100, ticks: 4 }
      const setting = { workers, views, pattern, ...time }
      if (!server) print(setting, await simulate(setting, virtualPlace()))
      else {
        const place = await redisPlace(server.url, `${pattern}${workers}x${views}`)
        print(setting, await simulate(setting, place))
        place.close()
      }
    }
  }
}
await server?.stop()
process.exit()
