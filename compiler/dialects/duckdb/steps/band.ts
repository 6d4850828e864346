/**
 * The same measures over a window where rows become known after they happened, which no window frame can say: spine
 * rows meet the events of their key in the two stretches of time, each as long as the window, that it can touch. So the
 * pairs grow with the rows in a window, not with the history of the key.
 */
import { formatDuration } from '../../../catalog/format-duration.ts'
import type { Measure } from '../../../plan/view-plan.ts'
import { selected } from '../../select.ts'
import { windowsOf } from '../../totals.ts'
import { aggregateSql } from '../functions.ts'
import { identifier, interval } from '../types.ts'
import { measuresOver } from './frames.ts'
import { inSpan, onKeys, type Part, type Scope, type Step } from './step.ts'
import { byRow } from './totals.ts'
import { orEmpty, valuesOf } from './values.ts'

export function bandPart(measures: readonly Measure[], scope: Scope): Part {
  const windows = windowsOf(measures).filter(over => over !== null)
  return {
    steps: windows.flatMap(over => bandSteps(measuresOver(measures, over), over, scope)),
    joins: windows.map(over => byRow(scope.name(bandName(over)), identifier(bandName(over)))),
    value: measure =>
      orEmpty(measure, `${identifier(bandName(measure.aggregate.over ?? 0))}.${identifier(measure.name)}`),
  }
}

function bandName(over: number): string {
  return `last_${formatDuration(over)}`
}

function bandSteps(measures: readonly Measure[], over: number, scope: Scope): Step[] {
  const { values, find } = valuesOf(measures)
  const stretch = (instant: string) => `floor(epoch_us(${instant}) / ${over})::BIGINT`
  const relation = scope.name(bandName(over))
  const model = {
    ...scope,
    filters: inSpan(scope, over),
    spine: scope.name('spine'),
    events: scope.name(`events_${bandName(over)}`),
    values: values.map(value => ({ ...value, selected: selected(value.expression, value.name) })),
    eventStretch: stretch(scope.eventTimestamp),
    spineStretch: stretch('spine.__as_of'),
    eventTimestampSelected: `${scope.eventTimestamp} AS __event_timestamp`,
    on: [
      ...onKeys(scope, 'event', 'spine'),
      'event.__stretch = spine.__stretch',
      `event.__event_timestamp > spine.__as_of - ${interval(over)}`,
      'event.__visible_from <= spine.__as_of',
    ],
    measures: measures.map(measure => ({
      selected: selected(
        aggregateSql[measure.aggregate.aggregate].call(
          `event.${find(measure).name}`,
          '',
          measure.aggregate.value?.type.type,
        ),
        identifier(measure.name),
      ),
    })),
  }
  return [
    { ...model, template: 'band_events.sql', relation: model.events } as Step,
    { ...model, template: 'band.sql', relation } as Step,
  ]
}
