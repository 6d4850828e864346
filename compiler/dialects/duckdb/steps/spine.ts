/** The instant each spine row is looked at, `as_of`. */
import type { ViewPlan } from '../../../plan/view-plan.ts'
import { instantComment } from '../../select.ts'
import { interval, text } from '../types.ts'
import type { Scope, Step } from './step.ts'

export function spineStep({ view }: ViewPlan, scope: Scope): Step {
  const exact = strictly(view.boundary, 'event_timestamp')
  const step = {
    template: 'spine.sql',
    relation: scope.name('spine'),
    keyNames: scope.keys.map(key => key.name),
    comment: ['Each spine row is looked at as of its own instant.'],
    exact,
    tick: null,
  }
  if (!view.materialize || !view.ticks) return step
  const { refresh, offset, delay } = view.ticks
  const instant = delay === 0 ? 'event_timestamp' : `event_timestamp - ${interval(delay)}`
  const origin = offset === 0 ? "TIMESTAMP '1970-01-01'" : `TIMESTAMP '1970-01-01' + ${interval(offset)}`
  const tick = strictly(view.boundary, `time_bucket(${interval(refresh)}, ${instant}, ${origin})`)
  return {
    ...step,
    comment: instantComment(refresh),
    tick,
    // Null where none was completed by then: nothing is visible.
    recorded: strictly(view.boundary, 'served.tick'),
    view: text(view.name),
  } as Step
}

/** With `boundary: 'before'` only earlier rows count: to the microsecond, those up to one microsecond before. */
export function strictly(boundary: 'at' | 'before', instant: string): string {
  return boundary === 'at' ? instant : `${instant} - INTERVAL 1 MICROSECOND`
}
