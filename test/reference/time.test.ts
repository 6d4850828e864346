import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { view } from './build.ts'
import { duration, instant, tickAtOrBefore } from './time.ts'

test('durations', () => {
  assert.is(duration('90us'), 90n)
  assert.is(duration('2ms'), 2_000n)
  assert.is(duration('5m'), 300_000_000n)
  assert.is(duration('1w'), 7n * duration('1d'))
})

test('ticks are whole multiples of the refresh since the epoch, plus the offset', () => {
  const five = view({}, { refresh: '5m' })
  assert.is(tickAtOrBefore(five, instant('2024-01-01T00:05:00')), instant('2024-01-01T00:05:00'))
  assert.is(tickAtOrBefore(five, instant('2024-01-01T00:04:59.999999')), instant('2024-01-01T00:00:00'))
  assert.is(tickAtOrBefore(five, instant('1969-12-31T23:59:59.999999')), instant('1969-12-31T23:55:00'))
  const daily = view({}, { refresh: '1d', offset: '3h' })
  assert.is(tickAtOrBefore(daily, instant('2024-01-02T02:59:59.999999')), instant('2024-01-01T03:00:00'))
  assert.is(tickAtOrBefore(daily, instant('2024-01-02T03:00:00')), instant('2024-01-02T03:00:00'))
})

test.run()
