import { functionNames, t, type ValueExpression, type ValueType, when } from 'meridian'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type ResolvedExpression, resolveExpression } from '../../compiler/check/expression.ts'
import { signatures } from '../../compiler/check/signatures.ts'
import { typeText } from '../../compiler/check/type-text.ts'
import { type Row, rowOf } from '../../dsl/row.ts'

const columns = {
  small: t.int32(),
  big: t.int64(),
  count: t.int64({ as: 'number' }),
  real: t.float64(),
  fare: t.decimal(12, 2),
  rate: t.decimal(6, 4),
  fine: t.decimal(38, 30),
  name: t.string(),
  paid: t.boolean(),
  at: t.timestamp(),
  blob: t.bytes(),
  doc: t.json(),
  tags: t.list(t.string()),
} as const

const row = rowOf<typeof columns>()
const resolve = (value: ValueExpression<ValueType>, expected?: ValueType): ResolvedExpression =>
  resolveExpression(value.expression, columns, expected)

/** What TypeScript would refuse, as JavaScript writes it. */
type Untyped = Readonly<Record<string, (...args: readonly unknown[]) => Untyped & ValueExpression<ValueType>>>
const untyped = row as unknown as Readonly<Record<keyof Row<typeof columns>, Untyped>>

const types: readonly [string, ValueExpression<ValueType>, string][] = [
  ['int32 + int32', row.small.plus(row.small), 'int32'],
  ['int32 + constant', row.small.plus(1), 'int32'],
  ['int32 + a greater constant', row.small.plus(2 ** 40), 'int64'],
  ['int32 * a fraction', row.small.times(1.5), 'float64'],
  ['int32 + int64', row.small.plus(row.big), 'int64'],
  ['int64 + constant', row.big.plus(1), 'int64'],
  ['int64 + float64', row.big.plus(row.real), 'float64'],
  ['decimal + decimal', row.fare.plus(row.rate), 'decimal(38, 4)'],
  ['decimal + integer', row.fare.plus(row.small), 'decimal(38, 2)'],
  ['integer - decimal', row.big.minus(row.fare), 'decimal(38, 2)'],
  ['decimal * decimal', row.fare.times(row.rate), 'decimal(38, 6)'],
  ['decimal * constant', row.fare.times(2), 'decimal(38, 4)'],
  ['decimal * a finer constant', row.fare.times('1.195'), 'decimal(38, 5)'],
  ['decimal * float64', row.fare.times(row.real), 'float64'],
  ['decimal / integer', row.fare.dividedBy(row.small), 'float64'],
  ['int64 / fraction', row.big.dividedBy(0.5), 'float64'],
  ['modulo', row.big.modulo(7), 'int64'],
  ['negate', row.fare.negate(), 'decimal(12, 2)'],
  ['floor of float64', row.real.floor(), 'float64'],
  ['ceil of decimal', row.fare.ceil(), 'decimal(38, 0)'],
  ['int32 = fraction', row.small.eq(0.5), 'boolean'],
  ['int64 < fraction', row.big.lt(0.5), 'boolean'],
  ['decimal > float64', row.fare.gt(row.real), 'boolean'],
  ['bytes = bytes', row.blob.eq(row.blob), 'boolean'],
  ['string in', row.name.in('a', 'b'), 'boolean'],
  ['between', row.at.between(new Date(0), new Date(1)), 'boolean'],
  ['null of json', row.doc.isNull(), 'boolean'],
  ['coalesce', row.small.coalesce(row.small, 0), 'int32'],
  ['coalesce of numbers', row.fare.coalesce(row.rate), 'decimal(14, 4)'],
  ['coalesce of decimal and int64', row.fare.coalesce(row.big), 'decimal(21, 2)'],
  ['and', row.paid.and(row.small.gt(1), row.paid.not()), 'boolean'],
  ['case of constants', when(row.paid).then(1).otherwise(0.5), 'float64'],
  ['case of bigints', when(row.paid).then(1n).otherwise(0n), 'int64'],
  ['case beside a column', when(row.paid).then(row.fare).otherwise('0'), 'decimal(12, 2)'],
  ['case without otherwise', when(row.paid).then('x').otherwise(null), 'string'],
  ['case widens', when(row.paid).then(row.small).when(row.paid).then(row.real).otherwise(0), 'float64'],
  ['length', row.name.trim().lower().length(), 'int32'],
  ['substring', row.name.substring(1, 2).concat('x', row.name), 'string'],
  ['year', row.at.year().plus(1), 'int32'],
  ['seconds', row.at.secondsSince(new Date(0)), 'float64'],
]

for (const [name, expression, type] of types) {
  test(`expression: ${name} is ${type}`, () => {
    const { typed, problems } = resolve(expression)
    assert.equal(problems, [])
    assert.is(typed && typeText(typed.type), type)
  })
}

const mistakes: readonly [ValueExpression<ValueType>, string, string][] = [
  [untyped.name.plus!(1), "'plus' takes numbers, not string", 'method@1/1:plus'],
  [untyped.doc.eq!(row.doc), "'eq' takes values that can be compared, not json", 'method@1/1:eq'],
  [untyped.tags.in!('a'), "'in' takes values that can be compared, not list(string)", 'method@1/1:in'],
  [untyped.paid.gt!(true), "'gt' takes numbers, strings or timestamps, not boolean", 'method@1/1:gt'],
  [untyped.small.eq!(row.name), "'eq' does not compare int32 and string", 'method@1/1:eq'],
  [untyped.small.eq!('a'), "'a' is not an int32", 'literal@1/1:a'],
  [untyped.at.gt!('2024-01-01'), "'2024-01-01' is not a timestamp", 'literal@1/1:2024-01-01'],
  [row.big.plus(1.5), '1.5 is not an int64', 'literal@1/1:1.5'],
  [untyped.real.modulo!(2), "'modulo' takes integers, not float64", 'method@1/1:modulo'],
  [row.fine.times(row.fine), "'times' would have 60 digits after the point, more than 38", 'method@1/1:times'],
  [untyped.paid.and!(row.small), "'and' takes a boolean, not an int32", 'method@1/1:and'],
  [untyped.small.length!(), "'length' takes a string, not an int32", 'method@1/1:length'],
  [untyped.small.gt!(), "'gt' takes 1 argument, not 0", 'method@1/1:gt'],
  [untyped.name.substring!(1), "'substring' takes 2 arguments, not 1", 'method@1/1:substring'],
  [
    when(row.paid)
      .then(row.small)
      .otherwise(row.name as never),
    "'when' does not mix int32 and string",
    'method@1/1:when',
  ],
  [untyped.name.concat!(undefined), 'undefined is not a string', 'literal@1/1:undefined'],
]

for (const [expression, message, part] of mistakes) {
  test(`expression: ${message}`, () => {
    assert.equal(resolve(expression), { typed: null, problems: [{ kind: 'type', message, part }] })
  })
}

test('expression: a mistake is reported once, and each of two', () => {
  const rows = rowOf() as unknown as Readonly<Record<string, Untyped>>
  const expression = rows.smal!.plus!(1).gt!(2).and!(rows.big!.eq!(rows.bgi))
  assert.equal(resolve(expression).problems, [
    { kind: 'unknown-column', column: 'smal' },
    { kind: 'unknown-column', column: 'bgi' },
  ])
})

test('expression: no column is called like a member of every object', () => {
  const { problems } = resolveExpression({ kind: 'column', name: 'constructor' }, columns)
  assert.equal(problems, [{ kind: 'unknown-column', column: 'constructor' }])
})

test('expression: constants are canonical in the type of what they stand beside', () => {
  const { typed } = resolve(row.fare.gt(1.5))
  assert.equal(typed, {
    kind: 'call',
    function: 'gt',
    type: t.boolean(),
    arguments: [
      { kind: 'column', name: 'fare', type: t.decimal(12, 2) },
      { kind: 'literal', value: '1.50', type: t.decimal(12, 2) },
    ],
  })
})

test('expression: what is expected', () => {
  assert.equal(resolve(row.paid, t.boolean()).problems, [])
  assert.equal(resolve(row.small, t.boolean()).problems, [
    { kind: 'unexpected', expected: t.boolean(), actual: t.int32() },
  ])
  assert.equal(resolveExpression({ kind: 'literal', value: true }, {}, t.boolean()).typed, {
    kind: 'literal',
    value: true,
    type: t.boolean(),
  })
  assert.is(resolveExpression({ kind: 'literal', value: null }, {}).typed, null)
})

test('expression: every function has a signature', () => {
  assert.equal(Object.keys(signatures).sort(), [...functionNames].sort())
})

test.run()
