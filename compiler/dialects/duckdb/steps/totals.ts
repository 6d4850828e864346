/**
 * Measures that are the exact difference of two running totals: counts, and sums over integers and decimals.
 *
 * The totals run over all keys in one order, which DuckDB computes several times faster than one order a key. So that
 * each key starts from zero, each ends with a row in the infinite future that takes its totals away again.
 */
import { aggregates } from '../../../../dsl/index.ts'
import { canonicalJson } from '../../../catalog/fingerprint.ts'
import { formatDuration } from '../../../catalog/format-duration.ts'
import type { Measure } from '../../../plan/view-plan.ts'
import { condition, expression } from '../functions.ts'
import { identifier, interval } from '../types.ts'
import { type Join, onKeys, type Part, type Scope, type Step } from './step.ts'

/** What is added up: rows, values that are not null, or values; of the rows that pass `where`. */
export interface Total {
  readonly kind: 'rows' | 'count' | 'sum'
  readonly name: string
  /** What one row adds; null where it adds nothing. */
  readonly term: string
  /** The aggregate over the rows of one instant. */
  readonly aggregate: string
}

export function totalsOf(measures: readonly Measure[]): {
  totals: Total[]
  find: (measure: Measure, kind: Total['kind']) => Total
} {
  const totals = new Map<string, Total>()
  const identity = ({ aggregate: { value, where } }: Measure, kind: Total['kind']) =>
    canonicalJson([kind, kind === 'rows' ? null : value, where])
  for (const measure of measures) {
    const { value, where } = measure.aggregate
    for (const kind of kindsOf(measure)) {
      const key = identity(measure, kind)
      if (totals.has(key)) continue
      const filter = where === null ? '' : ` FILTER (WHERE ${condition(where, 'event.')})`
      const argument = value === null || kind === 'rows' ? '' : expression(value, 'event.')
      const wanted = where === null ? '' : condition(where, 'event.')
      const plain = kind === 'sum' ? argument : kind === 'rows' ? '1' : `CASE WHEN ${argument} IS NOT NULL THEN 1 END`
      totals.set(key, {
        kind,
        name: identifier(totalName(measure, kind)),
        term: wanted === '' ? plain : `CASE WHEN ${wanted} THEN ${plain} END`,
        aggregate:
          kind === 'rows'
            ? `count(*)${filter}`
            : kind === 'count'
              ? `count(${argument})${filter}`
              : `coalesce(sum(${argument})${filter}, 0)`,
      })
    }
  }
  const find = (measure: Measure, kind: Total['kind']) => {
    const total = totals.get(identity(measure, kind))
    if (!total) throw new Error(`no total ${kind} for ${measure.name}`)
    return total
  }
  return { totals: [...totals.values()], find }
}

export function kindsOf({ aggregate: { aggregate, value } }: Measure): readonly Total['kind'][] {
  return aggregates[aggregate].totals(value?.type ?? null) ?? []
}

function totalName({ name, aggregate: { value, where } }: Measure, kind: Total['kind']): string {
  const suffix = where === null ? '' : `__where_${name}`
  // No column's total can have the name of the rows' own.
  if (value === null || kind === 'rows') return `__row_count${suffix}`
  // A feature may have the name of a column, and is then not its total.
  const what = kind === 'sum' ? 'sum' : 'count'
  return value.kind === 'column' ? `${value.name}__${what}${suffix}` : `${name}__total_${what}${suffix}`
}

/** The running totals and, for each spine row, their differences over each window. */
export function totalsPart(measures: readonly Measure[], scope: Scope): Part {
  const { totals, find } = totalsOf(measures)
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

/** Each window once, from the shortest to all history. */
export function windowsOf(measures: readonly Measure[]): (number | null)[] {
  const lengths = new Set(measures.map(({ aggregate: { over } }) => over))
  return [...lengths].sort((a, b) => (a ?? Number.POSITIVE_INFINITY) - (b ?? Number.POSITIVE_INFINITY))
}

/** What each measure needs of each of its totals over its window, each once. */
export function differencesOf(
  measures: readonly Measure[],
  find: (measure: Measure, kind: Total['kind']) => Total,
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
