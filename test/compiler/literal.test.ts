import * as fc from 'fast-check'
import { type LiteralValue, t, type ValueType } from 'meridian'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { canonicalLiteral, decimalTypeOf, literalType } from '../../compiler/catalog/literal.ts'

const forms: readonly [LiteralValue, ValueType, ReturnType<typeof canonicalLiteral>][] = [
  [null, t.int32(), null],
  [null, t.json(), null],
  [true, t.boolean(), true],
  [1, t.boolean(), undefined],
  [2 ** 31 - 1, t.int32(), 2147483647],
  [-(2 ** 31), t.int32(), -2147483648],
  [2 ** 31, t.int32(), undefined],
  [5n, t.int32(), 5],
  [1.5, t.int32(), undefined],
  [-0, t.int32(), 0],
  [7, t.int64(), '7'],
  [2n ** 63n - 1n, t.int64(), '9223372036854775807'],
  [2n ** 63n, t.int64(), undefined],
  [-(2n ** 63n), t.int64(), '-9223372036854775808'],
  [2 ** 53, t.int64(), undefined],
  [2n ** 53n, t.int64({ as: 'number' }), undefined],
  [2n ** 53n - 1n, t.int64({ as: 'number' }), '9007199254740991'],
  ['7', t.int64(), undefined],
  [0.1, t.float64(), 0.1],
  [-0, t.float64(), 0],
  [Number.NaN, t.float64(), 'NaN'],
  [Number.POSITIVE_INFINITY, t.float64(), 'Infinity'],
  [Number.NEGATIVE_INFINITY, t.float64(), '-Infinity'],
  [2n ** 53n + 1n, t.float64(), undefined],
  [10n ** 400n, t.float64(), undefined],
  ['1.5', t.float64(), undefined],
  ['1.5', t.decimal(12, 2), '1.50'],
  ['-0.05', t.decimal(12, 2), '-0.05'],
  ['007.10', t.decimal(12, 2), '7.10'],
  ['1.500', t.decimal(12, 2), '1.50'],
  ['1.505', t.decimal(12, 2), undefined],
  [0.1, t.decimal(12, 2), '0.10'],
  [1e-7, t.decimal(12, 7), '0.0000001'],
  [1e-7, t.decimal(12, 6), undefined],
  [1e21, t.decimal(38, 0), '1000000000000000000000'],
  ['-0', t.decimal(12, 2), '0.00'],
  [42n, t.decimal(4, 2), '42.00'],
  ['99.99', t.decimal(4, 2), '99.99'],
  ['100', t.decimal(4, 2), undefined],
  ['0.99', t.decimal(2, 2), '0.99'],
  ['1', t.decimal(2, 2), undefined],
  ['12', t.decimal(2, 0), '12'],
  ['1e999999999', t.decimal(38, 0), undefined],
  ['1,5', t.decimal(12, 2), undefined],
  ['', t.decimal(12, 2), undefined],
  [Number.NaN, t.decimal(12, 2), undefined],
  ['', t.string(), ''],
  ["it's 🛬", t.string(), "it's 🛬"],
  ['\ud800', t.string(), undefined],
  ['a\0b', t.string(), undefined],
  [new Date('2024-01-02T03:04:05.678Z'), t.timestamp(), '1704164645678000'],
  [new Date('1969-12-31T23:59:59.999Z'), t.timestamp(), '-1000'],
  [new Date('never'), t.timestamp(), undefined],
  ['2024-01-01', t.timestamp(), undefined],
  ['{}', t.json(), undefined],
  ['', t.bytes(), undefined],
]

for (const [value, type, expected] of forms) {
  test(`literal: ${typeof value} ${String(value)} as ${type.type}`, () =>
    assert.is(canonicalLiteral(value, type), expected))
}

test('literal: a decimal is the number that was written, whatever the scale', () => {
  const cents = fc.bigInt({ min: -(10n ** 38n - 1n), max: 10n ** 38n - 1n })
  fc.assert(
    fc.property(cents, fc.integer({ min: 0, max: 38 }), (units, scale) => {
      const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0')
      const point = digits.length - scale
      const text = `${units < 0n ? '-' : ''}${digits.slice(0, point)}${scale > 0 ? `.${digits.slice(point)}` : ''}`
      assert.is(canonicalLiteral(text, t.decimal(38, scale)), text)
    }),
  )
})

test('literal: types of constants that stand alone', () => {
  assert.equal(literalType(1), t.int32())
  assert.equal(literalType(2 ** 31), t.int64({ as: 'number' }))
  assert.equal(literalType(1n), t.int64())
  assert.equal(literalType(1.5), t.float64())
  assert.equal(literalType('x'), t.string())
  assert.equal(literalType(new Date(0)), t.timestamp())
  assert.is(literalType(null), null)
  assert.equal(decimalTypeOf('1.190'), t.decimal(3, 2))
  assert.equal(decimalTypeOf(0.005), t.decimal(3, 3))
  assert.is(decimalTypeOf('1e39'), null)
})

test.run()
