/**
 * Measures that are the exact difference of two running totals: counts, and sums over integers and decimals. Which totals
 * they need, free of any dialect's spelling.
 */
import { aggregates } from '../../dsl/index.ts'
import type { TypedExpression } from '../catalog/catalog.ts'
import { canonicalJson } from '../catalog/fingerprint.ts'
import type { Measure } from '../plan/view-plan.ts'

/** What is added up: rows, values that are not null, or values; of the rows that pass `where`. */
export interface Total {
  readonly kind: 'rows' | 'count' | 'sum'
  readonly name: string
  /** What one row adds; null where it adds nothing. */
  readonly term: string
  /** The aggregate over the rows of one instant. */
  readonly aggregate: string
}

export interface TotalsSpelling {
  readonly identifier: (name: string) => string
  readonly expression: (node: TypedExpression, qualifier: string) => string
  readonly condition: (node: TypedExpression, qualifier: string) => string
}

export type FindTotal = (measure: Measure, kind: Total['kind']) => Total

/** The totals that measures need, each once. */
export function totalsOf(
  measures: readonly Measure[],
  { identifier, expression, condition }: TotalsSpelling,
): { totals: Total[]; find: FindTotal } {
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
  const find: FindTotal = (measure, kind) => {
    const total = totals.get(identity(measure, kind))
    if (!total) throw new Error(`no total ${kind} for ${measure.name}`)
    return total
  }
  return { totals: [...totals.values()], find }
}

/** The kinds of total that a measure is made of; none where it is no difference of totals. */
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

/** Each window once, from the shortest to all history. */
export function windowsOf(measures: readonly Measure[]): (number | null)[] {
  const lengths = new Set(measures.map(({ aggregate: { over } }) => over))
  return [...lengths].sort((a, b) => (a ?? Number.POSITIVE_INFINITY) - (b ?? Number.POSITIVE_INFINITY))
}
