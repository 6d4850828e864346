/** Plans of builds with on-demand views, aliases and picks: manifests as data, since what they say is all that is compared. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { ComparedManifest, ComparedOnDemandView, ComparedService } from '../../compiler/change/manifest.ts'
import { planOf } from '../../compiler/change/plan.ts'
import { breaks, edited, manifestOf, shop, told } from './project.ts'

type Edit = {
  readonly view?: Partial<ComparedOnDemandView>
  readonly service?: Partial<ComparedService>
  readonly text?: string
}

/** The shop with an on-demand view over `paid`, and a service of both, which reads `totals` by an alias. */
async function withOnDemand({ view, service, text = shop }: Edit = {}): Promise<ComparedManifest> {
  const manifest = await manifestOf(text)
  const keys = [{ name: 'user_id', type: { type: 'int64', as: 'bigint' } }] as const
  const request = [{ name: 'amount', type: { type: 'float64' } }] as const
  const risk: ComparedOnDemandView = {
    name: 'risk',
    property: 'risk',
    keys,
    request,
    uses: [{ name: 'paid', view: 'paid' }],
    onDemand: ['risk'],
    features: [{ name: 'share', type: { type: 'float64' }, nullable: true, default: null }],
    fingerprint: 'f1',
    metadataFingerprint: 'm1',
    owner: null,
    tags: [],
    statements: { duckdb: { inputs: 'duckdb/risk/inputs.sql' } },
    ...view,
  }
  const answered: ComparedService = {
    name: 'model',
    property: 'model',
    keys,
    request,
    owner: null,
    statements: {},
    uses: [
      { name: 'paid', view: 'paid' },
      { name: 'totals__all', view: 'totals' },
    ],
    onDemand: ['risk'],
    answer: [
      { name: 'all_items', of: 'totals__all', feature: 'items' },
      { name: 'share', of: 'risk', feature: 'share' },
    ],
    ...service,
  }
  const artefacts = { ...manifest.artefacts, 'on-demand.mjs': view?.fingerprint ?? 'f1' }
  return { ...manifest, artefacts, onDemandViews: { risk }, services: { model: answered } }
}

const plan = async (edit: Edit, from: Edit = {}) => planOf(await withOnDemand(from), await withOnDemand(edit))

test('plan: nothing changes of on-demand views', async () => {
  const { changes, breaking } = await plan({})
  assert.equal([changes, breaking], [[], []])
})

test('plan: on-demand views and services are affected by what they read', async () => {
  const text = edited({ "sum('amount').over('1d')": "sum('amount').over('2d')" })
  assert.equal(told(await plan({ text })), [
    'changed view paid values | changed paid_1d sum amount over 2d, was sum amount over 1d',
    'affected on_demand_view risk values | by view paid',
    'affected service model values | by view paid | by on-demand view risk',
  ])
})

test('plan: a function that computes something else', async () => {
  const changed = await plan({ view: { fingerprint: 'f2' } })
  assert.equal(told(changed), [
    'changed on_demand_view risk values | its functions compute something else',
    'affected service model values | by on-demand view risk',
  ])
  assert.equal(changed.otherStatements, [{ path: 'on-demand.mjs', change: 'changed', was: null }])
  assert.equal(told(await plan({ view: { metadataFingerprint: 'm2' } })), [
    'changed on_demand_view risk metadata | documentation',
  ])
})

test('plan: request data and answers of on-demand views break their clients', async () => {
  const request = [{ name: 'price', type: { type: 'float64' } }] as const
  const features = [{ name: 'share', type: { type: 'string' }, nullable: true, default: null }] as const
  assert.equal(breaks(await plan({ view: { request, features, fingerprint: 'f2' } })), [
    'feature-type: feature "share" is string, was float64 (service model, on-demand view risk)',
    'argument-removed: argument "amount" is gone (on-demand view risk)',
    'argument-added: argument "price" is asked for (on-demand view risk)',
  ])
})

test('plan: another alias, and another pick', async () => {
  const answer = [
    { name: 'total_items', of: 'totals__total', feature: 'items' },
    { name: 'share', of: 'risk', feature: 'share' },
    { name: 'total_most_items', of: 'totals__total', feature: 'most_items' },
  ]
  const uses = [
    { name: 'paid', view: 'paid' },
    { name: 'totals__total', view: 'totals' },
  ]
  const changed = await plan({ service: { answer, uses } })
  assert.equal(told(changed), [
    'changed service model values | answers total_items, was all_items | answers total_most_items',
  ])
  assert.equal(breaks(changed), ['feature-renamed: feature "all_items" is "total_items" now (service model)'])
  const back = await plan({}, { service: { answer, uses } })
  assert.equal(told(back), [
    'changed service model values | answers all_items, was total_items | no longer answers total_most_items',
  ])
})

test('plan: an on-demand view is renamed', async () => {
  const named = await withOnDemand({ view: { name: 'danger', property: 'danger', onDemand: ['danger'] } })
  const after = { ...named, onDemandViews: { danger: named.onDemandViews?.risk as ComparedOnDemandView } }
  const service = after.services.model as ComparedService
  const answer = service.answer?.map(origin => (origin.of === 'risk' ? { ...origin, of: 'danger' } : origin)) ?? []
  const changed = planOf(await withOnDemand(), {
    ...after,
    services: { model: { ...service, onDemand: ['danger'], answer } },
  })
  assert.equal(told(changed), ['renamed on_demand_view danger was risk metadata'])
  assert.equal(breaks(changed), ['handle-renamed: store.risk is store.danger now (on-demand view danger)'])
})

test('plan: a service of a build without on-demand views is compared with one of a build with them', async () => {
  const before = await manifestOf(shop)
  const model = before.services.model as unknown as ComparedService
  const answer = ['paid', 'totals'].flatMap(
    of => before.views[of]?.features.map(({ name }) => ({ name, of, feature: name })) ?? [],
  )
  const { views: _, ...rest } = model
  const uses = [
    { name: 'paid', view: 'paid' },
    { name: 'totals', view: 'totals' },
  ]
  const after = {
    ...before,
    services: { ...before.services, model: { ...rest, uses, answer, request: [], onDemand: [] } },
  }
  assert.equal(told(planOf(before, after)), [])
})

test.run()
