/** Metrics of what a worker tells; the rest of them is tested on a worker, in `status.test.ts`. */
import type { RefreshEvent } from 'meridian/runtime'
import { MeridianError } from 'meridian/runtime'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { metrics } from '../../cli/worker/metrics.ts'

const worker = 'w'
const tick = new Date('2001-06-15T12:00:00Z')
const error = new Error('no')
const completed = (view: string): RefreshEvent => ({
  kind: 'tick.completed',
  view,
  tick,
  worker,
  lag: 2,
  seconds: 0.2,
  rows: 10,
  written: 8,
  full: false,
})
const failed = (attempt: number): RefreshEvent => ({
  kind: 'tick.failed',
  view: 'a',
  tick,
  worker,
  attempt,
  retryAt: tick,
  seconds: 1,
  error,
})

const linesOf = async (told: readonly RefreshEvent[], status = async () => []): Promise<string[]> => {
  const measured = metrics(worker, status)
  for (const event of told) measured.observe(event)
  return (await measured.text()).split('\n')
}
const has = (lines: readonly string[], line: string) =>
  assert.ok(lines.includes(line), `${line} in\n${lines.join('\n')}`)

test('runs, rows and locks are counted', async () => {
  const lines = await linesOf([
    completed('a'),
    completed('a'),
    failed(1),
    failed(0),
    { kind: 'lock.won', view: 'a', worker, dueAt: tick },
    { kind: 'lock.none', worker, next: null },
    { kind: 'lock.lost', view: 'a', tick, worker },
  ])
  has(lines, 'meridian_ticks_completed_total{view="a"} 2')
  has(lines, 'meridian_rows_computed_total{view="a"} 20')
  has(lines, 'meridian_rows_written_total{view="a"} 16')
  has(lines, 'meridian_tick_duration_seconds_bucket{le="0.5",view="a"} 2')
  has(lines, 'meridian_tick_lateness_seconds_sum{view="a"} 4')
  has(lines, 'meridian_ticks_failed_total{view="a",fault="view"} 1')
  has(lines, 'meridian_ticks_failed_total{view="a",fault="server"} 1')
  for (const result of ['won', 'none', 'lost']) has(lines, `meridian_lock_attempts_total{result="${result}"} 1`)
  has(lines, 'meridian_worker_info{worker="w"} 1')
})

test('ticks that could not be recorded are told until some later one is', async () => {
  const lost: RefreshEvent = { kind: 'record.failed', view: 'a', tick, worker, waiting: 3, error }
  has(await linesOf([lost, completed('a')]), 'meridian_ticks_unrecorded 3')
  has(await linesOf([lost, completed('a'), completed('b')]), 'meridian_ticks_unrecorded 0')
})

test('a store that cannot be asked leaves no lag behind that is no longer true', async () => {
  const view = { view: 'a', lag: 7, freshness: 5, stale: true, failure: null }
  let readings = 0
  const measured = metrics(worker, async () => {
    readings += 1
    if (readings === 2) throw new MeridianError('store.unavailable', 'away')
    return [view] as never
  })
  const lines = async () => (await measured.text()).split('\n')
  const first = await lines()
  for (const line of ['meridian_lag_seconds{view="a"} 7', 'meridian_stale{view="a"} 1', 'meridian_status_readable 1'])
    has(first, line)
  const second = await lines()
  has(second, 'meridian_status_readable 0')
  assert.not.ok(second.some(line => line.startsWith('meridian_lag_seconds{')))
})

test.run()
