/** Statements that read `spine`: a view's features as of each of its rows, and the spine with the features of some views. */
import type { Source } from '../../catalog/catalog.ts'
import { describeView } from '../../catalog/describe.ts'
import type { Measure, Output, ViewPlan } from '../../plan/view-plan.ts'
import { comment, groupOf, instantComment, selected } from '../select.ts'
import { kindsOf } from '../totals.ts'
import { byBytes } from './functions.ts'
import { setting, strictly, tick } from './instants.ts'
import { latestLateral, windowsLateral } from './laterals.ts'
import { render } from './render.ts'
import { groupAlias, scopeOf } from './scope.ts'
import { totalsSteps } from './totals.ts'
import { spineColumns } from './training.ts'
import { identifier, interval, literal, text } from './types.ts'

/** The features of one view, a row for each row of `spine`. */
export function pointInTime(plan: ViewPlan, alias?: string): string {
  const { view } = plan
  const scope = scopeOf(plan)
  const at = { base: 'spine', asOf: 'spine.__as_of' }
  const oldest = view.ttl === null ? null : `spine.event_timestamp - ${interval(view.ttl)}`
  const added = plan.measures.filter(measure => isDifference(measure, plan.source))
  const read = plan.measures.filter(measure => !added.includes(measure))
  const laterals = [
    ...plan.latest.map(group => {
      // A first row hides later ones even when it is too old itself.
      const filters = oldest === null || group.pick === 'first' ? [] : [`${scope.eventTimestamp} >= ${oldest}`]
      return latestLateral(plan, group, scope, { ...at, filters })
    }),
    ...(read.length === 0 ? [] : [windowsLateral(read, scope, at)]),
  ]
  const keys = view.joinKeys.map(({ name, type }) => byBytes(identifier(name), type))
  const totals = added.length === 0 ? null : totalsSteps(added, scope, keys)
  const whole = totals !== null && laterals.length === 0
  const base = { relation: totals === null ? scope.name('spine') : totals.stretches, alias: 'spine' }
  const joined = totals === null ? [] : [{ relation: totals.totals, alias: 'totals' }]
  const relationOf = (measure: Measure) => (added.includes(measure) ? 'totals' : 'windows')
  return render('point_in_time.sql', {
    kind: 'view',
    name: alias === undefined ? view.name : `${view.name} as ${alias}`,
    provenance: view.provenance,
    notes: [`spine: ${spineColumns(view.joinKeys)}`, `value: ${describeView(view)}`],
    ...instants(plan),
    relation: scope.name('spine'),
    keys: scope.keys,
    totals,
    features: plan.outputs.map((output, index) => ({
      comment: comment(plan, index),
      selected: selected(featureExpression(plan, output, oldest, relationOf), identifier(output.name)),
    })),
    // Totals have every row of the spine.
    from: whole ? joined[0] : base,
    joins: whole ? [] : joined,
    laterals,
  })
}

/** Whether a measure is a difference of running totals: a count or an exact sum of rows that are known when they happen. */
function isDifference(measure: Measure, { createdTimestamp }: Source): boolean {
  return createdTimestamp === null && kindsOf(measure).length > 0
}

/** The instant that each spine row is looked at. */
export function instants({ view }: ViewPlan) {
  const exact = strictly(view.boundary, 'event_timestamp')
  if (!view.materialize || !view.ticks)
    return { instantComment: ['Each spine row is looked at as of its own instant.'], served: null, exact }
  return {
    instantComment: instantComment(view.ticks.refresh),
    recorded: `(SELECT ${setting('recorded')})`,
    // Null where none was completed by then: nothing is visible.
    tickRecorded: strictly(view.boundary, 'served.tick'),
    view: text(view.name),
    asServed: `(SELECT ${setting('as_served')})`,
    served: strictly(view.boundary, tick(view.ticks)),
    exact,
  }
}

/** How each feature is computed offline, in words. */
export function explain(plan: ViewPlan): ReadonlyMap<string, string> {
  const form = (measure: Measure) =>
    isDifference(measure, plan.source) ? 'difference of running totals' : 'index scan of the longest window'
  const words = (output: Output): string => {
    switch (output.kind) {
      case 'latest':
        return 'index lookup'
      case 'measure':
        return form(output.measure)
      case 'ratio':
        return [...new Set([form(output.numerator), form(output.denominator)])].join(', ')
      default:
        return output satisfies never
    }
  }
  return new Map(plan.outputs.map(output => [output.name, words(output)]))
}

function featureExpression(
  plan: ViewPlan,
  output: Output,
  oldest: string | null,
  relationOf: (measure: Measure) => string,
): string {
  const withDefault = (sql: string) =>
    output.default === null ? sql : `coalesce(${sql}, ${literal(output.default, output.type)})`
  switch (output.kind) {
    case 'latest': {
      const group = groupOf(plan, output)
      const alias = groupAlias(plan, group)
      const value = `${alias}.${identifier(output.value)}`
      if (oldest === null || group.pick === 'last') return withDefault(value)
      return withDefault(`CASE WHEN ${alias}.${identifier(group.eventTimestamp)} >= ${oldest} THEN ${value} END`)
    }
    case 'measure':
    case 'ratio':
      return withDefault(measured(output, relationOf))
    default:
      return output satisfies never
  }
}

/** The value of a measure or ratio, from the view's subquery over its windows. */
export function windowValue(output: Exclude<Output, { kind: 'latest' }>): string {
  return measured(output, () => 'windows')
}

function measured(output: Exclude<Output, { kind: 'latest' }>, relationOf: (measure: Measure) => string): string {
  const value = (measure: Measure) => `${relationOf(measure)}.${identifier(measure.name)}`
  if (output.kind === 'measure') return value(output.measure)
  return ratio(value(output.numerator), value(output.denominator))
}

export function ratio(numerator: string, denominator: string): string {
  return `${numerator}::DOUBLE PRECISION / nullif(${denominator}::DOUBLE PRECISION, 0)`
}
