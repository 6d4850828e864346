/**
 * What scheduling costs a worker and Redis for each completed tick: one worker, runs that do nothing.
 *
 * npx tsx -C meridian-source bench/schedule-overhead.ts
 */
import { Redis } from 'ioredis'
import { RedisLocks } from '../runtime/schedule/redis-locks.ts'
import { realTimer } from '../runtime/schedule/timer.ts'
import { Fleet, jobsEvery } from '../test/schedule/fleet.ts'
import { ownRedisServer } from '../test/servers.ts'
import { counting, noCounts } from './schedule-counting.ts'

const server = await ownRedisServer({ args: () => ['--appendfsync', 'everysec'] })
const client = new Redis(server.url)
const counts = noCounts()
const refresh = 2_000
const fleet = new Fleet({
  jobs: jobsEvery(200, refresh, index => index * 10),
  timer: realTimer,
  storeNow: Date.now,
  openLocks: async () =>
    counting(await RedisLocks.open({ url: server.url }, 'bench', 'overhead'), counts, realTimer, 0),
  run: () => ({ takes: 0 }),
  observe: () => {},
})
fleet.hire(1)
await realTimer.sleep(3_000)

/** Calls that the server made, those inside scripts among them. */
async function calls(): Promise<Map<string, number>> {
  const text = await client.info('commandstats')
  return new Map(
    [...text.matchAll(/cmdstat_(\S+?):calls=(\d+)/g)].map(([, name, count]) => [name as string, Number(count)]),
  )
}

const before = { calls: await calls(), cpu: process.cpuUsage(), counts: { ...counts }, runs: fleet.runs.length }
await realTimer.sleep(20_000)
const runs = fleet.runs.length - before.runs
const { user, system } = process.cpuUsage(before.cpu)
const after = await calls()
console.log(`${runs} ticks completed by one worker`)
console.log(`${((user + system) / 1000 / runs).toFixed(2)} ms of its processor time for each`)
console.log(`${((counts.commands - before.counts.commands) / runs).toFixed(2)} commands sent for each`)
const inside = [...after].flatMap(([name, count]) => {
  const share = (count - (before.calls.get(name) ?? 0)) / runs
  return share < 0.01 || name === 'info' ? [] : [[name, share] as const]
})
const total = inside.reduce((sum, [, share]) => sum + share, 0)
console.log(`${total.toFixed(1)} commands for each as Redis counts them, inside scripts too:`)
for (const [name, share] of inside) console.log(`  ${name} ${share.toFixed(2)}`)
process.exit()
