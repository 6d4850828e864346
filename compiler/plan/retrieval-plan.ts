/**
 * What an answer needs: the feature views that are read, each by its keys, the on-demand views that are computed, in order,
 * and where each feature of the answer comes from. Of a service, of a view by itself, or of what a function is given.
 */
import type { FeatureOrigin, Field } from '../../runtime/contract.ts'
import type { Column, Listed, OnDemandView } from '../catalog/catalog.ts'
import { answeredName, useName } from '../catalog/view-use.ts'
import { planView, type ViewPlan } from './view-plan.ts'

/** A feature view that is read by these keys. */
export interface UsePlan {
  readonly name: string
  readonly alias: string | null
  /** The argument that each join key is given by. */
  readonly keys: readonly string[]
  /** The view, with the arguments for the names of its join keys. */
  readonly plan: ViewPlan
}

export interface RetrievalPlan {
  readonly keys: readonly Field[]
  readonly request: readonly Field[]
  readonly uses: readonly UsePlan[]
  /** Each after those it needs. */
  readonly onDemand: readonly OnDemandPlan[]
  readonly answer: readonly FeatureOrigin[]
}

export interface OnDemandPlan {
  readonly view: OnDemandView
  readonly inputs: readonly { readonly name: string; readonly features: readonly FeatureOrigin[] }[]
  /** Of the view by itself. */
  readonly retrieval: RetrievalPlan
}

/** Plans by the names of what was planned. */
export interface Planned {
  readonly views: ReadonlyMap<string, ViewPlan>
  readonly onDemandViews: ReadonlyMap<string, OnDemandPlan>
}

/** The on-demand views, each after those it reads. */
export function planOnDemandViews(
  all: readonly OnDemandView[],
  views: ReadonlyMap<string, ViewPlan>,
): ReadonlyMap<string, OnDemandPlan> {
  const byName = new Map(all.map(view => [view.name, view]))
  const planned = new Map<string, OnDemandPlan>()
  const plan = (view: OnDemandView): void => {
    if (planned.has(view.name)) return
    for (const { listed } of view.inputs) {
      const input = byName.get(listed.view)
      if (input) plan(input)
    }
    planned.set(view.name, planOnDemandView(view, { views, onDemandViews: planned }))
  }
  for (const view of all) plan(view)
  return planned
}

function planOnDemandView(view: OnDemandView, planned: Planned): OnDemandPlan {
  const given = planRetrieval(
    view.inputs.map(({ listed }) => listed),
    planned,
  )
  const inputs = view.inputs.map(({ name, listed }) => ({
    name,
    // Inside a function features have their own names.
    features: listed.features.map(feature => ({ name: feature, of: useName(listed.view, listed.alias), feature })),
  }))
  const onDemand: OnDemandPlan[] = [...given.onDemand]
  const plan: OnDemandPlan = {
    view,
    inputs,
    retrieval: {
      keys: given.keys,
      request: unique([...view.request, ...given.request]),
      uses: given.uses,
      onDemand,
      answer: view.features.map(({ name }) => ({ name, of: view.name, feature: name })),
    },
  }
  onDemand.push(plan)
  return plan
}

export function planRetrieval(listed: readonly Listed[], planned: Planned): RetrievalPlan {
  const keys: Column[] = []
  const request: Field[] = []
  const uses = new Map<string, UsePlan>()
  const onDemand = new Set<OnDemandPlan>()
  const answer: FeatureOrigin[] = []
  for (const item of listed) {
    const view = planned.views.get(item.view)
    const computed = planned.onDemandViews.get(item.view)
    const name = useName(item.view, item.alias)
    if (view) {
      const use = planUse(view, item)
      if (!uses.has(name)) uses.set(name, use)
      keys.push(...use.plan.view.joinKeys)
    } else if (computed) {
      const { retrieval } = computed
      keys.push(...retrieval.keys)
      request.push(...retrieval.request)
      for (const use of retrieval.uses) if (!uses.has(use.name)) uses.set(use.name, use)
      for (const other of retrieval.onDemand) onDemand.add(other)
    } else throw new Error(`no plan of view ${item.view}`)
    for (const feature of item.features) answer.push({ name: answeredName(item.alias, feature), of: name, feature })
  }
  return { keys: unique(keys), request: unique(request), uses: [...uses.values()], onDemand: [...onDemand], answer }
}

/** The retrieval of a feature view by itself. */
export function viewRetrieval(plan: ViewPlan): RetrievalPlan {
  const { name, joinKeys } = plan.view
  const keys = joinKeys.map(key => key.name)
  return {
    keys: unique(joinKeys),
    request: [],
    uses: [{ name, alias: null, keys, plan }],
    onDemand: [],
    answer: plan.outputs.map(output => ({ name: output.name, of: name, feature: output.name })),
  }
}

function planUse(plan: ViewPlan, { view, alias, keys }: Listed): UsePlan {
  const joinKeys = plan.view.joinKeys.map((key, index) => ({ ...key, name: keys[index] ?? key.name }))
  const name = useName(view, alias)
  return { name, alias, keys, plan: alias === null ? plan : planView({ ...plan.view, joinKeys }, plan.source) }
}

/** The columns, each name once. */
function unique(columns: readonly Column[]): Field[] {
  const known = new Map<string, Field>()
  for (const { name, type } of columns) if (!known.has(name)) known.set(name, { name, type })
  return [...known.values()]
}
