/**
 * Measures that no difference of totals gives (min, deviations, distinct counts, floats): events and spine rows on one
 * line of time, with a window frame that is exactly as long as the window. Spine rows carry no value, so none counts.
 * Each window has its own line, since a short one needs only little of what a long one does.
 */
import { formatDuration } from '../../../catalog/format-duration.ts'
import type { Measure } from '../../../plan/view-plan.ts'
import { selected } from '../../select.ts'
import { windowsOf } from '../../totals.ts'
import { aggregateSql } from '../functions.ts'
import { identifier, interval } from '../types.ts'
import { inSpan, type Part, type Scope, type Step } from './step.ts'
import { byRow } from './totals.ts'
import { valuesOf } from './values.ts'

export function framesPart(measures: readonly Measure[], scope: Scope): Part {
  const windows = windowsOf(measures)
  return {
    steps: windows.flatMap(over => frameSteps(measuresOver(measures, over), over, scope)),
    joins: windows.map(over => byRow(scope.name(lineName(over)), identifier(lineName(over)))),
    value: measure => `${identifier(lineName(measure.aggregate.over))}.${identifier(measure.name)}`,
  }
}

export function measuresOver(measures: readonly Measure[], over: number | null): Measure[] {
  return measures.filter(({ aggregate }) => aggregate.over === over)
}

function lineName(over: number | null): string {
  return over === null ? 'so_far' : `last_${formatDuration(over)}`
}

function frameSteps(measures: readonly Measure[], over: number | null, scope: Scope): Step[] {
  const { values, find } = valuesOf(measures)
  const relation = scope.name(lineName(over))
  const start = over === null ? 'UNBOUNDED PRECEDING' : `${interval(over)} - INTERVAL 1 MICROSECOND PRECEDING`
  const model = {
    ...scope,
    filters: inSpan(scope, over),
    spine: scope.name('spine'),
    timeline: scope.name(`timeline_${lineName(over)}`),
    values: values.map(value => ({ ...value, selected: selected(value.expression, value.name) })),
    frame: `RANGE BETWEEN ${start} AND CURRENT ROW`,
    measures: measures.map(measure => ({
      selected: selected(
        aggregateSql[measure.aggregate.aggregate].call(
          find(measure).name,
          ' OVER recent',
          measure.aggregate.value?.type.type,
        ),
        identifier(measure.name),
      ),
    })),
  }
  return [
    { ...model, template: 'timeline.sql', relation: model.timeline } as Step,
    { ...model, template: 'frames.sql', relation } as Step,
  ]
}
