/** Where features come from, and who uses them. */
import type { Listed, Source, TypedExpression } from '../catalog/catalog.ts'
import type { OnDemandPlan, RetrievalPlan } from './retrieval-plan.ts'
import type { ServicePlan } from './training-plan.ts'
import type { ViewPlan } from './view-plan.ts'

/** A service or an on-demand view that lists a view. */
export interface UsedBy {
  readonly kind: 'service' | 'on-demand view'
  readonly name: string
  /** The role that the view has there; null: its own name. */
  readonly as: string | null
  readonly features: readonly string[]
}

export interface ViewLineage {
  /** Its own source or query, then those that it reads. */
  readonly sources: readonly string[]
  /** The source's columns that every feature depends on: join keys, instants, what breaks ties. */
  readonly shared: readonly string[]
  /** The source's columns that a feature's value and conditions read. */
  readonly features: Readonly<Record<string, readonly string[]>>
  readonly usedBy: readonly UsedBy[]
}

/** Of what is made of views. */
export interface ComposedLineage {
  readonly sources: readonly string[]
  readonly views: readonly {
    readonly name: string
    readonly view: string
    readonly keys: readonly string[]
    readonly sources: readonly string[]
  }[]
  /** On-demand views that it computes besides. */
  readonly onDemandViews: readonly string[]
  readonly usedBy: readonly UsedBy[]
}

/** What lineage is found in. */
export interface AllPlans {
  readonly onDemandViews: readonly OnDemandPlan[]
  readonly services: readonly ServicePlan[]
  readonly sources: readonly Source[]
}

export function viewLineage(plan: ViewPlan, all: AllPlans): ViewLineage {
  const { view, source } = plan
  const { eventTimestamp, createdTimestamp, tieBreak } = source
  const keys = view.joinKeys.map(key => key.column)
  const instants = createdTimestamp === null ? [eventTimestamp] : [eventTimestamp, createdTimestamp]
  const features = view.features.map(({ name, computation }): [string, string[]] => {
    switch (computation.kind) {
      case 'latest':
        return [name, columnsOf(source, computation.value, computation.where)]
      case 'aggregate':
        return [name, columnsOf(source, computation.value, computation.where)]
      case 'ratio': {
        const { numerator, denominator } = computation
        const read = [numerator.value, numerator.where, denominator.value, denominator.where]
        return [name, columnsOf(source, ...read)]
      }
      default:
        return computation satisfies never
    }
  })
  return {
    sources: reached(source, all.sources),
    shared: [...new Set([...keys, ...instants, ...(plan.latest.length > 0 ? tieBreak : [])])],
    features: Object.fromEntries(features),
    usedBy: usedBy(view.name, all),
  }
}

export function onDemandLineage({ view, retrieval }: OnDemandPlan, all: AllPlans): ComposedLineage {
  return { ...composed(retrieval, all, view.name), usedBy: usedBy(view.name, all) }
}

export function serviceLineage({ retrieval }: ServicePlan, all: AllPlans): ComposedLineage {
  return { ...composed(retrieval, all, null), usedBy: [] }
}

function composed({ uses, onDemand }: RetrievalPlan, { sources }: AllPlans, self: string | null) {
  const views = uses.map(({ name, keys, plan }) => ({
    name,
    view: plan.view.name,
    keys,
    sources: reached(plan.source, sources),
  }))
  return {
    sources: [...new Set(views.flatMap(view => view.sources))],
    views,
    onDemandViews: onDemand.map(({ view }) => view.name).filter(name => name !== self),
  }
}

function usedBy(name: string, { onDemandViews, services }: AllPlans): UsedBy[] {
  const use = (kind: UsedBy['kind'], user: string, listed: readonly Listed[]): UsedBy[] =>
    listed.filter(({ view }) => view === name).map(({ alias, features }) => ({ kind, name: user, as: alias, features }))
  return [
    ...onDemandViews.flatMap(({ view }) =>
      use(
        'on-demand view',
        view.name,
        view.inputs.map(({ listed }) => listed),
      ),
    ),
    ...services.flatMap(({ service }) => use('service', service.name, service.views)),
  ]
}

/** The source, and those that its query reads, in turn. */
function reached(source: Source, all: readonly Source[]): string[] {
  const names = new Set([source.name])
  const visit = ({ relations }: Source): void => {
    for (const relation of Object.values(relations)) {
      if (relation.kind !== 'query') continue
      for (const part of relation.parts) {
        if (typeof part === 'string' || names.has(part.source)) continue
        names.add(part.source)
        const read = all.find(({ name }) => name === part.source)
        if (read) visit(read)
      }
    }
  }
  visit(source)
  return [...names]
}

/** Names of the source's columns in expressions, in declared order. */
export function columnsOf(
  { columns }: Pick<Source, 'columns'>,
  ...nodes: readonly (TypedExpression | null)[]
): string[] {
  const read = new Set<string>()
  const visit = (node: TypedExpression | null): void => {
    if (node?.kind === 'column') read.add(node.name)
    if (node?.kind === 'call') for (const argument of node.arguments) visit(argument)
  }
  for (const node of nodes) visit(node)
  return columns.map(({ name }) => name).filter(name => read.has(name))
}
