import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { tickAt } from '../../runtime/schedule/tick.ts'

const minutes = 60_000_000

test('five minutes, to the microsecond', () => {
  const ticks = { refresh: 5 * minutes, offset: 0, delay: 0 }
  const tick = 992_606_400_000_000n
  assert.is(tickAt(ticks, tick), tick)
  assert.is(tickAt(ticks, tick + 299_999_999n), tick)
  assert.is(tickAt(ticks, tick + 300_000_000n), tick + 300_000_000n)
  assert.is(tickAt(ticks, tick - 1n), tick - 300_000_000n)
})

test('an offset shifts the ticks, a delay the instants', () => {
  const tick = 992_606_400_000_000n
  assert.is(tickAt({ refresh: 5 * minutes, offset: minutes, delay: 0 }, tick), tick - 240_000_000n)
  assert.is(tickAt({ refresh: 5 * minutes, offset: 0, delay: 1 }, tick), tick - 300_000_000n)
  assert.is(tickAt({ refresh: 5 * minutes, offset: 0, delay: 1 }, tick + 1n), tick)
})

test('a loop over all ticks finds the same, before and after 1970', () => {
  const small = fc.record({
    refresh: fc.integer({ min: 1, max: 9 }),
    offset: fc.integer({ min: 0, max: 30 }),
    delay: fc.integer({ min: 0, max: 30 }),
  })
  fc.assert(
    fc.property(small, fc.integer({ min: -200, max: 200 }), ({ refresh, offset, delay }, at) => {
      let expected = -1000 * refresh + offset
      while (expected + refresh <= at - delay) expected += refresh
      assert.is(tickAt({ refresh, offset, delay }, BigInt(at)), BigInt(expected))
    }),
  )
})

const duration = fc.integer({ min: 0, max: 40 * 86_400_000_000 })
const ticks = fc.record({ refresh: duration.filter(value => value > 0), offset: duration, delay: duration })
const instant = fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n })

test('the last whole multiple of refresh, shifted, at or before the instant less the delay', () => {
  fc.assert(
    fc.property(ticks, instant, ({ refresh, offset, delay }, at) => {
      const tick = tickAt({ refresh, offset, delay }, at)
      const limit = at - BigInt(delay)
      assert.ok(tick <= limit)
      assert.ok(tick + BigInt(refresh) > limit)
      assert.ok((tick - BigInt(offset)) % BigInt(refresh) === 0n)
    }),
  )
})

test('ticks never go back, and the tick of a tick is itself', () => {
  fc.assert(
    fc.property(ticks, instant, fc.bigInt({ min: 0n, max: 10n ** 15n }), (given, at, later) => {
      assert.ok(tickAt(given, at + later) >= tickAt(given, at))
      const tick = tickAt({ ...given, delay: 0 }, at)
      assert.is(tickAt({ ...given, delay: 0 }, tick), tick)
    }),
  )
})

test.run()
