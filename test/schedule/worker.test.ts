/**
 * Workers in virtual time, over the shared state of one process. Their runs take time and do nothing. One file because it is one
 * subject, the worker, and all tests share its beginning.
 */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { MeridianError } from '../../runtime/errors.ts'
import type { RefreshEvent } from '../../runtime/schedule/events.ts'
import type { Locks } from '../../runtime/schedule/locks.ts'
import { MemoryLocks } from '../../runtime/schedule/memory-locks.ts'
import { Fleet, type FleetOptions, jobsEvery, type Member } from './fleet.ts'
import { VirtualTime } from './virtual-time.ts'

const minute = 60_000
/** When the tests begin by the store's clock: a tick of every whole minute. */
const start = 1_769_904_000_000

function fleetOf(options: Partial<FleetOptions> = {}) {
  const time = new VirtualTime()
  const storeNow = () => start + time.now()
  const locks = new MemoryLocks(storeNow)
  const fleet = new Fleet({
    jobs: jobsEvery(3, minute),
    timer: time,
    storeNow,
    openLocks: async () => locks,
    run: () => ({ takes: 500 }),
    ...options,
  })
  return { time, locks, fleet, storeNow }
}

const kind = <Kind extends RefreshEvent['kind']>({ events }: Member, kind: Kind) =>
  events.filter((event): event is RefreshEvent & { kind: Kind } => event.kind === kind)

test('each tick of each view is run once, as soon as it comes', async () => {
  const { time, fleet } = fleetOf()
  fleet.hire(4)
  await time.pass(10 * minute + 1_000)
  const ticks = fleet.runs.map(({ view, tick }) => `${view} ${tick}`)
  assert.is(ticks.length, 3 * 11)
  assert.is(new Set(ticks).size, ticks.length)
  for (const { tick, started } of fleet.runs) {
    const late = started - Number(tick / 1000n)
    assert.ok(late >= 0 && late < 50, `${late} ms late`)
  }
})

test('a worker alone runs what is due and keeps to its concurrency', async () => {
  const { time, fleet } = fleetOf({
    jobs: jobsEvery(20, minute),
    run: () => ({ takes: 1_000 }),
    settings: { concurrency: 3 },
  })
  fleet.hire(1)
  await time.pass(minute - 1)
  assert.is(fleet.runs.length, 20)
  const events = fleet.runs.flatMap(({ started, ended }) => [
    [started, 1],
    [ended, -1],
  ])
  let running = 0
  for (const [, change] of events.sort(([a = 0, x = 0], [b = 0, y = 0]) => a - b || x - y)) {
    running += change as number
    assert.ok(running <= 3)
  }
  // Nobody waits while there is a place.
  assert.ok(Math.max(...fleet.runs.map(({ ended }) => ended)) - start < 7 * 1_000 + 100)
})

test('of ticks that were missed only the newest is run', async () => {
  const { time, fleet } = fleetOf()
  const [first] = fleet.hire(1) as [Member]
  await time.pass(2 * minute + 1_000)
  await Promise.all([first.worker.stop(0), time.pass(10)])
  await time.pass(7 * minute)
  const before = fleet.runs.length
  fleet.hire(1)
  await time.pass(1_000)
  const after = fleet.runs.slice(before)
  assert.equal(
    after.map(({ tick }) => Number(tick / 1000n) - start),
    [9 * minute, 9 * minute, 9 * minute],
  )
})

test('a view that takes longer than its refresh is run at every tick that is newest then', async () => {
  const { time, fleet } = fleetOf({ jobs: jobsEvery(1, minute), run: () => ({ takes: 2.5 * minute }) })
  fleet.hire(3)
  await time.pass(11 * minute)
  assert.equal(
    fleet.runs.map(({ tick }) => Number(tick / 1000n) - start),
    [0, 2 * minute, 5 * minute, 7 * minute],
  )
  // One after the other, though there are three who could.
  for (const [index, run] of fleet.runs.entries()) assert.ok(run.started >= (fleet.runs[index - 1]?.ended ?? 0))
})

test('a poisoned view is tried less and less often, by whoever, and its neighbours are on time', async () => {
  const boom = new MeridianError('materialize.failed', 'view "view0" was not materialized at ...: boom', {})
  const { time, locks, fleet } = fleetOf({
    run: job => (job.view === 'view0' ? { takes: 100, error: boom } : { takes: 500 }),
    settings: { concurrency: 1 },
  })
  const members = fleet.hire(2)
  await time.pass(20 * minute)
  const tries = fleet.started.filter(({ view }) => view === 'view0')
  assert.ok(tries.length >= 20 && tries.length < 50, `${tries.length} attempts`)
  assert.is(new Set(tries.map(({ worker }) => worker)).size, 2)
  const waits = tries.slice(1).map(({ at }, index) => at - (tries[index]?.at ?? 0))
  assert.ok((waits[0] ?? 0) < 1_500 && (waits[3] ?? 0) > 4_000 && Math.max(...waits) < 61_000, `${waits}`)
  const others = fleet.runs.filter(
    ({ view, started, tick }) => view !== 'view0' && started - Number(tick / 1000n) > 2_000,
  )
  assert.equal(others, [])
  assert.is(fleet.runs.length, 2 * 20)
  const { states } = await locks.states(['view0:1', 'view1:1'])
  const told = members.flatMap(member => kind(member, 'tick.failed'))
  // The last one may still run.
  assert.ok(tries.length - told.length <= 1)
  assert.equal([states[0]?.failure?.attempt, states[1]?.failure], [told.length, null])
  assert.match(states[0]?.failure?.error ?? '', /view0.*boom/)
  assert.equal(
    told.map(({ attempt }) => attempt).sort((a, b) => a - b),
    told.map((_, index) => index + 1),
  )
})

test('success ends the counting of failures', async () => {
  const { time, locks, fleet } = fleetOf({
    jobs: jobsEvery(1, minute),
    run: (_, __, attempt) => ({ takes: 10, ...(attempt <= 3 ? { error: new Error('not yet') } : {}) }),
  })
  fleet.hire(1)
  await time.pass(20_000)
  const { states } = await locks.states(['view0:1'])
  assert.equal([states[0]?.failure, states[0]?.done?.tick], [null, start * 1000])
  assert.is(fleet.started.length, 4)
})

test('a run that does not end is given up', async () => {
  const { time, fleet } = fleetOf({
    run: job => ({ takes: job.view === 'view0' ? 1e12 : 500 }),
    settings: { timeLimit: 30_000 },
  })
  const [member] = fleet.hire(1) as [Member]
  await time.pass(5 * minute)
  const failed = kind(member, 'tick.failed')
  assert.ok(failed.length >= 2)
  assert.match(
    failed[0]?.error.message ?? '',
    /^view "view0" was not materialized at 2026-02-01T00:00:00\.000Z: it took longer than/,
  )
  assert.is(fleet.runs.length, 2 * 5)
})

test('a worker that dies is followed by another when its lock expires, and not before', async () => {
  const { time, fleet } = fleetOf({ jobs: jobsEvery(1, 10 * minute), run: () => ({ takes: 8_000 }) })
  const [first] = fleet.hire(1) as [Member]
  await time.pass(6_000)
  // It has renewed its lock once.
  first.process.kill()
  fleet.hire(2)
  await time.pass(60_000)
  assert.equal(
    fleet.started.map(({ worker }) => worker),
    ['worker0', fleet.started[1]?.worker],
  )
  const taken = (fleet.started[1]?.at ?? 0) - start
  assert.ok(taken >= 15_000 && taken < 31_000, `after ${taken} ms`)
  assert.is(fleet.runs.length, 1)
})

test('a view that ends the processes of its workers waits longer each time', async () => {
  const { time, locks, fleet } = fleetOf({ jobs: jobsEvery(2, 10 * minute), run: () => ({ takes: 1_000 }) })
  const deaths: number[] = []
  for (let round = 0; round < 600; round += 1) {
    const alive = fleet.members.filter(member => !deaths.includes(fleet.members.indexOf(member)))
    if (alive.length === 0) fleet.hire(1)
    await time.pass(500)
    const last = fleet.started.filter(({ view }) => view === 'view0').at(-1)
    const victim = fleet.members.findIndex(({ worker }) => worker.name === last?.worker)
    if (victim >= 0 && !deaths.includes(victim) && !fleet.runs.some(({ view }) => view === 'view0')) {
      fleet.members[victim]?.process.kill()
      deaths.push(victim)
    }
  }
  // Five minutes: without waiting a lock's 15 seconds after each, some twenty.
  assert.ok(deaths.length >= 4 && deaths.length < 12, `${deaths.length} deaths`)
  const { states } = await locks.states(['view0:1', 'view1:1'])
  assert.match(states[0]?.failure?.error ?? '', /a worker that ran it vanished/)
  assert.ok((states[0]?.failure?.attempt ?? 0) >= 3)
  assert.equal([states[1]?.failure, states[1]?.done?.tick], [null, start * 1000])
})

test('a worker that was paused learns that its lock is lost, and ends what it runs', async () => {
  const { time, fleet } = fleetOf({ jobs: jobsEvery(1, 10 * minute), run: () => ({ takes: 20_000 }) })
  const [first] = fleet.hire(1) as [Member]
  await time.pass(3_000)
  first.process.pause()
  const [second] = fleet.hire(1) as [Member]
  await time.pass(17_000)
  assert.is(fleet.started.at(-1)?.worker, 'worker1')
  first.process.resume()
  await time.pass(100)
  assert.is(kind(first, 'lock.lost').length + kind(first, 'tick.completed').length, 1)
  await time.pass(60_000)
  assert.equal(kind(second, 'tick.failed'), [])
})

test('stopping waits for what runs, gives back what waits, and takes nothing more', async () => {
  const { time, locks, fleet } = fleetOf({
    jobs: jobsEvery(4, minute, index => index * 500),
    settings: { concurrency: 4 },
    // Where chance has it, view0 is looked at later than its first 200 milliseconds.
    chance: () => 0.5,
  })
  const [member] = fleet.hire(1) as [Member]
  await time.pass(minute + 200)
  // view0 runs, the others are taken and wait for their time.
  const stopped = member.worker.stop(10_000)
  await time.pass(1)
  assert.ok(kind(member, 'stopping').length === 1 && kind(member, 'stopped').length === 0)
  await time.pass(1_000)
  await stopped
  assert.is(kind(member, 'stopped').length, 1)
  const { states } = await locks.states(jobsEvery(4, minute).map(({ view }) => `${view}:1`))
  assert.equal(
    states.map(({ holder }) => holder),
    [null, null, null, null],
  )
  const before = fleet.runs.length
  fleet.hire(1)
  await time.pass(2_500)
  assert.is(fleet.runs.length, before + 3)
})

test('stopping ends what runs when its grace is over, or at once when it is asked again', async () => {
  for (const again of [false, true]) {
    const { time, locks, fleet } = fleetOf({ jobs: jobsEvery(1, minute), run: () => ({ takes: 1e9 }) })
    const [member] = fleet.hire(1) as [Member]
    await time.pass(1_000)
    const stopped = member.worker.stop(again ? 1e8 : 5_000)
    await time.pass(4_900)
    assert.equal(kind(member, 'stopped'), [])
    const twice = again ? member.worker.stop(0) : null
    await time.pass(again ? 1 : 200)
    await Promise.all([stopped, twice])
    assert.is(kind(member, 'tick.released').length, 1)
    assert.is((await locks.states(['view0:1'])).states[0]?.holder, null)
    // It is no failure.
    assert.is((await locks.states(['view0:1'])).states[0]?.failure, null)
  }
})

test('while the store is away a worker waits, longer each time, and tells it what it could not when it is back', async () => {
  let away = true
  const time = new VirtualTime()
  const storeNow = () => start + time.now()
  const memory = new MemoryLocks(storeNow)
  const unavailable = () => Promise.reject(new MeridianError('store.unavailable', 'Redis is not available'))
  const locks = new Proxy(memory, {
    get: (target, name: keyof Locks) =>
      !(name in target) ? undefined : away ? unavailable : (target[name] as () => unknown).bind(target),
  })
  const fleet = new Fleet({
    jobs: jobsEvery(1, minute),
    timer: time,
    storeNow,
    openLocks: () => (away ? unavailable() : Promise.resolve(locks)),
    run: () => ({ takes: 8_000 }),
    settings: { lease: 60_000 },
  })
  const [member] = fleet.hire(1) as [Member]
  await time.pass(60_000)
  const waits = kind(member, 'waiting').map(({ seconds }) => seconds)
  assert.ok(waits.length > 10 && waits.length < 40, `${waits.length}`)
  assert.ok((waits[0] ?? 1) <= 0.1 && Math.max(...waits) <= 5)
  away = false
  await time.pass(6_000)
  assert.is(kind(member, 'resumed').length, 1)
  assert.is(fleet.started.length, 1)
  away = true
  await time.pass(8_000)
  assert.equal((await memory.states(['view0:1'])).states[0]?.done, null)
  away = false
  await time.pass(6_000)
  assert.equal((await memory.states(['view0:1'])).states[0]?.done?.tick, (start + minute) * 1000)
})

test('while the database is away no view is to blame: workers wait, try one or the other, and go on', async () => {
  let away = false
  const gone = new MeridianError('materialize.failed', 'view was not materialized: Postgres cannot be reached', {
    reason: 'database.unavailable',
  })
  const { time, locks, fleet } = fleetOf({
    jobs: jobsEvery(50, minute),
    run: () => (away ? { takes: 10, error: gone } : { takes: 10 }),
  })
  const members = fleet.hire(3)
  await time.pass(59_000)
  assert.is(fleet.runs.length, 50)
  away = true
  await time.pass(2.5 * minute)
  const tried = fleet.started.length - 50
  assert.ok(tried > 20 && tried < 200, `${tried} attempts`)
  const failures = (await locks.states(jobsEvery(50, minute).map(({ view }) => `${view}:1`))).states.map(
    ({ failure }) => failure?.attempt ?? 0,
  )
  assert.is(Math.max(...failures), 0)
  away = false
  await time.pass(9_000)
  assert.is(fleet.runs.length, 100)
  assert.ok(members.some(member => kind(member, 'resumed').length > 0))
})

test('all that was due is lost: it is entered again by one of them', async () => {
  const { time, storeNow } = fleetOf()
  let locks = new MemoryLocks(storeNow)
  const current = new Proxy({} as Locks, {
    get: (_, name: keyof Locks) => (name in locks ? (locks[name] as () => unknown).bind(locks) : undefined),
  })
  const fleet = new Fleet({
    jobs: jobsEvery(100, minute),
    timer: time,
    storeNow,
    openLocks: async () => current,
    run: () => ({ takes: 100 }),
  })
  const members = fleet.hire(10)
  await time.pass(30_000)
  assert.is(fleet.runs.length, 100)
  locks = new MemoryLocks(storeNow)
  fleet.completed.clear()
  await time.pass(15_000)
  assert.is(fleet.runs.length, 200)
  assert.is(members.flatMap(member => kind(member, 'entered')).length, 2)
})

test('an observer that throws stops its worker, which says so', async () => {
  const { time, fleet } = fleetOf({
    observe: event => {
      if (event.kind === 'tick.completed') throw new Error('the log is full')
    },
  })
  const [member] = fleet.hire(1) as [Member]
  const finished = member.worker.finished.then(
    () => null,
    (error: Error) => error.message,
  )
  await time.pass(5_000)
  assert.is(await finished, 'the log is full')
})

test.run()
