import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseDuration, parseOffset } from '../../compiler/catalog/duration.ts'

const lengths: readonly [string, number | null][] = [
  ['1us', 1],
  ['250ms', 250_000],
  ['90s', 90_000_000],
  ['5m', 300_000_000],
  ['2h', 7_200_000_000],
  ['1.5h', 5_400_000_000],
  ['0.001ms', 1],
  ['1.000000us', 1],
  ['7d', 604_800_000_000],
  ['1w', 604_800_000_000],
  ['9007199254740991us', Number.MAX_SAFE_INTEGER],
  ['9007199254740992us', null],
  ['0.5us', null],
  ['0.0001ms', null],
  ['0s', null],
  ['0.0h', null],
  ['-1h', null],
  ['+1h', null],
  ['1e3s', null],
  ['.5h', null],
  ['1.h', null],
  ['1 h', null],
  ['1h30m', null],
  ['1H', null],
  ['1mo', null],
  ['60', null],
  ['h', null],
  ['', null],
]

for (const [text, length] of lengths) {
  test(`duration: '${text}' is ${length}`, () => assert.is(parseDuration(text), length))
}

test('duration: an offset may be zero', () => {
  assert.is(parseOffset('0s'), 0)
  assert.is(parseOffset('0.00d'), 0)
  assert.is(parseOffset('30s'), 30_000_000)
  assert.is(parseOffset('-1s'), null)
})

test.run()
