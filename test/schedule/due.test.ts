import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { backoff, retryAfter } from '../../runtime/schedule/backoff.ts'
import { dueFrom, dueTick, jobsOf, newestTick } from '../../runtime/schedule/due.ts'
import { nextLook, paceOf } from '../../runtime/schedule/pace.ts'

const second = 1_000_000
const every = (refresh: number, offset = 0, delay = 0) => ({ refresh, offset, delay })

test('a tick is due from its instant on, to the microsecond', () => {
  const ticks = every(60 * second)
  const tick = 1_769_904_000n * 1_000_000n
  assert.is(dueTick(ticks, tick - 60_000_000n, tick - 1n), null)
  assert.is(dueTick(ticks, tick - 60_000_000n, tick), tick)
  assert.is(dueTick(ticks, tick, tick), null)
  assert.is(dueTick(ticks, tick, tick + 59_999_999n), null)
  assert.is(dueTick(ticks, tick, tick + 60_000_000n), tick + 60_000_000n)
})

test('where nothing was completed the newest tick is due; of those that were missed, only the newest', () => {
  const ticks = every(10 * second, 3 * second)
  assert.is(dueTick(ticks, null, 25_000_000n), 23_000_000n)
  assert.is(dueTick(ticks, 3_000_000n, 1_000_000_000n), 993_000_000n)
  assert.is(dueFrom(ticks, 3_000_000n, 1_000_000_000n), 13_000_000n)
})

test('the delay of a view is how late it may be, not when it is run', () => {
  assert.is(dueTick(every(10 * second, 0, 7 * second), 0n, 10_000_000n), 10_000_000n)
})

test('something is due exactly if the newest tick is newer than what was completed, whatever the refresh was then', () => {
  const ticks = fc.record({
    refresh: fc.integer({ min: 1, max: 86_400 }).map(seconds => seconds * second),
    offset: fc.integer({ min: 0, max: 86_400 * second }),
    delay: fc.integer({ min: 0, max: 86_400 * second }),
  })
  const instant = fc.bigInt({ min: -(10n ** 15n), max: 3n * 10n ** 15n })
  fc.assert(
    fc.property(ticks, instant, instant, (ticks, completed, now) => {
      const newest = newestTick(ticks, now)
      assert.ok(newest <= now && now - newest < BigInt(ticks.refresh))
      assert.is(dueTick(ticks, completed, now), newest > completed ? newest : null)
      assert.is(dueTick(ticks, null, now), newest)
      // It is what it is from then on, and not before.
      const from = dueFrom(ticks, completed, now)
      assert.ok(dueTick(ticks, completed, from) !== null)
      assert.is(dueTick(ticks, completed, from - 1n), null)
    }),
  )
})

test('jobs are the materialized views, all or some', () => {
  const view = (name: string, materialize: boolean) =>
    [name, { name, materialize, ticks: every(second), layout: { fingerprint: `${name}1` } }] as const
  const manifest = { views: Object.fromEntries([view('a', true), view('b', false), view('c', true)]) } as never
  assert.equal(
    jobsOf(manifest).map(({ view, layout }) => [view, layout]),
    [
      ['a', 'a1'],
      ['c', 'c1'],
    ],
  )
  assert.equal(
    jobsOf(manifest, ['c', 'b', 'none']).map(({ view }) => view),
    ['c'],
  )
})

test('waits grow, within bounds, whatever chance says', () => {
  const bounds = { least: 100, most: 5_000 }
  assert.equal(
    [1, 2, 3, 6, 7, 60, 5_000].map(attempt => backoff(attempt, bounds, 1)),
    [100, 200, 400, 3_200, 5_000, 5_000, 5_000],
  )
  assert.equal(
    [1, 2, 3, 60].map(attempt => backoff(attempt, bounds, 0)),
    [50, 100, 200, 2_500],
  )
})

test('a view that fails waits about as long as its refresh at the most, and never less than its failure took', () => {
  assert.equal(
    [1, 4, 20].map(attempt => retryAfter(attempt, 60_000, 0, 1)),
    [1_000, 8_000, 60_000],
  )
  assert.is(retryAfter(20, 86_400_000, 0, 1), 600_000)
  assert.is(retryAfter(20, 1_000, 0, 1), 30_000)
  assert.is(retryAfter(1, 60_000, 120_000, 1), 121_000)
})

test('however many workers have nothing to do, they look some times a second together, and each within a minute', () => {
  assert.equal([1, 20, 100, 120, 100_000].map(paceOf), [10_000, 10_000, 50_000, 60_000, 60_000])
})

test('of many workers few wake for little, and all for much', () => {
  const woken = (upcoming: number) => {
    let count = 0
    for (let index = 0; index < 1_000; index += 1) {
      const chance = () => (index + 0.5) / 1_000
      const { wait } = nextLook(
        { next: 20_000, some: 20_000, upcoming, workers: 1_000, entered: upcoming },
        0,
        5_000,
        chance,
      )
      if (wait <= 20_000 && wait >= 15_000 && chance() * 1_000 < 2 * upcoming) count += 1
    }
    return count
  }
  assert.equal([woken(1), woken(10), woken(500), woken(10_000)], [2, 20, 1_000, 1_000])
})

test('nobody looks again at once, and nobody sleeps beyond the pace', () => {
  const chances = [0, 0.3, 0.999]
  for (const next of [null, -5, 0, 10, 900, 9_999])
    for (const chance of chances) {
      const { wait, pace } = nextLook({ next, some: next, upcoming: 1, workers: 1, entered: 1 }, 0, 0, () => chance)
      assert.ok(wait >= 1 && wait <= pace + 250, `${wait} of ${pace}`)
      if (next !== null && next <= 0) assert.ok(wait >= 50)
    }
})

test.run()
