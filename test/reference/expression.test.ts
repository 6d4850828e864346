import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Expression, FunctionName, ValueType } from '../../dsl/index.ts'
import { call, column, constant } from './build.ts'
import { evaluate } from './expression.ts'
import { instant } from './index.ts'
import { type Literal, OverflowError, read, show } from './scalar.ts'
import { typeOf } from './type-of.ts'

const types: Readonly<Record<string, ValueType>> = {
  i: { type: 'int32' },
  big: { type: 'int64', as: 'bigint' },
  f: { type: 'float64' },
  d: { type: 'decimal', precision: 8, scale: 2 },
  e: { type: 'decimal', precision: 8, scale: 1 },
  s: { type: 'string' },
  b: { type: 'boolean' },
  t: { type: 'timestamp' },
  n: { type: 'boolean' },
}

/** `n` is null; a column of text that is none is a constant. */
function of(name: FunctionName, values: Readonly<Record<string, Literal>>, ...args: readonly (string | Expression)[]) {
  const row = Object.fromEntries(Object.entries(types).map(([key, type]) => [key, read(values[key], type)]))
  const expression = call(name, ...args.map(argument => (typeof argument === 'string' ? column(argument) : argument)))
  return show(evaluate(expression, row, types), typeOf(expression, types)!)
}
const { NaN: nan } = Number

test('three-valued logic', () => {
  const sides = [true, false, null]
  const table = (name: 'and' | 'or') => sides.map(a => sides.map(b => of(name, { b: a, n: b }, 'b', 'n')))
  assert.equal(table('and'), [
    [true, false, null],
    [false, false, false],
    [null, false, null],
  ])
  assert.equal(table('or'), [
    [true, true, true],
    [true, false, null],
    [true, null, null],
  ])
  assert.equal(
    sides.map(b => of('not', { b }, 'b')),
    [false, true, null],
  )
})

test('comparisons', () => {
  assert.is(of('eq', { i: null }, 'i', constant(1)), null)
  assert.is(of('eq', { f: nan }, 'f', constant(nan)), true)
  assert.is(of('gt', { f: nan }, 'f', constant(Number.POSITIVE_INFINITY)), true)
  assert.is(of('lt', { d: '1.49', f: 1.5 }, 'd', 'f'), true)
  assert.is(of('eq', { d: '1.50', e: '1.5' }, 'd', 'e'), true)
  assert.is(of('gte', { i: 2, d: '2.01' }, 'i', 'd'), false)
  assert.is(of('gt', { i: 1 }, 'i', constant(0.5)), true)
  assert.is(of('in', { i: 1 }, 'i', constant(2), constant(null)), null)
  assert.is(of('in', { i: 1 }, 'i', constant(1), constant(null)), true)
  assert.is(of('in', { i: null }, 'i', constant(1)), null)
  assert.is(of('in', { i: 3 }, 'i', constant(1)), false)
})

test('choices', () => {
  assert.is(of('coalesce', { i: null }, 'i', constant(4)), 4)
  assert.is(of('coalesce', { i: null, d: '0.5' }, 'i', 'd'), '0.50')
  assert.is(of('is_null', {}, 'n'), true)
  assert.is(of('case', { b: null, i: 3 }, 'b', constant(1), 'i'), 3)
  assert.is(of('case', { b: true, i: 3, f: 0.5 }, 'b', 'i', 'f'), 3)
  assert.is(of('case', { b: false, i: 3 }, 'b', 'i', constant(null)), null)
})

test('arithmetic', () => {
  assert.is(of('add', { i: 2, big: 3n }, 'i', 'big'), 5n)
  assert.is(of('add', { d: '1.25', e: '0.1' }, 'd', 'e'), '1.35')
  assert.is(of('subtract', { i: 2, d: '0.5' }, 'i', 'd'), '1.50')
  assert.is(of('multiply', { d: '1.25', e: '0.1' }, 'd', 'e'), '0.125')
  assert.is(of('multiply', { i: 3 }, 'i', constant(1.5)), 4.5)
  assert.is(of('multiply', { i: 3, d: '0.5' }, 'i', 'd'), '1.50')
  assert.is(of('divide', { i: 3 }, 'i', constant(2)), 1.5)
  assert.is(of('divide', { i: 3 }, 'i', constant(0)), null)
  assert.is(of('divide', { d: '1', f: 0 }, 'd', 'f'), null)
  assert.is(of('modulo', { i: -7 }, 'i', constant(3)), -1)
  assert.is(of('modulo', { i: 7 }, 'i', constant(0)), null)
  assert.is(of('negate', { d: '1.5' }, 'd'), '-1.50')
  assert.is(of('abs', { big: -5n }, 'big'), 5n)
  assert.is(of('floor', { d: '-1.50' }, 'd'), '-2')
  assert.is(of('ceil', { d: '-1.50' }, 'd'), '-1')
  assert.is(of('ceil', { f: 1.2 }, 'f'), 2)
  assert.throws(
    () => of('add', { i: 2147483647 }, 'i', constant(1)),
    (error: Error) => error instanceof OverflowError,
  )
})

test('text', () => {
  assert.is(of('length', { s: 'é\u{1F600}' }, 's'), 2)
  assert.is(of('substring', { s: 'a\u{1F600}cd' }, 's', constant(2), constant(2)), '\u{1F600}c')
  assert.is(of('concat', { s: 'x' }, 's', constant('y'), 's'), 'xyx')
  assert.is(of('concat', { s: null }, 's', constant('y')), null)
  assert.is(of('trim', { s: '  a b ' }, 's'), 'a b')
  assert.is(of('starts_with', { s: 'a%b' }, 's', constant('a%')), true)
  assert.is(of('contains', { s: 'abc' }, 's', constant('_')), false)
  assert.is(of('ends_with', { s: 'abc' }, 's', constant('')), true)
  assert.is(of('upper', { s: 'aé' }, 's'), 'AÉ')
})

test('time', () => {
  const t = instant('1969-12-28T23:59:59.999999Z')
  const parts = ['year', 'month', 'day', 'hour', 'minute', 'day_of_week'] as const
  assert.equal(
    parts.map(part => of(part, { t }, 't')),
    [1969, 12, 28, 23, 59, 7],
  )
  assert.is(of('seconds_between', { t }, 't', constant(new Date('1969-12-29T00:00:01Z'))), 1.000001)
})

test.run()
