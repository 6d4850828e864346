/** The status of a view, from what is known of it. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Done, Failure, State } from '../../runtime/schedule/locks.ts'
import { statusOf } from '../../runtime/schedule/status.ts'

const minute = 60_000_000
const view = { name: 'v', ticks: { refresh: 5 * minute, offset: 0, delay: 0 }, freshness: 10 * minute }
const tick = Date.parse('2001-06-15T12:00:00Z')
const completed = { tick: BigInt(tick) * 1000n }
const nothing: State = { done: null, failure: null, holder: null }

const after = (minutes: number): number => tick + minutes * 60_000
const failure = (attempt: number, of = tick): Failure => ({
  attempt,
  tick: of * 1000,
  error: 'no such table',
  failedAt: after(6),
  retryAt: after(8),
  worker: 'w2',
})
const run = { seconds: 1.5, rows: 7, written: 5, full: false }
const done: Done = { tick: tick * 1000, completedAt: tick + 2_000, run, worker: 'w1' }

test('a view whose newest tick is online is fresh, whoever has taken the next one', () => {
  const status = statusOf(view, completed, { done, failure: null, holder: { worker: 'w1', since: after(4) } }, after(4))
  assert.equal(status, {
    view: 'v',
    state: 'fresh',
    tick: new Date(tick),
    lag: 240,
    freshness: 600,
    stale: false,
    completedAt: new Date(tick + 2_000),
    run,
    holder: { worker: 'w1', since: new Date(after(4)) },
    failure: null,
  })
})

const states = [
  ['before the next tick', 4.999, nothing, 'fresh'],
  ['from the next tick on', 5, nothing, 'due'],
  ['while somebody works on it', 5.1, { ...nothing, holder: { worker: 'w', since: after(5) } }, 'running'],
  ['after a failure', 6, { ...nothing, failure: failure(2, after(5)) }, 'failing'],
  ['after a failure that was none of the view', 6, { ...nothing, failure: failure(0, after(5)) }, 'waiting'],
  ['after a failure that another tick came over', 6, { ...nothing, failure: failure(2) }, 'due'],
] as const

for (const [what, minutes, state, expected] of states)
  test(`the state ${what} is ${expected}`, () => {
    assert.is(statusOf(view, completed, state, after(minutes)).state, expected)
  })

test('a failure is told until a later tick is online', () => {
  const failed = { ...nothing, failure: failure(3, after(5)) }
  assert.equal(statusOf(view, completed, failed, after(6)).failure, {
    attempt: 3,
    tick: new Date(after(5)),
    error: 'no such table',
    failedAt: new Date(after(6)),
    retryAt: new Date(after(8)),
    worker: 'w2',
  })
  assert.is(statusOf(view, { tick: BigInt(after(5)) * 1000n }, failed, after(6)).failure, null)
})

test('what a run did is told of the tick that is online only', () => {
  assert.is(statusOf(view, { tick: BigInt(after(5)) * 1000n }, { ...nothing, done }, after(6)).run, null)
})

test('lag up to the freshness is fine, and beyond it is not; without freshness it never fails', () => {
  const stale = (now: number, of: Parameters<typeof statusOf>[0] = view) => statusOf(of, completed, nothing, now).stale
  assert.equal([stale(after(10)), stale(after(10) + 1)], [false, true])
  assert.is(stale(after(100), { ...view, freshness: null }), false)
})

test('where nothing was completed the view is empty, and stale if freshness is asked for', () => {
  const { state, stale, tick, lag } = statusOf(view, null, nothing, after(0))
  assert.equal([state, stale, tick, lag], ['empty', true, null, null])
  assert.is(statusOf({ ...view, freshness: null }, null, nothing, after(0)).stale, false)
  assert.is(statusOf(view, null, { ...nothing, failure: failure(1) }, after(0)).state, 'failing')
})

test.run()
