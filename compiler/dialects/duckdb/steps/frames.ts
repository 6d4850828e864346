/**
 * Measures that no difference of totals gives (min, deviations, distinct counts, floats): events and spine rows on one
 * line of time, with a window frame that is exactly as long as the window. Spine rows carry no value, so none counts.
 */
import { formatDuration } from '../../../catalog/format-duration.ts'
import type { Measure } from '../../../plan/view-plan.ts'
import { aggregateSql } from '../functions.ts'
import { identifier, interval } from '../types.ts'
import { type Join, type Scope, type Step, selected } from './step.ts'
import { byRow, type MeasureValue } from './totals.ts'
import { valuesOf } from './values.ts'

export function framesSteps(
  measures: readonly Measure[],
  scope: Scope,
): { steps: Step[]; join: Join; value: MeasureValue } {
  const { values, find } = valuesOf(measures)
  const overs = [...new Set(measures.map(({ aggregate }) => aggregate.over))].sort(
    (a, b) => (a ?? Infinity) - (b ?? Infinity),
  )
  const frameName = (over: number | null) => identifier(over === null ? 'so_far' : `last_${formatDuration(over)}`)
  const relation = scope.name('frames')
  const model = {
    ...scope,
    spine: scope.name('spine'),
    timeline: scope.name('timeline'),
    values: values.map(value => ({ ...value, selected: selected(value.expression, value.name) })),
    frames: overs.map(over => ({
      name: frameName(over),
      bounds:
        over === null
          ? 'RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW'
          : `RANGE BETWEEN ${interval(over)} - INTERVAL 1 MICROSECOND PRECEDING AND CURRENT ROW`,
    })),
    measures: measures.map(measure => ({
      selected: selected(
        aggregateSql[measure.aggregate.aggregate].call(
          find(measure).name,
          ` OVER ${frameName(measure.aggregate.over)}`,
          measure.aggregate.value?.type.type === 'float64',
        ),
        identifier(measure.name),
      ),
    })),
  }
  return {
    steps: [
      { ...model, template: 'timeline.sql', relation: model.timeline } as Step,
      { ...model, template: 'frames.sql', relation } as Step,
    ],
    join: byRow(relation, 'frames'),
    value: measure => `frames.${identifier(measure.name)}`,
  }
}
