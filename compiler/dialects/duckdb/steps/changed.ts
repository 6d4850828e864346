/** The keys whose stored row can differ between `$since` and `$as_of`. */
import type { ViewPlan } from '../../../plan/view-plan.ts'
import { windowsLeft } from '../../changes.ts'
import { interval } from '../types.ts'
import { strictly } from './spine.ts'
import type { Scope, Step } from './step.ts'

export function changedStep(plan: ViewPlan, scope: Scope): Step {
  const { boundary } = plan.view
  const [since, asOf] = [strictly(boundary, '$since::TIMESTAMP'), strictly(boundary, '$as_of::TIMESTAMP')]
  const between = (instant: string, from: string, to: string) => ({
    filters: [...scope.countable, `${instant} > ${from}`, `${instant} <= ${to}`],
  })
  return {
    ...scope,
    template: 'changed.sql',
    relation: scope.name('changed'),
    ways: [
      between(scope.visibleFrom, since, asOf),
      ...windowsLeft(plan).map(over =>
        between(scope.eventTimestamp, `${since} - ${interval(over)}`, `${asOf} - ${interval(over)}`),
      ),
    ],
  } as Step
}
