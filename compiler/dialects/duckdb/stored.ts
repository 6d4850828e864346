/** Statements at one instant, `$as_of`: the stored row of every key, or of the keys that are asked for. */
import { describeView } from '../../catalog/describe.ts'
import type { Measure, Output, ViewPlan } from '../../plan/view-plan.ts'
import { comment, groupOf, latestName, selected, separated } from '../select.ts'
import { aggregateSql, expression, operand } from './functions.ts'
import { ratio } from './point-in-time.ts'
import { render } from './render.ts'
import { changedStep } from './steps/changed.ts'
import { latestAtStep } from './steps/latest.ts'
import { strictly } from './steps/spine.ts'
import { onKeys, type Scope, type Step, scopeOf } from './steps/step.ts'
import { orEmpty } from './steps/values.ts'
import { identifier, interval, typeName } from './types.ts'

export function materialize(plan: ViewPlan): string {
  return stored(plan, 'all')
}

export function materializeChanged(plan: ViewPlan): string {
  return stored(plan, 'changed')
}

export function lookup(plan: ViewPlan): string {
  return stored(plan, 'asked')
}

const rows = {
  all: 'rows:  every key that has a visible row at $as_of, with its values before ttl and defaults',
  changed:
    'rows:  every key whose row at $as_of can differ from its row at $since, with its values before ttl and defaults',
}

/** For all keys, for those that can have changed, or for those that are asked for. */
function stored(plan: ViewPlan, which: 'all' | 'changed' | 'asked'): string {
  const { view } = plan
  const ofKeys = which === 'asked'
  const changed = scopeOf(plan).name('changed')
  const limits = { all: null, changed, asked: 'keys' }[which]
  const scope = scopeOf(plan)
  const instant = strictly(view.boundary, '$as_of::TIMESTAMP')
  const visible = scope.name('visible')
  const summary = scope.name('summary')
  const timestamps = [scope.eventTimestamp, ...(scope.createdTimestamp === null ? [] : [scope.createdTimestamp])]
  const latest = plan.latest.map(group => {
    const joinAlias = identifier(latestName(group, plan.latest))
    return { ...latestAtStep(plan, group, scope, visible), joinAlias, on: onKeys(scope, joinAlias, 'summary') }
  })
  const keyTypes = view.joinKeys.map(key => `${identifier(key.name)} ${typeName(key.type)}`).join(', ')
  return render('statement.sql', {
    kind: 'view',
    name: view.name,
    provenance: view.provenance,
    notes: [
      `value: ${describeView(view)}`,
      which === 'asked'
        ? `keys:  __row BIGINT, ${keyTypes}; what each has at $as_of, before ttl and defaults`
        : rows[which],
    ],
    result: 'stored_result.sql',
    steps: separated([
      ...(which === 'changed' ? [changedStep(plan, scope)] : []),
      {
        template: 'visible.sql',
        relation: visible,
        comment: 'The rows that can be seen at the instant.',
        source: scope.source,
        limits,
        keysJoin: limits === null ? [] : scope.keys.map(key => `${limits}.${key.name} = ${key.column}`),
        filters: [
          ...scope.keys.map(key => `${key.column} IS NOT NULL`),
          ...timestamps.map(time => `${time} <= ${instant}`),
        ],
      } as Step,
      {
        template: 'summary.sql',
        relation: summary,
        ...scope,
        visible,
        knownAt: scope.createdTimestamp ?? scope.eventTimestamp,
        measures: plan.measures.map(measure => ({
          selected: selected(measureAt(measure, scope, instant), identifier(measure.name)),
        })),
      } as Step,
      ...latest,
    ]),
    ofKeys,
    base: ofKeys ? 'keys' : 'summary',
    summary,
    keys: scope.keys,
    keysToSummary: onKeys(scope, 'summary', 'keys'),
    latest,
    fields: [
      ...plan.latest.map(group => ({
        comment: [`Event timestamp of the row behind ${group.values.map(({ name }) => name).join(', ')}.`],
        selected: `${identifier(latestName(group, plan.latest))}.${identifier(group.eventTimestamp)}`,
      })),
      ...plan.outputs.map((output, index) => ({
        comment: comment(plan, index),
        selected: selected(fieldExpression(plan, output, ofKeys), identifier(output.name)),
      })),
    ],
  })
}

/** One aggregate over the visible rows of a key. */
function measureAt(
  { aggregate: { aggregate, value, where, over }, type }: Measure,
  scope: Scope,
  instant: string,
): string {
  const filters = [
    ...(over === null ? [] : [`${scope.eventTimestamp} > ${instant} - ${interval(over)}`]),
    ...(where === null ? [] : [operand(where)]),
  ]
  const filter = filters.length === 0 ? '' : ` FILTER (WHERE ${filters.join(' AND ')})`
  const argument = value === null ? '*' : expression(value, 'event.')
  const sql = aggregateSql[aggregate].call(argument, filter, value?.type.type)
  return aggregate === 'sum' && type.type !== 'float64' ? `(${sql})::${typeName(type)}` : sql
}

function fieldExpression(plan: ViewPlan, output: Output, ofKeys: boolean): string {
  const summary = (measure: Measure) => {
    const sql = `summary.${identifier(measure.name)}`
    // A key that is asked for may have no visible row; one that is listed has.
    return ofKeys ? orEmpty(measure, sql) : sql
  }
  switch (output.kind) {
    case 'latest': {
      return `${identifier(latestName(groupOf(plan, output), plan.latest))}.${identifier(output.value)}`
    }
    case 'measure':
      return summary(output.measure)
    case 'ratio':
      return ratio(summary(output.numerator), summary(output.denominator))
    default:
      return output satisfies never
  }
}
