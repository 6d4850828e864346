import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type KeyValue, keyOf } from '../../runtime/online/key.ts'

const key = keyOf('route', 'route_stats', 'f00d')

test('plain values read plainly', () => {
  assert.is(key(['SEA', 'SFO']), '{route:SEA:SFO}:route_stats:f00d')
  assert.is(key(['São Paulo', '東京/成田']), '{route:São Paulo:東京/成田}:route_stats:f00d')
  assert.is(key(['', '']), '{route::}:route_stats:f00d')
  assert.is(key([-5, 9_007_199_254_740_993n]), '{route:-5:9007199254740993}:route_stats:f00d')
  assert.is(key([true, false]), '{route:true:false}:route_stats:f00d')
})

test('separators, braces, percent signs and control characters are escaped', () => {
  assert.is(key(['a:b', '{c}']), '{route:a%3Ab:%7Bc%7D}:route_stats:f00d')
  assert.is(key(['%3A', '\u0000\n\u001b[1m\u007f\u009b']), '{route:%253A:%00%0A%1B[1m%7F%9B}:route_stats:f00d')
})

test('halves of surrogate pairs differ from each other and from what UTF-8 puts in their place', () => {
  assert.is(key(['\ud800', '\udfff😀']), '{route:%D800:%DFFF😀}:route_stats:f00d')
})

test('an integer is one key, as a number or as a bigint', () => {
  assert.is(key([7, -0]), key([7n, 0n]))
})

/** Texts that look like one another when their special characters are mistaken. */
const tricky = fc.string({
  unit: fc.constantFrom(
    '%',
    ':',
    '{',
    '}',
    '3',
    'A',
    '2',
    '5',
    '\u0000',
    '\u009b',
    '\ud800',
    '\udc00',
    '\ufffd',
    'ü',
    '€',
  ),
  maxLength: 5,
})
const text = fc.oneof(tricky, fc.string({ unit: 'binary', maxLength: 8 }))

test('different join keys never meet, not even as UTF-8', () => {
  const utf8 = (values: readonly KeyValue[]) => Buffer.from(key(values)).toString('hex')
  fc.assert(
    fc.property(fc.tuple(text, text), fc.tuple(text, text), (one, other) => {
      const same = one[0] === other[0] && one[1] === other[1]
      assert.is(utf8(one) === utf8(other), same)
    }),
    { numRuns: 2000 },
  )
})

test('a key has the braces, separators and parts of its shape, whatever the values', () => {
  fc.assert(
    fc.property(fc.tuple(text, text), values => {
      assert.match(key(values), /^\{route:[^:{}]*:[^:{}]*\}:route_stats:f00d$/)
    }),
  )
})

test.run()
