/**
 * The same measures where rows become known after they happened: a log of when each row enters a window (once it is
 * known) and leaves it (its event timestamp plus the window), with running totals. Whatever enters also leaves, at the
 * latest in the infinite future, so the totals of all keys run in one order and each key starts from zero.
 */
import type { Measure } from '../../../plan/view-plan.ts'
import { interval } from '../types.ts'
import { type Join, onKeys, type Scope, type Step } from './step.ts'
import { fromTotals, kindsOf, type MeasureValue, totalsOf, windowName } from './totals.ts'

export function logSteps(
  measures: readonly Measure[],
  scope: Scope,
): { steps: Step[]; join: Join; value: MeasureValue } {
  const { find } = totalsOf(measures)
  const columns = new Map<string, { name: string; term: string; over: number | null; wide: string }>()
  for (const measure of measures) {
    const { over } = measure.aggregate
    for (const kind of kindsOf(measure)) {
      const total = find(measure, kind)
      const name = windowName(total, over)
      columns.set(name, { name, term: total.term, over, wide: kind === 'sum' ? wideType(measure) : 'INTEGER' })
    }
  }
  const all = [...columns.values()]
  const windows = [...new Set(all.map(column => column.over))].sort((a, b) => (a ?? Infinity) - (b ?? Infinity))
  const leaves = (over: number | null) =>
    over === null ? "TIMESTAMP 'infinity'" : `${scope.eventTimestamp} + ${interval(over)}`
  const changes = [
    {
      moment: scope.visibleFrom,
      filters: scope.filters,
      terms: all.map(({ name, term, over }) => ({
        selected: `${over === null ? term : `CASE WHEN ${scope.visibleFrom} < ${leaves(over)} THEN ${term} END`} AS ${name}`,
      })),
    },
    ...windows.map(over => ({
      moment: leaves(over),
      filters: over === null ? scope.filters : [...scope.filters, `${scope.visibleFrom} < ${leaves(over)}`],
      terms: all.map(column => ({
        selected: `${column.over === over ? `-(${column.term})::${column.wide}` : 'NULL'} AS ${column.name}`,
      })),
    })),
  ]
  const model = { ...scope, log: scope.name('log'), changes, columns: all }
  const relation = scope.name('totals')
  return {
    steps: [
      { ...model, template: 'log.sql', relation: model.log } as Step,
      { ...model, template: 'log_totals.sql', relation } as Step,
    ],
    join: {
      join: 'ASOF LEFT JOIN',
      relation,
      alias: 'totals',
      on: [...onKeys(scope, 'totals', 'spine'), 'totals.__moment <= spine.as_of'],
    },
    value: measure =>
      fromTotals(measure, kind => `coalesce(totals.${windowName(find(measure, kind), measure.aggregate.over)}, 0)`),
  }
}

/** A type in which the argument can be negated: the least int64 has no positive. */
function wideType({ aggregate: { value } }: Measure): string {
  return value?.type.type === 'decimal' ? `DECIMAL(38,${value.type.scale})` : 'HUGEINT'
}
