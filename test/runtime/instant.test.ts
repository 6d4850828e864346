import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { MeridianError } from '../../runtime/errors.ts'
import { type Instant, toDate, toMicroseconds } from '../../runtime/instant.ts'

const noon = 992_606_400_000_000n

const same: readonly Instant[] = [
  new Date('2001-06-15T12:00:00Z'),
  '2001-06-15T12:00:00Z',
  '2001-06-15T12:00Z',
  '2001-06-15 12:00:00',
  '2001-06-15T12:00:00.000000',
  '2001-06-15T14:00:00+02:00',
  '2001-06-15T14:00:00+0200',
  '2001-06-15 14:00:00+02',
  '2001-06-15T06:30:00-05:30',
  '  2001-06-15t12:00:00z ',
]
for (const instant of same) test(`${instant} is noon`, () => assert.is(toMicroseconds(instant), noon))

test('text without a zone is UTC, a date is its first instant', () => {
  assert.is(toMicroseconds('1970-01-02'), 86_400_000_000n)
  assert.is(toMicroseconds('1969-12-31T23:59:59.999999'), -1n)
  assert.is(toMicroseconds('0099-01-01'), BigInt(Date.parse('0099-01-01T00:00:00Z')) * 1000n)
})

test('microseconds are kept', () => {
  assert.is(toMicroseconds('2001-06-15T12:00:00.000001Z'), noon + 1n)
  assert.is(toMicroseconds('2001-06-15T12:00:00.1Z'), noon + 100_000n)
})

const invalid: readonly unknown[] = [
  '',
  'noon',
  '2001-06-31',
  '2001-13-01',
  '2001-02-29',
  '2001-06-15T24:00:00',
  '2001-06-15T12:60',
  '2001-06-15T12:00:61',
  '2001-06-15T12:00:00.1234567',
  '2001-06-15T12:00:00+24:00',
  '2001-06-15T12:00:00+01:60',
  '15/06/2001',
  new Date(Number.NaN),
  992_606_400,
  null,
  undefined,
  {},
]
for (const instant of invalid)
  test(`${instant instanceof Date ? 'an invalid Date' : JSON.stringify(instant)} is no instant`, () => {
    try {
      toMicroseconds(instant as Instant)
    } catch (error) {
      assert.is(error instanceof MeridianError && error.code, 'instant.invalid')
      return
    }
    assert.unreachable('accepted')
  })

test('every Date is what its ISO text says', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }), date => {
      assert.is(toMicroseconds(date), toMicroseconds(date.toISOString()))
      assert.is(toDate(toMicroseconds(date)).getTime(), date.getTime())
    }),
  )
})

test('a microsecond belongs to the millisecond it falls in, before the epoch too', () => {
  assert.is(toDate(1999n).getTime(), 1)
  assert.is(toDate(-1n).getTime(), -1)
  assert.is(toDate(-1000n).getTime(), -1)
  assert.is(toDate(-1001n).getTime(), -2)
})

test.run()
