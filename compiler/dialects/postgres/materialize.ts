/** The stored row of every key at an instant, in few passes over the whole source. */
import { describeView } from '../../catalog/describe.ts'
import type { LatestGroup, Output, ViewPlan } from '../../plan/view-plan.ts'
import { comment, groupOf, selected, separated } from '../select.ts'
import { operand } from './functions.ts'
import { instantStep, strictly } from './instants.ts'
import { ratio } from './point-in-time.ts'
import { render } from './render.ts'
import { groupAlias, groupColumns, measureSql, order, type Scope, scopeOf, visibleAt } from './scope.ts'
import { identifier } from './types.ts'

export function materialize(plan: ViewPlan): string {
  const { view } = plan
  const scope = scopeOf(plan)
  const { step: instant, value } = instantStep(scope, ['as_of'])
  const asOf = strictly(view.boundary, value('as_of'))
  const visible = {
    source: scope.source,
    filters: [...scope.keys.map(key => `${key.column} IS NOT NULL`), ...visibleAt(scope, asOf)],
  }
  const summary = {
    ...visible,
    template: 'summary.sql',
    relation: scope.name('summary'),
    keys: scope.keys,
    columns: [
      `max(${scope.eventTimestamp})::TIMESTAMP AS __event_timestamp`,
      `max(${scope.createdTimestamp ?? scope.eventTimestamp})::TIMESTAMP AS __created_timestamp`,
      ...plan.measures.map(measure => selected(measureSql(measure, scope, asOf, null), identifier(measure.name))),
    ],
  }
  return render('materialize.sql', {
    kind: 'view',
    name: view.name,
    provenance: view.provenance,
    notes: [
      `value: ${describeView(view)}`,
      'rows:  every key that has a visible row at meridian.as_of, with its values before ttl and defaults',
    ],
    ...instant,
    steps: separated([summary, ...plan.latest.map(group => latestStep(plan, group, scope, visible))]),
    keys: scope.keys,
    summary: summary.relation,
    fields: storedFields(plan, summaryValue),
    joins: plan.latest.map(group => ({
      relation: scope.name(groupName(plan, group)),
      alias: groupAlias(plan, group),
      on: scope.keys.map(key => `${groupAlias(plan, group)}.${key.name} = summary.${key.name}`),
    })),
  })
}

function groupName(plan: ViewPlan, group: LatestGroup): string {
  return groupAlias(plan, group).replaceAll('"', '')
}

function latestStep(
  plan: ViewPlan,
  group: LatestGroup,
  scope: Scope,
  visible: { readonly source: string; readonly filters: readonly string[] },
) {
  return {
    template: 'latest_of_all.sql',
    relation: scope.name(groupName(plan, group)),
    source: visible.source,
    keys: scope.keys,
    columns: groupColumns(group, scope),
    filters: [...visible.filters, ...(group.where === null ? [] : [operand(group.where)])],
    order: order(plan, group, scope),
  }
}

/** What a stored row holds: event timestamps of the groups, then the features. */
export function storedFields(plan: ViewPlan, computed: (output: Exclude<Output, { kind: 'latest' }>) => string) {
  return [
    ...plan.latest.map(group => ({
      comment: [`Event timestamp of the row behind ${group.values.map(({ name }) => name).join(', ')}.`],
      selected: `${groupAlias(plan, group)}.${identifier(group.eventTimestamp)}`,
    })),
    ...plan.outputs.map((output, index) => ({
      comment: comment(plan, index),
      selected: selected(
        output.kind === 'latest'
          ? `${groupAlias(plan, groupOf(plan, output))}.${identifier(output.value)}`
          : computed(output),
        identifier(output.name),
      ),
    })),
  ]
}

function summaryValue(output: Exclude<Output, { kind: 'latest' }>): string {
  if (output.kind === 'measure') return `summary.${identifier(output.measure.name)}`
  return ratio(`summary.${identifier(output.numerator.name)}`, `summary.${identifier(output.denominator.name)}`)
}
