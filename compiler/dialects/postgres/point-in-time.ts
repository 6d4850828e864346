/** Statements that read `spine`: a view's features as of each of its rows, and the spine with the features of some views. */
import type { Column } from '../../catalog/catalog.ts'
import { describeView } from '../../catalog/describe.ts'
import type { TrainingPlan } from '../../plan/service-plan.ts'
import type { Output, ViewPlan } from '../../plan/view-plan.ts'
import { comment, groupOf, instantComment, selected } from '../select.ts'
import { setting, strictly, tick } from './instants.ts'
import { latestLateral, windowsLateral } from './laterals.ts'
import { render } from './render.ts'
import { groupAlias, scopeOf } from './scope.ts'
import { identifier, interval, literal, text, typeName } from './types.ts'

/** The features of one view, a row for each row of `spine`. */
export function pointInTime(plan: ViewPlan): string {
  const { view } = plan
  const scope = scopeOf(plan)
  const at = { base: 'spine', asOf: 'spine.__as_of' }
  const oldest = view.ttl === null ? null : `spine.event_timestamp - ${interval(view.ttl)}`
  return render('point_in_time.sql', {
    kind: 'view',
    name: view.name,
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

/** The spine's rows, in their order and with their number, with the features of some views, each of which is a table by then. */
export function training({ kind, name, provenance, keys, views }: TrainingPlan): string {
  const alias = (plan: ViewPlan) => identifier(plan.view.name)
  return render('training.sql', {
    kind,
    name,
    provenance,
    notes: [
      `spine: ${spineColumns(keys)}, and any other columns`,
      ...views.map(({ view }) => `${view.name}: the rows of ${view.name}/point_in_time.sql`),
    ],
    columns: views.flatMap(plan => plan.outputs.map(output => `${alias(plan)}.${identifier(output.name)}`)),
    views: views.map(plan => ({ table: featuresTable(plan), alias: alias(plan) })),
  })
}

/** The table that holds the rows of a view's point-in-time statement. */
export function featuresTable({ view }: ViewPlan): string {
  return identifier(`${view.name}__features`)
}

function spineColumns(keys: readonly Column[]): string {
  const columns = keys.map(key => `${identifier(key.name)} ${typeName(key.type)}`)
  return ['__row BIGINT', ...columns, 'event_timestamp TIMESTAMP (UTC)'].join(', ')
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
