/** Two manifests become a plan: what changes, what it costs and whom it breaks. Pure. */
import { breaksOf } from './breaking.ts'
import type { Change, ChangedKind, Plan } from './change.ts'
import { type Comparison, comparisonOf } from './comparison.ts'
import { featureChanges } from './features.ts'
import { type Handle, handlesOf } from './handle.ts'
import type { ComparedManifest, ComparedSource, ComparedView } from './manifest.ts'
import { oneSided } from './one-sided.ts'
import type { Pair } from './rename.ts'
import { onDemandChange, serviceChange } from './services.ts'
import { sourceDifferences } from './sources.ts'
import { otherStatements, statementChanges } from './statements.ts'
import { costOf, viewDifferences } from './views.ts'

const nothing: ComparedManifest = {
  project: '',
  artefacts: {},
  sources: {},
  views: {},
  onDemandViews: {},
  services: {},
}

/**
 * What a build changes against an earlier one; null: there was none.
 *
 * @example
 * const { changes, breaking } = planOf(committed, built)
 */
export function planOf(earlier: ComparedManifest | null, after: ComparedManifest): Plan {
  const comparison = comparisonOf(earlier ?? nothing, after)
  const { before } = comparison
  const changes: Change[] = []
  const isFelt = (kind: ChangedKind, name: string): boolean =>
    changes.some(change => change.kind === kind && change.name === name && isSeen(change))
  const add = (change: Change | null): void => {
    if (change) changes.push(change)
  }
  for (const pair of comparison.sources) if (!isQuery(pair, comparison)) add(sourceChange(pair, comparison))
  for (const pair of comparison.views) add(viewChange(pair, comparison, isFelt))
  for (const pair of comparison.onDemandViews) add(onDemandChange(pair, comparison, isFelt))
  for (const pair of comparison.services) add(serviceChange(pair, comparison, isFelt))
  return {
    project: after.project,
    changes,
    otherStatements: otherStatements(comparison, changes),
    breaking: breaksOf(handlesOf(before), successorsOf(comparison)),
  }
}

/** Whether what is made of it can have other values. */
function isSeen({ change, effect }: Change): boolean {
  return change === 'affected' || effect === 'layout' || effect === 'values'
}

/** The query of a SQL view is a source of the view's name, and belongs to it. */
function isQuery({ before, after }: Pair<ComparedSource>, comparison: Comparison): boolean {
  const name = (after ?? before)?.name ?? ''
  return (after ? comparison.after : comparison.before).views[name]?.sources.includes(name) ?? false
}

function sourceChange({ before, after }: Pair<ComparedSource>, comparison: Comparison): Change | null {
  const statements = statementChanges(before?.statements ?? null, after?.statements ?? null, comparison)
  const common = { kind: 'source', because: [], features: [], cost: null, statements } as const
  if (!before || !after) return oneSided({ before, after }, common)
  const reasons = sourceDifferences(before, after, comparison)
  if (before.name !== after.name)
    return { ...common, name: after.name, was: before.name, change: 'renamed', effect: 'metadata', reasons }
  if (reasons.length > 0)
    return { ...common, name: after.name, was: null, change: 'changed', effect: 'values', reasons }
  if (statements.length === 0) return null
  return { ...common, name: after.name, was: null, change: 'changed', effect: 'metadata', reasons: ['documentation'] }
}

function viewChange(
  { before, after }: Pair<ComparedView>,
  comparison: Comparison,
  isFelt: (kind: ChangedKind, name: string) => boolean,
): Change | null {
  const features = before && after ? featureChanges(comparison.features.get(after.name) ?? []) : []
  const queries = (view: ComparedView | null, manifest: ComparedManifest) =>
    view?.sources.includes(view.name) ? (manifest.sources[view.name] ?? null) : null
  const query = { before: queries(before, comparison.before), after: queries(after, comparison.after) }
  const statements = [
    ...statementChanges(query.before?.statements ?? null, query.after?.statements ?? null, comparison),
    ...statementChanges(before?.statements ?? null, after?.statements ?? null, comparison),
  ]
  const common = { kind: 'view', features, statements } as const
  if (!before || !after) return oneSided({ before, after }, { ...common, cost: costOf(before, after, false) })
  const because = after.sources
    .filter(name => name !== after.name && isFelt('source', name))
    .map(name => `source ${name}`)
  const asked = query.before && query.after ? sourceDifferences(query.before, query.after, comparison) : []
  const { effect, reasons } = viewDifferences(before, after, {
    features,
    because,
    query: asked.map(reason => `its query: ${reason}`),
    source: comparison.names.source,
  })
  const cost = costOf(before, after, because.length + asked.length > 0)
  const made = { ...common, name: after.name, because, reasons, cost }
  if (before.name !== after.name) return { ...made, was: before.name, change: 'renamed', effect: effect ?? 'metadata' }
  if (reasons.length + features.length > 0) return { ...made, was: null, change: 'changed', effect }
  if (because.length > 0) return { ...made, was: null, change: 'affected', effect: effect ?? 'values' }
  return statements.length > 0 ? { ...made, was: null, change: 'changed', effect: 'statements' } : null
}

function successorsOf({ after, names, present }: Comparison) {
  const handles = new Map(handlesOf(after).map(handle => [`${handle.kind} ${handle.name}`, handle]))
  const namesOfKind = { service: names.service, view: names.view, on_demand_view: names.onDemandView }
  return {
    handle: ({ kind, name }: Handle) => handles.get(`${kind} ${namesOfKind[kind](name)}`),
    feature: present,
  }
}
