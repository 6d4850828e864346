/** Statuses, ttl and defaults, from a stored row to what a getter returns. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { FeatureManifest, Layout, ViewManifest } from '../../runtime/index.ts'
import { type Detail, RowReader } from '../../runtime/online/read.ts'
import { rowCodec, type StoredValue } from '../../runtime/online/row.ts'

const ttl = 1_000_000n
const tick = 10_000_000n

function feature(name: string, from: Partial<FeatureManifest>): FeatureManifest {
  const base = { nullable: true, default: null, empty: null, eventTimestamp: null, type: { type: 'float64' } } as const
  return { ...base, ...from, name }
}

const features = [
  feature('count', { empty: 0, nullable: false }),
  feature('avg', {}),
  feature('avg_or', { default: 'NaN' }),
  feature('last', { eventTimestamp: 'at' }),
  feature('last_or', { eventTimestamp: 'at', default: -1 }),
  feature('when', { eventTimestamp: 'at', type: { type: 'timestamp' }, default: '5000' }),
  feature('big', { eventTimestamp: 'at', type: { type: 'int64', as: 'bigint' }, default: '9007199254740993' }),
]
const layout: Layout = {
  fingerprint: 'f',
  fields: [...features.map(({ name, type }) => ({ name, type })), { name: 'at', type: { type: 'timestamp' } }],
}

function readerOf(limit: bigint | null) {
  const view: ViewManifest = {
    name: 'v',
    property: 'v',
    entity: 'e',
    keys: [],
    sources: [],
    ticks: null,
    materialize: true,
    owner: null,
    tags: [],
    statements: {},
    metadataFingerprint: 'm',
    ttl: limit === null ? null : Number(limit),
    features,
    layout,
  }
  return new RowReader(view, rowCodec(layout))
}

const codec = rowCodec(layout)
const rowOf = (...values: StoredValue[]) =>
  codec.encode({ tick: Number(tick), eventTimestamp: 9, createdTimestamp: 9 }, values)

function read(row: Uint8Array | null, at: bigint, limit: bigint | null = ttl) {
  const details: Record<string, Detail> = {}
  const values: Record<string, unknown> = {}
  readerOf(limit).details(row, at, details)
  readerOf(limit).values(row, at, values)
  // Both ways of reading agree.
  assert.equal(values, Object.fromEntries(Object.entries(details).map(([name, detail]) => [name, detail.value])))
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
  assert.equal(summary(read(row, tick + ttl + 1n, null)).last, ['present', 1])
})

test('an expired null is expired', () => {
  const row = rowOf(0, null, null, null, null, null, null, tick)
  assert.equal(summary(read(row, tick + ttl + 1n)).last, ['expired', null])
})

test('a caller who changes a default changes it for nobody else', () => {
  const one: Record<string, unknown> = {}
  const other: Record<string, unknown> = {}
  const reader = readerOf(ttl)
  reader.values(null, tick, one)
  ;(one.when as Date).setTime(0)
  reader.values(null, tick, other)
  assert.equal(other.when, new Date(5))
})

test.run()
