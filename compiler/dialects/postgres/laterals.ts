/**
 * Subqueries that answer for one row of a base relation: the last or first row of its key, and the aggregates over its
 * windows, all in one pass over the longest.
 */
import type { LatestGroup, Measure, ViewPlan } from '../../plan/view-plan.ts'
import { selected } from '../select.ts'
import { operand } from './functions.ts'
import { groupAlias, groupColumns, longestWindow, measureSql, ofKeys, order, type Scope, visibleAt } from './scope.ts'
import { identifier, interval } from './types.ts'

export interface Lateral {
  readonly template: string
  readonly alias: string
}

/** `base` has the view's keys; `asOf` is the instant. `filters` narrow what may be chosen. */
export function latestLateral(
  plan: ViewPlan,
  group: LatestGroup,
  scope: Scope,
  { base, asOf, filters = [] }: { readonly base: string; readonly asOf: string; readonly filters?: readonly string[] },
): Lateral {
  return {
    template: 'latest.sql',
    alias: groupAlias(plan, group),
    source: scope.source,
    columns: groupColumns(group, scope),
    filters: [
      ...ofKeys(scope, base),
      ...visibleAt(scope, asOf),
      ...filters,
      ...(group.where === null ? [] : [operand(group.where)]),
    ],
    order: order(plan, group, scope),
  } as Lateral
}

export function windowsLateral(
  measures: readonly Measure[],
  scope: Scope,
  { base, asOf }: { readonly base: string; readonly asOf: string },
): Lateral {
  const longest = longestWindow(measures)
  return {
    template: 'windows.sql',
    alias: 'windows',
    source: scope.source,
    columns: measures.map(measure => selected(measureSql(measure, scope, asOf, longest), identifier(measure.name))),
    filters: [
      ...ofKeys(scope, base),
      ...(longest === null ? [] : [`${scope.eventTimestamp} > ${asOf} - ${interval(longest)}`]),
      ...visibleAt(scope, asOf),
    ],
  } as Lateral
}

/** When the newest visible row of the key happened, and when the last of them became known: what a write is compared by. */
export function headerLateral(scope: Scope, { base, asOf }: { readonly base: string; readonly asOf: string }): Lateral {
  const known = scope.createdTimestamp ?? scope.eventTimestamp
  return {
    template: 'windows.sql',
    alias: 'header',
    source: scope.source,
    columns: [
      `max(${scope.eventTimestamp})::TIMESTAMP AS __event_timestamp`,
      `max(${known})::TIMESTAMP AS __created_timestamp`,
    ],
    filters: [...ofKeys(scope, base), ...visibleAt(scope, asOf)],
  } as Lateral
}
