/** What `explain` is about, and all that is said of it. */
import type { Catalog, Provenance } from '../../compiler/catalog/catalog.ts'
import { dialects } from '../../compiler/dialects/index.ts'
import type { Plans } from '../../compiler/emit/index.ts'
import { statementPaths } from '../../compiler/emit/sql.ts'
import type { Locator } from '../../compiler/load/locate.ts'
import {
  type ComposedLineage,
  onDemandLineage,
  serviceLineage,
  type ViewLineage,
  viewLineage,
} from '../../compiler/plan/lineage.ts'
import { type OnDemandPlan, type RetrievalPlan, viewRetrieval } from '../../compiler/plan/retrieval-plan.ts'
import type { ServicePlan } from '../../compiler/plan/training-plan.ts'
import type { ViewPlan } from '../../compiler/plan/view-plan.ts'
import type { Manifest } from '../../runtime/contract.ts'

export type Subject =
  | {
      readonly kind: 'view'
      readonly plan: ViewPlan
      readonly retrieval: RetrievalPlan
      readonly lineage: ViewLineage
    }
  | {
      readonly kind: 'on-demand view'
      readonly plan: OnDemandPlan
      readonly retrieval: RetrievalPlan
      readonly lineage: ComposedLineage
    }
  | {
      readonly kind: 'service'
      readonly plan: ServicePlan
      readonly retrieval: RetrievalPlan
      readonly lineage: ComposedLineage
    }

/** A view or service by its name. */
export function findSubject(plans: Plans, { sources }: Catalog, name: string): Subject | null {
  const all = { ...plans, sources }
  const view = plans.views.find(plan => plan.view.name === name)
  if (view) return { kind: 'view', plan: view, retrieval: viewRetrieval(view), lineage: viewLineage(view, all) }
  const computed = plans.onDemandViews.find(plan => plan.view.name === name)
  if (computed) {
    const lineage = onDemandLineage(computed, all)
    return { kind: 'on-demand view', plan: computed, retrieval: computed.retrieval, lineage }
  }
  const service = plans.services.find(plan => plan.service.name === name)
  if (!service) return null
  return { kind: 'service', plan: service, retrieval: service.retrieval, lineage: serviceLineage(service, all) }
}

export function subjectNames({ views, onDemandViews, services }: Plans): string[] {
  return [...[...views, ...onDemandViews].map(plan => plan.view.name), ...services.map(plan => plan.service.name)]
}

/** The entry of the catalogue. */
export function entryOf(subject: Subject) {
  return subject.kind === 'service' ? subject.plan.service : subject.plan.view
}

/** The logical plan as plain data: what it is made of stands by name. */
export function planOf({ kind, plan, retrieval }: Subject): object {
  if (kind === 'view') {
    const { measures, latest, outputs, fields } = plan
    return { measures, latest, outputs, fields }
  }
  const { keys, request, uses, onDemand, answer } = retrieval
  return {
    ...(kind === 'on-demand view' && { inputs: plan.inputs }),
    keys,
    request,
    uses: uses.map(use => ({ name: use.name, view: use.plan.view.name, keys: use.keys })),
    onDemand: onDemand.map(({ view }) => view.name),
    answer,
  }
}

/** A definition as it stands in its file. */
export interface Written {
  readonly file: string
  /** From 1; null where it cannot be found, as in what a loop makes. */
  readonly line: number | null
  readonly column: number | null
  readonly symbol: string
  readonly text: string | null
  /** The lines of features. */
  readonly features: Readonly<Record<string, number>>
}

export function writtenOf(locator: Locator, provenance: Provenance, features: readonly { name: string }[]): Written {
  const place = locator.place(provenance, [])
  const lines = features.flatMap(({ name }): [string, number][] => {
    const found = locator.place(provenance, ['features', name])
    return found ? [[name, found.line]] : []
  })
  return {
    file: provenance.file,
    line: place?.line ?? null,
    column: place?.column ?? null,
    symbol: provenance.symbol,
    text: locator.text(provenance),
    features: Object.fromEntries(lines),
  }
}

export interface Statement {
  readonly kind: string
  readonly dialect: string
  readonly path: string
}

/** The statements of a view, its source's and those by its aliases among them, of an on-demand view, or of a service. */
export function statementsOf(manifest: Manifest, { aliases }: Plans, name: string, of: readonly string[]): Statement[] {
  const view = manifest.views[name]
  const own = aliases.filter(({ plan }) => plan.view.name === name)
  return of.flatMap(dialect => {
    const texts = view?.statements[dialect]
    const computed = manifest.onDemandViews[name]?.statements[dialect]
    const source = manifest.sources[view?.sources.at(-1) ?? '']?.statements[dialect]
    const paths = {
      relation: source?.relation,
      snapshot: source?.snapshot,
      point_in_time: texts?.pointInTime,
      ...Object.fromEntries(
        own.map(({ alias }) => [`as_${alias}`, statementPaths(dialect).pointInTimeAs(name, alias ?? '')]),
      ),
      materialize: texts?.materialize,
      materialize_changed: texts?.materializeChanged,
      lookup: texts?.lookup,
      inputs: computed?.inputs,
      training: (texts ?? computed ?? manifest.services[name]?.statements[dialect])?.training,
    }
    return Object.entries(paths).flatMap(([kind, path]) => (path ? [{ kind, dialect, path }] : []))
  })
}

/** How each feature of a view is computed offline, by dialect and name: of those that were emitted. */
export function formsOf(plan: ViewPlan, emitted: readonly string[]) {
  return dialects
    .filter(dialect => emitted.includes(dialect.name))
    .map(dialect => ({ name: dialect.name, of: dialect.explain(plan) }))
}
