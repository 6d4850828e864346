import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { call, column, constant, hour, last, noon, row, second, total, view } from './build.ts'
import { keysAt, type Literal, online, pointInTime, type SourceRow, type StoredView } from './index.ts'

const exact = (v: StoredView, rows: readonly SourceRow[], t = noon) => pointInTime(v, rows, { k: 'a' }, t, 'exact')
/** Values and statuses of the only feature, one per instant. */
const at = (v: StoredView, rows: readonly SourceRow[], ...instants: readonly bigint[]) =>
  instants.map(t => {
    const { value, status } = exact(v, rows, t).y!
    return status === 'present' ? value : status
  })
const value = (v: StoredView, rows: readonly SourceRow[], t = noon): Literal => exact(v, rows, t).y!.value

test('a row counts from its own instant on; before: from just after it', () => {
  const rows = [row(0n, { x: 7 })]
  const instants = [noon - 1n, noon, noon + 1n]
  assert.equal(at(view({ y: last('x') }), rows, ...instants), ['missing', 7, 7])
  assert.equal(at(view({ y: last('x') }, { boundary: 'before' }), rows, ...instants), ['missing', 'missing', 7])
})

test('a row counts only once it is known', () => {
  const late = [row(0n, { x: 7, c: noon + hour })]
  const instants = [noon, noon + hour - 1n, noon + hour, noon + hour + 1n]
  assert.equal(at(view({ y: last('x') }), late, ...instants), ['missing', 'missing', 7, 7])
  assert.equal(at(view({ y: last('x') }, { boundary: 'before' }), late, ...instants), [
    'missing',
    'missing',
    'missing',
    7,
  ])
  assert.equal(at(view({ y: last('x') }, { created: false }), late, noon), [7])
})

test('a correction replaces what it corrects once it is known', () => {
  const rows = [row(0n, { x: 1 }), row(0n, { x: 2, c: noon + hour })]
  assert.equal(at(view({ y: last('x') }), rows, noon, noon + hour - 1n, noon + hour), [1, 1, 2])
})

test('rows without an instant or a key are invisible', () => {
  const rows = [row(null, { x: 1 }), row(0n, { x: 2, c: null }), row(0n, { k: null, x: 3 })]
  assert.is(value(view({ y: total('count', null) }), rows), 0n)
  assert.equal(pointInTime(view({ y: last('x') }), rows, { k: null }, noon, 'exact').y, {
    value: null,
    status: 'missing',
  })
  assert.equal(keysAt(view({ y: last('x') }), rows, noon), [])
})

test('the window is open at its start and closed at its end', () => {
  const rows = [row(0n)]
  const count = total('count', null, '1h')
  const instants = [noon - 1n, noon, noon + hour - 1n, noon + hour, noon + hour + 1n]
  assert.equal(at(view({ y: count }), rows, ...instants), [0n, 1n, 1n, 0n, 0n])
  assert.equal(at(view({ y: count }, { boundary: 'before' }), rows, ...instants), [0n, 0n, 1n, 1n, 0n])
  assert.equal(at(view({ y: total('count', null) }), rows, noon - 1n, noon, noon + 1000n * hour), [0n, 1n, 1n])
})

test('an age of exactly ttl still counts', () => {
  const rows = [row(0n, { x: 7 })]
  const v = view({ y: last('x') }, { ttl: '1h' })
  assert.equal(at(v, rows, noon + hour - 1n, noon + hour, noon + hour + 1n), [7, 7, 'expired'])
  assert.equal(at(view({ y: total('sum', 'x') }, { ttl: '1h' }), rows, noon + hour + 1n), [7n])
})

test('expired, null and missing are told apart, and a default replaces each', () => {
  const rows = [row(0n, { x: null })]
  const v = view({ y: last('x'), z: last('x', { default: 5 }) }, { ttl: '1h' })
  assert.equal(exact(v, rows, noon - 1n), {
    y: { value: null, status: 'missing' },
    z: { value: 5, status: 'missing' },
  })
  assert.equal(exact(v, rows, noon), { y: { value: null, status: 'null' }, z: { value: 5, status: 'null' } })
  assert.equal(exact(v, rows, noon + hour + 1n), {
    y: { value: null, status: 'expired' },
    z: { value: 5, status: 'expired' },
  })
})

test('ties go by created timestamp, tie-break, then value, nulls least', () => {
  const first = view({ y: last('x', { pick: 'first' }) })
  const newest = view({ y: last('x') })
  const created = [row(0n, { x: 9, id: 9, c: noon - second }), row(0n, { x: 1, id: 1 })]
  assert.equal([value(newest, created), value(first, created)], [1, 9])
  const broken = [row(0n, { x: 9, id: 1 }), row(0n, { x: 1, id: 2 }), row(0n, { x: 5, id: null })]
  assert.equal([value(newest, broken), value(first, broken)], [1, 5])
  const equal = [row(0n, { x: 4 }), row(0n, { x: null }), row(0n, { x: 6 })]
  assert.equal([value(newest, equal), exact(first, equal).y!.status], [6, 'null'])
})

test('features of the same row are ordered by all their values together', () => {
  const rows = [row(0n, { x: 1, s: 'z' }), row(0n, { x: 2, s: 'a' })]
  const both = exact(view({ x: last('x'), y: last('s') }), rows)
  assert.equal([both.x!.value, both.y!.value], [2, 'a'])
  const other = exact(view({ x: last('x'), y: last('s', { where: call('gt', column('x'), constant(0)) }) }), rows)
  assert.equal([other.x!.value, other.y!.value], [2, 'z'])
})

test('where comes before everything, and null is not true', () => {
  const rows = [row(0n, { x: 20 }), row(second, { x: 3 }), row(2n * second, { x: null })]
  const where = call('gt', column('x'), constant(10))
  const t = noon + hour
  assert.is(value(view({ y: last('x', { where }) }), rows, t), 20)
  assert.is(value(view({ y: total('count', null, null, { where }) }), rows, t), 1n)
  assert.is(value(view({ y: total('count', null, null, { where: call('not', where) }) }), rows, t), 1n)
  assert.equal(exact(view({ y: last('x', { where, pick: 'first' }) }), rows.slice(1), t).y!.status, 'missing')
})

test('as_served evaluates at the last tick promised by then, and ages against the spine', () => {
  const served = { refresh: '1h', offset: '10m', delay: '5m', materialize: true } as const
  const minute = 60n * second
  const tick = noon + 10n * minute
  const rows = [row(10n * minute, { x: 7 }), row(10n * minute + 1n, { x: 8 })]
  const ask = (t: bigint, more = {}) => {
    const { value: got, status } = pointInTime(
      view({ y: last('x') }, { ...served, ...more }),
      rows,
      { k: 'a' },
      t,
      'as_served',
    ).y!
    return status === 'present' ? got : status
  }
  assert.is(ask(tick + 5n * minute - 1n), 'missing')
  assert.is(ask(tick + 5n * minute), 7)
  assert.is(ask(tick + 65n * minute - 1n), 7)
  assert.is(ask(tick + 65n * minute), 8)
  assert.is(ask(tick + 5n * minute, { materialize: false }), 8)
  assert.is(ask(tick + 6n * minute, { ttl: '6m' }), 7)
  assert.is(ask(tick + 6n * minute + 1n, { ttl: '6m' }), 'expired')
  assert.is(ask(tick + 5n * minute, { boundary: 'before' }), 'missing')
})

test('online is the value at the tick, aged against the read', () => {
  const v = view({ y: last('x'), n: total('count', null, '1h') }, { ttl: '2h', refresh: '1h', materialize: true })
  const rows = [row(0n, { x: 7 }), row(1n, { x: 8 })]
  const read = (tick: bigint, at: bigint) => online(v, rows, { k: 'a' }, tick, at)
  assert.equal(read(noon, noon + 2n * hour).y, { value: 7, status: 'present' })
  assert.equal(read(noon, noon + 2n * hour + 1n).y, { value: null, status: 'expired' })
  assert.equal(read(noon, noon + 3n * hour).n, { value: 1n, status: 'present' })
  assert.equal(read(noon + 2n * hour, noon + 2n * hour).n, { value: 0n, status: 'present' })
  assert.equal(keysAt(v, rows, noon), [{ k: 'a' }])
  assert.equal(keysAt(v, rows, noon - 1n), [])
})

test('a query is read like last over its rows', () => {
  const { entity, source, joinKeys: _, ...options } = view({}, { ttl: '1h' })
  const v: StoredView = {
    ...options,
    kind: 'sql_feature_view',
    entity,
    query: { kind: 'sql', parts: ['SELECT 1'] },
    eventTimestamp: source.eventTimestamp,
    createdTimestamp: null,
    tieBreak: [],
    columns: {},
    features: { y: { kind: 'column', type: { type: 'float64' }, default: null } },
  }
  const rows = [row(0n, { y: 1.5 }), row(second, { y: null })]
  assert.equal(at(v, rows, noon - 1n, noon, noon + second, noon + second + hour + 1n), [
    'missing',
    1.5,
    'null',
    'expired',
  ])
})

test.run()
