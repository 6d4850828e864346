/**
 * The same measures over a window where rows become known after they happened, which no window frame can say: spine
 * rows meet the events of their key in the two stretches of time, each as long as the longest window, that the window
 * can touch. So the pairs grow with the rows in a window, not with the history of the key.
 */
import type { Measure } from '../../../plan/view-plan.ts'
import { aggregateSql } from '../functions.ts'
import { identifier, interval } from '../types.ts'
import { type Join, onKeys, type Scope, type Step, selected } from './step.ts'
import { byRow, type MeasureValue } from './totals.ts'
import { orEmpty, valuesOf } from './values.ts'

export function bandSteps(
  measures: readonly Measure[],
  scope: Scope,
): { steps: Step[]; join: Join; value: MeasureValue } {
  const { values, find } = valuesOf(measures)
  const longest = Math.max(...measures.map(({ aggregate }) => aggregate.over ?? 0))
  const stretch = (instant: string) => `floor(epoch_us(${instant}) / ${longest})::BIGINT`
  const relation = scope.name('band')
  const model = {
    ...scope,
    spine: scope.name('spine'),
    events: scope.name('events'),
    values: values.map(value => ({ ...value, selected: selected(value.expression, value.name) })),
    eventStretch: stretch(scope.eventTimestamp),
    eventTimestampSelected: `${scope.eventTimestamp} AS __event_timestamp`,
    spineStretch: stretch('spine.as_of'),
    on: [
      ...onKeys(scope, 'event', 'spine'),
      'event.__stretch = spine.__stretch',
      `event.__event_timestamp > spine.as_of - ${interval(longest)}`,
      'event.__visible_from <= spine.as_of',
    ],
    measures: measures.map(measure => {
      const { over } = measure.aggregate
      const filter =
        over === longest ? '' : ` FILTER (WHERE event.__event_timestamp > spine.as_of - ${interval(over ?? longest)})`
      return {
        selected: selected(
          aggregateSql[measure.aggregate.aggregate].call(
            `event.${find(measure).name}`,
            filter,
            measure.aggregate.value?.type.type === 'float64',
          ),
          identifier(measure.name),
        ),
      }
    }),
  }
  return {
    steps: [
      { ...model, template: 'band_events.sql', relation: model.events } as Step,
      { ...model, template: 'band.sql', relation } as Step,
    ],
    join: byRow(relation, 'band'),
    value: measure => orEmpty(measure, `band.${identifier(measure.name)}`),
  }
}
