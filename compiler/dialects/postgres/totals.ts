/**
 * Counts and exact sums as differences of running totals, for each row of the spine at the instants where its windows end
 * and begin. Events and those instants stand in one line of time, so one sort and one pass serve all windows, however
 * many rows they hold.
 *
 * The spine's rows of one key whose windows meet ask about one stretch of time together. So only events of some window
 * are read, each once: never more than a subquery for each row would read, be the spine small or the table large.
 */
import { createHash } from 'node:crypto'
import { formatDuration } from '../../catalog/format-duration.ts'
import type { Measure } from '../../plan/view-plan.ts'
import { selected } from '../select.ts'
import { kindsOf, type Total, totalsOf, windowsOf } from '../totals.ts'
import { condition, expression } from './functions.ts'
import { longestWindow, ofKeys, type Scope } from './scope.ts'
import { identifier, interval, typeName } from './types.ts'

/** `keys` are the names of the join keys, as they are ordered by. */
export function totalsSteps(measures: readonly Measure[], scope: Scope, keys: readonly string[]) {
  const { totals, find } = totalsOf(measures, { identifier: name => identifier(fitting(name)), expression, condition })
  const lengths = windowsOf(measures).filter(over => over !== null)
  const longest = longestWindow(measures)
  // Edge 0 is the instant itself, the others are the starts of windows.
  const at = (total: Total, edge: number) => `max(${total.name}) FILTER (WHERE __edge = ${edge})`
  const during = (measure: Measure) => (kind: Total['kind']) => {
    const { over } = measure.aggregate
    const total = find(measure, kind)
    return over === null ? at(total, 0) : `${at(total, 0)} - ${at(total, 1 + lengths.indexOf(over))}`
  }
  // Values that are added up are also counted, in the same column.
  const values = new Map(
    measures
      .filter(measure => kindsOf(measure).includes('sum'))
      .map(measure => [find(measure, 'count'), find(measure, 'sum')]),
  )
  const counted = (total: Total) => values.get(total) ?? total
  return {
    stretches: scope.name('stretches'),
    asked: scope.name('asked'),
    timeline: scope.name('timeline'),
    running: scope.name('running'),
    totals: scope.name('totals'),
    spine: scope.name('spine'),
    source: scope.source,
    keyNames: scope.keys.map(({ name }) => name),
    order: [...keys, '__as_of'].join(', '),
    partition: keys.join(', '),
    // Rows without an instant, where no tick had been completed, stand last, and by themselves.
    starts: longest === null ? 'IS NULL OR __as_of IS NULL' : `< __as_of - ${interval(longest)} IS NOT FALSE`,
    after: longest === null ? null : `min(__as_of) - ${interval(longest)}`,
    on: [
      ...ofKeys(scope, 'asked'),
      ...(longest === null ? [] : [`${scope.eventTimestamp} > asked.__after`]),
      `${scope.eventTimestamp} <= asked.__until`,
    ],
    moment: `${scope.eventTimestamp}::TIMESTAMP`,
    terms: totals.filter(total => counted(total) === total).map(({ term, name }) => selected(term, name)),
    edges: [0, ...lengths].map((length, edge) => ({ edge, back: interval(length) })),
    edgesComment: ['0: the instant', ...lengths.map((over, index) => `${index + 1}: ${formatDuration(over)} before`)],
    sums: totals.map(total => {
      const call =
        total.kind === 'sum'
          ? `coalesce(sum(${total.name}) OVER so_far, 0)`
          : `count(${counted(total).name}) OVER so_far`
      return `${call} AS ${total.name}`
    }),
    measures: measures.map(measure => `${fromTotals(measure, during(measure))} AS ${identifier(measure.name)}`),
  }
}

/** The measure, given the SQL of each of its totals over its window. */
function fromTotals(measure: Measure, during: (kind: Total['kind']) => string): string {
  switch (measure.aggregate.aggregate) {
    case 'sum':
      // The cast outside: a CASE without ELSE has a type without precision and scale.
      return `(CASE WHEN ${during('count')} > 0 THEN ${during('sum')} END)::${typeName(measure.type)}`
    case 'avg':
      // As Postgres' own: one division of the exact sum.
      return `((${during('sum')})::NUMERIC / nullif(${during('count')}, 0))::DOUBLE PRECISION`
    default:
      return kindsOf(measure).map(during).join()
  }
}

/** Postgres cuts names at 63 bytes, and might make one of two. */
function fitting(name: string): string {
  if (Buffer.byteLength(name) <= 63) return name
  return `${name.slice(0, 50)}__${createHash('sha256').update(name).digest('hex').slice(0, 8)}`
}
