/** What a plan says of an edit: its effect, what it costs, and whom it breaks. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { planOf } from '../../compiler/change/plan.ts'
import { breaks, edited, manifestOf, planOfEdits, shop, told } from './project.ts'

const show = async (edits: Readonly<Record<string, string>>) => {
  const plan = await planOfEdits(edits)
  return { told: told(plan), breaks: breaks(plan), plan, costs: plan.changes.map(({ name, cost }) => [name, cost]) }
}

test('plan: nothing changes', async () => {
  const { plan } = await show({})
  assert.equal([plan.changes, plan.breaking, plan.otherStatements], [[], [], []])
})

test('plan: another window changes values, and what is made of the view is affected', async () => {
  const { told, breaks, plan } = await show({ "sum('amount').over('1d')": "sum('amount').over('2d')" })
  assert.equal(told, [
    'changed view paid values | changed paid_1d sum amount over 2d, was sum amount over 1d',
    'affected service model values | by view paid',
  ])
  assert.equal(breaks, [])
  const [view, service] = plan.changes
  assert.equal(
    view?.statements.map(({ path, change }) => `${change} ${path}`),
    [
      'changed duckdb/paid/materialize.sql',
      'changed duckdb/paid/materialize_changed.sql',
      'changed duckdb/paid/point_in_time.sql',
    ],
  )
  assert.equal(service?.statements, [])
  const [before, after] = await Promise.all([
    manifestOf(shop),
    manifestOf(edited({ "sum('amount').over('1d')": "sum('amount').over('2d')" })),
  ])
  const row = (layout: string) => ({ view: 'paid', layout, pattern: `{user:<user_id>}:paid:${layout}` })
  assert.equal(view?.cost, {
    write: row(after.views.paid?.layout.fingerprint ?? ''),
    orphan: row(before.views.paid?.layout.fingerprint ?? ''),
    backfill: 'before',
  })
})

test('plan: a feature more, and one less, change the layout', async () => {
  const more = await show({ 'payments_1d: count()': "payments_7d: count().over('7d'), payments_1d: count()" })
  assert.equal(more.told[0], 'changed view paid layout | added payments_7d count over 7d')
  assert.equal(more.breaks, [])
  const less = await show({ "    last_note: last('note'),\n": '' })
  assert.equal(less.told, [
    'changed view paid layout | removed last_note',
    'affected service model values | by view paid',
  ])
  assert.equal(less.breaks, ['feature-removed: feature "last_note" is gone (service model, view paid)'])
})

test('plan: a feature is renamed where only its name changed', async () => {
  const { told, breaks } = await show({ paid_1d: 'spent_1d' })
  assert.equal(told[0], 'changed view paid layout | renamed spent_1d was paid_1d')
  assert.equal(breaks, ['feature-renamed: feature "paid_1d" is "spent_1d" now (service model, view paid)'])
  const changed = await show({ "paid_1d: sum('amount').over('1d')": "spent_2d: sum('amount').over('2d')" })
  assert.equal(changed.told[0], 'changed view paid layout | added spent_2d sum amount over 2d | removed paid_1d')
})

test('plan: what is equal to two others is taken for neither', async () => {
  const both = { "most_items: max('items')": "a_items: max('items'), b_items: max('items')" }
  const before = await manifestOf(edited(both))
  const after = await manifestOf(edited({ "most_items: max('items')": "c_items: max('items')" }))
  assert.equal(
    told(planOf(before, after))[0],
    'changed view totals layout | added c_items max items over all history | removed a_items | removed b_items',
  )
})

test('plan: a view is renamed where only its name changed', async () => {
  const { told, breaks, plan } = await show({ "featureView('paid'": "featureView('spent'" })
  assert.equal(told, [
    'renamed view spent was paid layout | its name is part of every key',
    'affected service model values | by view spent',
  ])
  assert.equal(breaks, ['handle-renamed: store.paid is store.spent now (view spent)'])
  assert.equal(plan.changes[0]?.cost?.write?.pattern.replace(/[0-9a-f]{12}$/, ''), '{user:<user_id>}:spent:')
  assert.ok(
    plan.changes[0]?.statements.every(({ change, was }) => change === 'changed' && was?.startsWith('duckdb/paid/')),
  )
  const query = await show({ "sqlFeatureView('days'": "sqlFeatureView('daily'" })
  assert.equal(query.told, [
    'renamed view daily was days layout | its name is part of every key',
    'affected service other values | by view daily',
  ])
})

test('plan: a service is renamed, removed, and made of other views', async () => {
  const renamed = await show({ "featureService('model'": "featureService('score'" })
  assert.equal(renamed.told, ['renamed service score was model metadata'])
  assert.equal(renamed.breaks, ['handle-renamed: store.model is store.score now (service score)'])
  const removed = await show({ "export const other = featureService('other', [days], { owner: 'growth' })\n": '' })
  assert.equal(removed.told, ['removed service other'])
  assert.equal(removed.breaks, ['handle-removed: store.other is gone (service other)'])
  const more = await show({ '[paid, totals]': '[paid, totals, days]' })
  assert.equal([more.told, more.breaks], [['changed service model values | view days added'], []])
  const less = await show({ '[paid, totals]': '[paid]' })
  assert.equal(less.told, ['changed service model values | view totals removed'])
  assert.equal(less.breaks, [
    'feature-removed: feature "most_items" is gone (service model)',
    'feature-removed: feature "items" is gone (service model)',
  ])
})

test('plan: a view that is removed is gone from the services too', async () => {
  const { told, breaks, costs } = await show({
    "export const other = featureService('other', [days], { owner: 'growth' })":
      "export const other = featureService('other', [totals], { owner: 'growth' })",
    'export const days = sqlFeatureView': 'const days = sqlFeatureView',
  })
  assert.equal(told, ['removed view days', 'changed service other values | view totals added | view days removed'])
  assert.equal(breaks, [
    'feature-removed: feature "day_items" is gone (service other)',
    'handle-removed: store.days is gone (view days)',
  ])
  const [, cost] = costs[0] as [string, { write: unknown; orphan: { view: string } | null; backfill: string }]
  assert.equal([cost.write, cost.orphan?.view, cost.backfill], [null, 'days', 'none'])
})

test('plan: what a service answers while a store is away is metadata', async () => {
  const { told, breaks } = await show({
    "featureService('model', [paid, totals])":
      "featureService('model', [paid, totals], { onStoreFailure: 'defaults' })",
  })
  assert.equal(told, ['changed service model metadata | while a store is away: defaults, was error'])
  assert.equal(breaks, [])
})

test('plan: documentation, owner and tags are metadata', async () => {
  const doc = await show({ 'In a day.': 'In a day of 24 hours.' })
  assert.equal(doc.told, ['changed view paid metadata | documentation, or where it is defined'])
  const owner = await show({ "owner: 'risk', tags: ['money']": "tags: ['money', 'risk']" })
  assert.equal(owner.told, ['changed view paid metadata | owner none, was risk | tags money, risk, was money'])
  assert.equal((await show({ 'Payments of the shop': 'Payments' })).told, [
    'changed source payments metadata | documentation',
  ])
  assert.equal((await show({ "owner: 'growth'": "owner: 'risk'" })).told, [
    'changed service other metadata | owner risk, was growth',
  ])
})

test('plan: what is applied when a row is read changes values and writes nothing', async () => {
  const { told, costs, breaks } = await show({ "ttl: '7d'": "ttl: '1d'", ".default('0.00')": ".default('1.00')" })
  assert.equal(told, [
    'changed view paid values | ttl 1d, was 7d | changed last_amount default "1.00", was "0.00"',
    'affected service model values | by view paid',
  ])
  assert.equal(costs[0], ['paid', { write: null, orphan: null, backfill: 'none' }])
  assert.equal(breaks, [])
})

test('plan: ticks, and being materialized', async () => {
  const ticks = await show({ "refresh: '5m'": "refresh: '15m', delay: '1m'" })
  assert.match(ticks.told[0] ?? '', /^changed view paid values \| refresh 15m, was 5m: .* \| delay 1m, was 0s: /)
  const off = await show({ "refresh: '5m', materialize: true": "refresh: '5m'" })
  assert.equal(off.told[0], 'changed view paid values | computed when read, was materialized')
  const [, cost] = off.costs[0] as [string, { write: unknown; orphan: { view: string } | null; backfill: string }]
  assert.equal([cost.write, cost.orphan?.view, cost.backfill], [null, 'paid', 'none'])
  const on = await show({
    'source: payments,\n  features: ({ max': "source: payments, refresh: '1h', materialize: true,\n  features: ({ max",
  })
  const [, made] = on.costs[0] as [string, { write: { view: string } | null; orphan: unknown; backfill: string }]
  assert.equal([made.write?.view, made.orphan, made.backfill], ['totals', null, 'before'])
})

test('plan: null added, a type that holds less, another TypeScript type', async () => {
  const nullable = await show({ ".default('0.00')": '' })
  assert.equal(nullable.breaks, ['feature-null: feature "last_amount" can be null now (service model, view paid)'])
  const narrower = await show({ 't.decimal(12, 2)': 't.decimal(10, 2)' })
  assert.ok(
    narrower.breaks.includes(
      'feature-type: feature "last_amount" is decimal(10, 2), was decimal(12, 2): it holds less (service model, view paid)',
    ),
  )
  const wider = await show({ 't.decimal(12, 2)': 't.decimal(14, 2)' })
  assert.equal(wider.breaks, [])
  assert.match(
    wider.told[0] ?? '',
    /^changed source payments values \| column amount is decimal\(14, 2\), was decimal\(12, 2\)$/,
  )
  const other = await show({ "max('items')": "max('amount')" })
  assert.equal(other.breaks, [
    'feature-type: feature "most_items" is decimal(12, 2), was int32 (service model, view totals)',
  ])
})

test('plan: join keys', async () => {
  const more = await show({
    'joinKeys: { user_id: t.int64() }': 'joinKeys: { user_id: t.int64(), note: t.string() }',
    'SELECT user_id, paid_at,': 'SELECT user_id, paid_at, note,',
  })
  assert.equal(more.breaks.slice(0, 1), [
    'argument-added: argument "note" is asked for (service model, service other, view days, view paid, view totals)',
  ])
  assert.match(
    more.told.join('\n'),
    /^changed view paid layout \| keys user_id int64, note string, was user_id int64$/m,
  )
  const type = await show({ 'user_id: t.int64()': "user_id: t.int64({ as: 'number' })" })
  assert.ok(
    type.breaks.some(text =>
      text.startsWith('argument-type: argument "user_id" is int64 as number, was int64 as bigint'),
    ),
  )
  const renamed = await show({ user_id: 'customer_id' })
  assert.ok(renamed.breaks.some(text => text.startsWith('argument-removed: argument "user_id" is gone')))
  assert.ok(renamed.breaks.some(text => text.startsWith('argument-added: argument "customer_id" is asked for')))
  const entity = await show({ "entity('user'": "entity('customer'" })
  assert.match(entity.told[0] ?? '', /^changed view \w+ (layout|values)/)
  assert.equal(entity.breaks, [])
})

test('plan: a source that lies elsewhere keeps the layout, so all keys have to be materialized', async () => {
  const { told, costs } = await show({ 'payments.csv': 'archive.csv' })
  assert.equal(told, [
    'changed source payments values | reads other data, or by another query',
    'affected view days values | by source payments',
    'affected view paid values | by source payments',
    'affected view totals values | by source payments',
    'affected service model values | by view paid | by view totals',
    'affected service other values | by view days',
  ])
  assert.equal(costs[2], ['paid', { write: null, orphan: null, backfill: 'full' }])
})

test('plan: order and instants of a source', async () => {
  const order = await show({ "tieBreak: ['amount']": "tieBreak: ['amount', 'items']" })
  assert.equal(order.told[0], 'changed source payments values | ties are broken by amount, items, was amount')
  const created = await show({ "createdTimestamp: 'known_at', ": '' })
  assert.equal(created.told[0], 'changed source payments values | rows are known when they happen, was at known_at')
  const boundary = await show({ "ttl: '7d'": "ttl: '7d', boundary: 'before'" })
  assert.equal(boundary.told[0], 'changed view paid values | rows before the instant count, was at')
})

test('plan: the query of a SQL view is the view', async () => {
  const { told } = await show({
    'items AS day_items': '2 * items AS day_items',
  })
  assert.equal(told, [
    'changed view days values | its query: reads other data, or by another query',
    'affected service other values | by view days',
  ])
})

test('plan: a source is renamed where it is bound to the same data', async () => {
  const { told } = await show({ "source('payments'": "source('purchases'" })
  // Without a binding, the table of the other dialect is the one of its name.
  assert.match(told[0] ?? '', /^renamed source purchases was payments metadata$/)
})

test('plan: everything is new to whom nothing was built', async () => {
  const plan = planOf(null, await manifestOf(shop))
  assert.equal(
    plan.changes.map(({ change, kind, name }) => `${change} ${kind} ${name}`),
    ['source payments', 'view days', 'view paid', 'view totals', 'service model', 'service other'].map(
      name => `added ${name}`,
    ),
  )
  assert.equal(plan.breaking, [])
})

test('plan: a manifest of an earlier version, which says less, is compared by what it has', async () => {
  const manifest = JSON.parse(JSON.stringify(await manifestOf(shop)))
  for (const view of Object.values<{ boundary?: string; features: Record<string, unknown>[] }>(manifest.views)) {
    delete view.boundary
    for (const feature of view.features) {
      delete feature.fingerprint
      delete feature.description
    }
  }
  for (const source of Object.values<Record<string, unknown>>(manifest.sources))
    for (const name of ['fingerprint', 'eventTimestamp', 'createdTimestamp', 'tieBreak']) delete source[name]
  assert.equal(told(planOf(manifest, await manifestOf(shop))), [])
  const after = await manifestOf(edited({ "sum('amount').over('1d')": "sum('amount').over('2d')" }))
  assert.match(told(planOf(manifest, after))[0] ?? '', /^changed view paid values/)
  assert.equal(breaks(planOf(manifest, after)), [])
})

test.run()
