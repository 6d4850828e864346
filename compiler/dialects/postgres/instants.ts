/** The instants that statements look from. */
import type { ViewPlan } from '../../plan/view-plan.ts'
import type { Scope } from './scope.ts'
import { interval } from './types.ts'

/** Parameters of the transaction: statements that make tables or copy take no others. */
export function setting(name: 'as_of' | 'since' | 'as_served' | 'recorded'): string {
  const type = name === 'as_served' || name === 'recorded' ? 'BOOLEAN' : 'TIMESTAMP'
  return `current_setting('meridian.${name}')::${type}`
}

/** The first step of a statement at one instant, whose parameters are then read once, not for each row. */
export function instantStep(scope: Scope, names: readonly ('as_of' | 'since')[]) {
  const instant = scope.name('instant')
  return {
    step: { instant, settings: names.map(name => `${setting(name)} AS ${name}`) },
    value: (name: 'as_of' | 'since') => `(SELECT ${name} FROM ${instant})`,
  }
}

/** With `boundary: 'before'` only earlier rows count: to the microsecond, those up to one microsecond before. */
export function strictly(boundary: 'at' | 'before', instant: string): string {
  return boundary === 'at' ? instant : `${instant} - INTERVAL '1 microsecond'`
}

/**
 * The last tick at or before the row's instant, less the delay. Whole microseconds are divided, exactly: `date_bin` is
 * not there before Postgres 14.
 */
export function tick({ refresh, offset, delay }: NonNullable<ViewPlan['view']['ticks']>): string {
  const shift = delay + offset
  const instant = shift === 0 ? 'event_timestamp' : `event_timestamp - ${interval(shift)}`
  const origin = offset === 0 ? "TIMESTAMP 'epoch'" : `TIMESTAMP 'epoch' + ${interval(offset)}`
  const microseconds = `(extract(epoch FROM ${instant}) * 1000000)::BIGINT`
  return `${origin} + floor(${microseconds} / ${refresh}.0)::DOUBLE PRECISION * ${interval(refresh)}`
}
