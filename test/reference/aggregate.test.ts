import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { AggregateName, FeatureDefinition } from '../../dsl/index.ts'
import { noon, row, total, view } from './build.ts'
import { type Literal, pointInTime, type SourceRow } from './index.ts'
import { OverflowError } from './scalar.ts'

const ask = (feature: FeatureDefinition, rows: readonly SourceRow[]) =>
  pointInTime(view({ y: feature }), rows, { k: 'a' }, noon, 'exact').y!
const over = (name: AggregateName, column: string, ...values: readonly Literal[]) =>
  ask(
    total(name, column),
    values.map(value => row(0n, { [column]: value })),
  ).value

const { NaN: nan, POSITIVE_INFINITY: inf } = Number

test('no row', () => {
  for (const name of ['sum', 'avg', 'min', 'max', 'stddev', 'variance'] as const)
    assert.equal(ask(total(name, 'x'), []), { value: null, status: 'null' })
  for (const name of ['count', 'countDistinct'] as const)
    assert.equal(ask(total(name, 'x'), []), { value: 0n, status: 'present' })
  assert.equal(ask(total('sum', 'x', null, { default: 3n }), []), { value: 3n, status: 'null' })
})

test('nulls are skipped', () => {
  assert.is(ask(total('count', null), [row(0n, { x: null }), row(0n, { x: 1 })]).value, 2n)
  assert.is(over('count', 'x', null, 1, 1), 2n)
  assert.is(over('countDistinct', 'x', null, 1, 1, 2), 2n)
  assert.is(over('sum', 'x', null), null)
  assert.is(over('avg', 'x', null, 1, 2), 1.5)
})

test('exact sums', () => {
  assert.is(over('sum', 'x', 2147483647, 1), 2147483648n)
  assert.is(over('sum', 'big', 9007199254740993n, -1n), 9007199254740992n)
  assert.is(over('sum', 'd', '0.10', '0.2', '-1'), '-0.70')
  assert.is(over('avg', 'd', '0.10', '0.20'), 0.15)
  assert.throws(
    () => over('sum', 'big', 2n ** 63n - 1n, 1n),
    (error: Error) => error instanceof OverflowError,
  )
})

test('order: NaN greatest, text by bytes', () => {
  assert.equal(over('max', 'f', 1, nan, inf), nan)
  assert.is(over('min', 'f', nan, inf), inf)
  assert.equal(over('min', 'f', nan), nan)
  assert.is(over('max', 's', 'a', 'Z', 'é', '\u{1F600}', '\uFFFD'), '\u{1F600}')
  assert.is(over('min', 's', 'a', 'Z', ''), '')
  assert.is(over('max', 'd', '-1.5', '-20'), '-1.50')
})

test('deviations are of the sample, and NaN over what is not finite', () => {
  assert.is(over('variance', 'x', 1, 2, 3, 4, null), 5 / 3)
  assert.is(over('stddev', 'x', 2, 4), Math.SQRT2)
  assert.is(over('variance', 'd', '1.50', '2.50'), 0.5)
  assert.is(over('stddev', 'x', 1, null), null)
  assert.is(over('stddev', 'f', inf), null)
  assert.equal(over('variance', 'f', inf, 1), nan)
  assert.equal(over('variance', 'f', nan, nan), nan)
})

test('float sums keep NaN and infinities', () => {
  assert.is(over('sum', 'f', inf, 1), inf)
  assert.equal(over('sum', 'f', inf, -inf), nan)
  assert.equal(over('avg', 'f', nan, 1), nan)
  assert.is(over('countDistinct', 'f', nan, nan, inf), 2n)
})

test('ratio', () => {
  const ratio = (numerator: FeatureDefinition, denominator: FeatureDefinition, rows: readonly SourceRow[]) =>
    ask({ kind: 'ratio', numerator, denominator, default: null } as FeatureDefinition, rows)
  const rows = [row(0n, { x: 1, d: '0.50' }), row(0n, { x: null, d: '0.25' })]
  assert.is(ratio(total('count', 'x'), total('count', null), rows).value, 0.5)
  assert.is(ratio(total('sum', 'x'), total('sum', 'd'), rows).value, 1 / 0.75)
  assert.equal(ratio(total('count', 'x'), total('count', null), []), { value: null, status: 'null' })
  assert.is(ratio(total('sum', 'f'), total('count', null), rows).value, null)
  assert.is(ratio(total('count', null), total('sum', 'f'), rows).value, null)
})

test.run()
