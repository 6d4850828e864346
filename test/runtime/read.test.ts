/** Statuses, ttl and defaults, from a stored row to what a getter returns. */
import type { Buffer } from 'node:buffer'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Output } from '../../compiler/plan/view-plan.ts'
import type { WireLiteral, WireType } from '../../runtime/index.ts'
import type { Detail } from '../../runtime/online/read.ts'
import type { StoredValue } from '../../runtime/online/row.ts'
import { measureOf, storedCodec, valuesCodec } from '../codec.ts'

const ttl = 1_000_000n
const tick = 10_000_000n

const float64: WireType = { type: 'float64' }
const measure = (name: string, otherwise: WireLiteral = null): Output => ({
  ...measureOf({ name, type: float64 }),
  default: otherwise,
})
const last = (name: string, type: WireType = float64, otherwise: WireLiteral = null): Output => ({
  kind: 'latest',
  name,
  doc: null,
  type,
  default: otherwise,
  value: name,
  eventTimestamp: 'at',
})

const count = { kind: 'aggregate', aggregate: 'count', value: null, where: null, over: null } as const
const outputs: readonly Output[] = [
  {
    kind: 'measure',
    name: 'count',
    doc: null,
    type: { type: 'int64', as: 'number' },
    default: null,
    measure: { name: 'count', aggregate: count, type: { type: 'int64', as: 'number' } },
  },
  measure('avg'),
  measure('avg_or', 'NaN'),
  last('last'),
  last('last_or', float64, -1),
  last('when', { type: 'timestamp' }, '5000'),
  last('big', { type: 'int64', as: 'bigint' }, '9007199254740993'),
]
const fields = [
  ...outputs.map(({ name, type }) => ({ name, type })),
  { name: 'at', type: { type: 'timestamp' } as const },
]

const stored = {
  limited: await storedCodec({ outputs, fields, ttl }),
  endless: await storedCodec({ outputs, fields }),
}
const computed = {
  limited: await valuesCodec({ outputs, fields, ttl }),
  endless: await valuesCodec({ outputs, fields }),
}
const codec = stored.limited
const rowOf = (...values: StoredValue[]) =>
  codec.encode({ tick: Number(tick), eventTimestamp: 9, createdTimestamp: 9 }, values)

function read(row: Buffer | null, at: bigint, limit: 'limited' | 'endless' = 'limited') {
  const details: Record<string, Detail> = {}
  stored[limit].detailsInto(details, row, at)
  const values = Object.fromEntries(Object.entries(details).map(([name, detail]) => [name, detail.value]))
  // All ways of reading agree, in the order of the features too.
  const into: Record<string, unknown> = { before: 1 }
  stored[limit].readInto(into, row, at)
  assert.equal(Object.entries(into), Object.entries({ before: 1, ...values }))
  assert.equal(Object.entries(stored[limit].read(row, at)), Object.entries(values))
  if (row === null) return details
  const found = codec.decode(row)
  const computedNow: Record<string, Detail> = {}
  computed[limit].detailsInto(computedNow, found, at)
  assert.equal(
    computedNow,
    Object.fromEntries(Object.entries(details).map(([name, detail]) => [name, { ...detail, tick: null }])),
  )
  const intoComputed: Record<string, unknown> = {}
  computed[limit].readInto(intoComputed, found, at)
  assert.equal(Object.entries(intoComputed), Object.entries(values))
  return details
}

const summary = (details: Record<string, Detail>) =>
  Object.fromEntries(Object.entries(details).map(([name, { status, value }]) => [name, [status, value]]))

test('no row: counts are zero, aggregates null, the rest missing, and defaults take their places', () => {
  const details = read(null, tick)
  assert.equal(summary(details), {
    count: ['present', 0],
    avg: ['null', null],
    avg_or: ['null', Number.NaN],
    last: ['missing', null],
    last_or: ['missing', -1],
    when: ['missing', new Date(5)],
    big: ['missing', 9007199254740993n],
  })
  for (const { tick: stored, eventTimestamp } of Object.values(details))
    assert.equal([stored, eventTimestamp], [null, null])
})

test('a row: its values, its tick, and when they happened', () => {
  const details = read(rowOf(2, 0.5, 0.25, 1, 2, 3000n, 4n, tick), tick)
  assert.equal(summary(details), {
    count: ['present', 2],
    avg: ['present', 0.5],
    avg_or: ['present', 0.25],
    last: ['present', 1],
    last_or: ['present', 2],
    when: ['present', new Date(3)],
    big: ['present', 4n],
  })
  assert.equal(details.count?.tick, new Date(10_000))
  assert.is(details.count?.eventTimestamp, null)
  assert.equal(details.last?.eventTimestamp, new Date(10_000))
})

test('a null of the latest row is null and not missing', () => {
  const details = read(rowOf(2, null, null, null, null, null, null, tick), tick)
  assert.equal(summary(details), {
    count: ['present', 2],
    avg: ['null', null],
    avg_or: ['null', Number.NaN],
    last: ['null', null],
    last_or: ['null', -1],
    when: ['null', new Date(5)],
    big: ['null', 9007199254740993n],
  })
})

test('a row whose latest features saw none is missing, whatever is in their places', () => {
  const details = read(rowOf(0, null, null, 1, 1, 1n, 1n, null), tick)
  assert.equal(summary(details).last, ['missing', null])
  assert.equal(summary(details).last_or, ['missing', -1])
})

test('an age of exactly ttl still counts, a microsecond more does not', () => {
  const row = rowOf(2, 0.5, 0.5, 1, 2, 3000n, 4n, tick)
  assert.equal(summary(read(row, tick + ttl)).last, ['present', 1])
  const late = read(row, tick + ttl + 1n)
  assert.equal(summary(late), {
    count: ['present', 2],
    avg: ['present', 0.5],
    avg_or: ['present', 0.5],
    last: ['expired', null],
    last_or: ['expired', -1],
    when: ['expired', new Date(5)],
    big: ['expired', 9007199254740993n],
  })
  assert.equal(late.last?.eventTimestamp, new Date(10_000))
  assert.equal(summary(read(row, tick + ttl + 1n, 'endless')).last, ['present', 1])
})

test('the end of ttl is exact at any distance from 1970, and on both sides of it', () => {
  const edges = [
    0n,
    1n,
    -1n,
    2n ** 31n,
    2n ** 32n,
    -(2n ** 32n),
    2n ** 53n + 1n,
    -(2n ** 53n) - 1n,
    2n ** 62n,
    -(2n ** 62n),
  ]
  for (const edge of edges) {
    const row = rowOf(0, null, null, 1, 2, 3000n, 4n, edge)
    for (const [age, status] of [
      [-1n, 'present'],
      [0n, 'present'],
      [1n, 'expired'],
      [2n ** 33n, 'expired'],
    ] as const)
      assert.is(summary(read(row, edge + ttl + age)).last?.[0], status, `${edge} and ${age}`)
  }
})

test('an expired null is expired', () => {
  const row = rowOf(0, null, null, null, null, null, null, tick)
  assert.equal(summary(read(row, tick + ttl + 1n)).last, ['expired', null])
})

test('a caller who changes a default changes it for nobody else', () => {
  const one = codec.read(null, tick)
  ;(one.when as Date).setTime(0)
  assert.equal(codec.read(null, tick).when, new Date(5))
})

test.run()
