/**
 * Counts and exact sums as differences of two running totals.
 *
 * The totals run over all keys in one order, which DuckDB computes several times faster than one order a key. So that
 * each key starts from zero, each ends with a row in the infinite future that takes its totals away again.
 */
import { formatDuration } from '../../../catalog/format-duration.ts'
import type { Measure } from '../../../plan/view-plan.ts'
import { type FindTotal, kindsOf, type Total, totalsOf, windowsOf } from '../../totals.ts'
import { condition, expression } from '../functions.ts'
import { identifier, interval } from '../types.ts'
import { type Join, onKeys, type Part, type Scope, type Step } from './step.ts'

/** The running totals and, for each spine row, their differences over each window. */
export function totalsPart(measures: readonly Measure[], scope: Scope): Part {
  const { totals, find } = totalsOf(measures, { identifier, expression, condition })
  const windows = windowsOf(measures)
  const lengths = windows.filter(over => over !== null)
  // Edge 0 is the instant itself, the others are the starts of windows. Numbers compare faster than names.
  const edge = (number: number) => ` FILTER (WHERE edges.__edge = ${number})`
  const differences = differencesOf(measures, find, (total, over) => ({
    now: `coalesce(max(${total.name})${edge(0)}, 0)`,
    start: over === null ? null : `coalesce(max(${total.name})${edge(1 + lengths.indexOf(over))}, 0)`,
  }))
  const model = {
    ...scope,
    filters: [],
    spine: scope.name('spine'),
    totals: scope.name('totals'),
    edges: scope.name('edges'),
    running: totals.map(total => ({ ...total, selected: `${total.aggregate} AS ${total.name}` })),
    comment: `The instants at which the windows of each spine row end (0) and begin (${lengths.map((over, index) => `${index + 1}: ${formatDuration(over)}`).join(', ')}).`,
    labels: [0, ...lengths.map((_, index) => index + 1)],
    moments: ['spine.__as_of', ...lengths.map(over => `spine.__as_of - ${interval(over)}`)],
    difference: 'What was added between the edges: the totals at one less the totals at the other.',
    differences,
    on: onKeys(scope, 'totals', 'edges'),
  }
  const relation = scope.name('windows')
  return {
    steps: [
      { ...model, template: 'totals.sql', relation: model.totals } as Step,
      { ...model, template: 'edges.sql', relation: model.edges } as Step,
      { ...model, template: 'windows.sql', relation } as Step,
    ],
    joins: [byRow(relation, 'windows')],
    value: measure => fromTotals(measure, kind => `windows.${windowName(find(measure, kind), measure.aggregate.over)}`),
  }
}

/** What each measure needs of each of its totals over its window, each once. */
export function differencesOf(
  measures: readonly Measure[],
  find: FindTotal,
  edges: (total: Total, over: number | null) => { readonly now: string; readonly start: string | null },
): { name: string; now: string; start: string | null }[] {
  const differences = new Map<string, { name: string; now: string; start: string | null }>()
  for (const measure of measures) {
    const { over } = measure.aggregate
    for (const kind of kindsOf(measure)) {
      const total = find(measure, kind)
      const name = windowName(total, over)
      differences.set(name, { name, ...edges(total, over) })
    }
  }
  return [...differences.values()]
}

/** A total over one window. */
export function windowName(total: Total, over: number | null): string {
  const plain = total.name.replaceAll('"', '')
  return identifier(over === null ? plain : `${plain}__${formatDuration(over)}`)
}

/** The measure, given the SQL of each of its totals over its window. */
export function fromTotals(measure: Measure, total: (kind: Total['kind']) => string): string {
  const type = measure.type.type === 'decimal' ? `DECIMAL(38,${measure.type.scale})` : 'BIGINT'
  switch (measure.aggregate.aggregate) {
    case 'sum':
      return `CASE WHEN ${total('count')} > 0 THEN ${total('sum')}::${type} END`
    case 'avg':
      return `${total('sum')}::DOUBLE / nullif(${total('count')}, 0)`
    default:
      return `${kindsOf(measure).map(total).join()}::BIGINT`
  }
}

export function byRow(relation: string, alias: string): Join {
  return { join: 'LEFT JOIN', relation, alias, on: [`${alias}.__row = spine.__row`] }
}
