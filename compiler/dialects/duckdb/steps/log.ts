/**
 * The same measures where rows become known after they happened: for each window a log of when each row enters it (once
 * it is known) and leaves it (its event timestamp plus the window), with running totals. Whatever enters also leaves, at
 * the latest in the infinite future, so the totals of all windows and keys run in one order and each starts from zero.
 */
import { formatDuration } from '../../../catalog/format-duration.ts'
import type { Measure } from '../../../plan/view-plan.ts'
import { type FindTotal, kindsOf, type Total, totalsOf, windowsOf } from '../../totals.ts'
import { condition, expression } from '../functions.ts'
import { identifier, interval } from '../types.ts'
import { inSpan, onKeys, type Part, type Scope, type Step } from './step.ts'
import { byRow, differencesOf, fromTotals, windowName } from './totals.ts'

export function logPart(measures: readonly Measure[], scope: Scope): Part {
  const { totals, find } = totalsOf(measures, { identifier, expression, condition })
  const windows = windowsOf(measures)
  const relation = scope.name('windows')
  const model = {
    ...scope,
    spine: scope.name('spine'),
    changeLog: scope.name('log'),
    totals: scope.name('totals'),
    edges: scope.name('edges'),
    changes: windows.flatMap(over => changes(over, windows.indexOf(over), measures, totals, find, scope)),
    running: totals,
    comment: `Each spine row asks once about each window (${windows.map((over, index) => `${index}: ${label(over)}`).join(', ')}).`,
    labels: windows.map((_, index) => index),
    moments: windows.map(() => 'spine.__as_of'),
    difference: 'What is in each window at the instant.',
    differences: differencesOf(measures, find, (total, over) => ({
      now: `coalesce(max(${total.name}) FILTER (WHERE edges.__edge = ${windows.indexOf(over)}), 0)`,
      start: null,
    })),
    on: ['totals.__edge = edges.__edge', ...onKeys(scope, 'totals', 'edges')],
  }
  return {
    steps: [
      { ...model, template: 'log.sql', relation: model.changeLog } as Step,
      { ...model, template: 'log_totals.sql', relation: model.totals } as Step,
      { ...model, template: 'edges.sql', relation: model.edges } as Step,
      { ...model, template: 'windows.sql', relation } as Step,
    ],
    joins: [byRow(relation, 'windows')],
    value: measure => fromTotals(measure, kind => `windows.${windowName(find(measure, kind), measure.aggregate.over)}`),
  }
}

function label(over: number | null): string {
  return over === null ? 'all history' : formatDuration(over)
}

/** The entries and the exits of one window. A row that becomes known after it left never enters. */
function changes(
  over: number | null,
  number: number,
  measures: readonly Measure[],
  totals: readonly Total[],
  find: FindTotal,
  scope: Scope,
) {
  const wanted = new Map<Total, Measure>()
  for (const measure of measures)
    if (measure.aggregate.over === over) for (const kind of kindsOf(measure)) wanted.set(find(measure, kind), measure)
  const leaves = over === null ? "TIMESTAMP 'infinity'" : `${scope.eventTimestamp} + ${interval(over)}`
  const filters = [...inSpan(scope, over), ...(over === null ? [] : [`${scope.visibleFrom} < ${leaves}`])]
  const change = (moment: string, sign: (total: Total) => string) => ({
    edge: number,
    moment,
    filters,
    terms: totals.map(total => ({ selected: `${wanted.has(total) ? sign(total) : 'NULL'} AS ${total.name}` })),
  })
  return [
    change(scope.visibleFrom, total => total.term),
    change(leaves, total => `-(${total.term})::${wideType(total, wanted)}`),
  ]
}

/** A type in which the argument can be negated: the least integer has no positive of its own type. */
function wideType(total: Total, wanted: ReadonlyMap<Total, Measure>): string {
  if (total.kind !== 'sum') return 'INTEGER'
  const type = wanted.get(total)?.aggregate.value?.type
  return type?.type === 'decimal' ? `DECIMAL(38,${type.scale})` : 'HUGEINT'
}
