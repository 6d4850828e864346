/** Statements that read `spine`: a view's features as of each of its rows, and the spine with the features of some views. */
import { describeView } from '../../catalog/describe.ts'
import { formatDuration } from '../../catalog/format-duration.ts'
import type { Output, ViewPlan } from '../../plan/view-plan.ts'
import { comment, groupOf, selected } from '../select.ts'
import { setting, strictly, tick } from './instants.ts'
import { latestLateral, windowsLateral } from './laterals.ts'
import { render } from './render.ts'
import { groupAlias, scopeOf } from './scope.ts'
import { spineColumns } from './training.ts'
import { identifier, interval, literal } from './types.ts'

/** The features of one view, a row for each row of `spine`. */
export function pointInTime(plan: ViewPlan, alias?: string): string {
  const { view } = plan
  const scope = scopeOf(plan)
  const at = { base: 'spine', asOf: 'spine.__as_of' }
  const oldest = view.ttl === null ? null : `spine.event_timestamp - ${interval(view.ttl)}`
  return render('point_in_time.sql', {
    kind: 'view',
    name: alias === undefined ? view.name : `${view.name} as ${alias}`,
    provenance: view.provenance,
    notes: [`spine: ${spineColumns(view.joinKeys)}`, `value: ${describeView(view)}`],
    ...instants(plan),
    relation: scope.name('spine'),
    keys: scope.keys,
    features: plan.outputs.map((output, index) => ({
      comment: comment(plan, index),
      selected: selected(featureExpression(plan, output, oldest), identifier(output.name)),
    })),
    laterals: [
      ...plan.latest.map(group => {
        // A first row hides later ones even when it is too old itself.
        const filters = oldest === null || group.pick === 'first' ? [] : [`${scope.eventTimestamp} >= ${oldest}`]
        return latestLateral(plan, group, scope, { ...at, filters })
      }),
      ...(plan.measures.length === 0 ? [] : [windowsLateral(plan.measures, scope, at)]),
    ],
  })
}

/** The instant that each spine row is looked at. */
function instants({ view }: ViewPlan) {
  const exact = strictly(view.boundary, 'event_timestamp')
  if (!view.materialize || !view.ticks)
    return { instantComment: 'Each spine row is looked at as of its own instant.', served: null, exact }
  const every = formatDuration(view.ticks.refresh)
  return {
    instantComment: `As of its own instant, or as served: as of the last tick, every ${every}, that was online by then.`,
    asServed: `(SELECT ${setting('as_served')})`,
    served: strictly(view.boundary, tick(view.ticks)),
    exact,
  }
}

/** How each feature is computed offline, in words. */
export function explain(plan: ViewPlan): ReadonlyMap<string, string> {
  return new Map(
    plan.outputs.map(output => [
      output.name,
      output.kind === 'latest' ? 'index lookup' : 'index scan of the longest window',
    ]),
  )
}

function featureExpression(plan: ViewPlan, output: Output, oldest: string | null): string {
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
      return withDefault(windowValue(output))
    default:
      return output satisfies never
  }
}

/** The value of a measure or ratio, from the view's subquery over its windows. */
export function windowValue(output: Exclude<Output, { kind: 'latest' }>): string {
  if (output.kind === 'measure') return `windows.${identifier(output.measure.name)}`
  return ratio(`windows.${identifier(output.numerator.name)}`, `windows.${identifier(output.denominator.name)}`)
}

export function ratio(numerator: string, denominator: string): string {
  return `${numerator}::DOUBLE PRECISION / nullif(${denominator}::DOUBLE PRECISION, 0)`
}
