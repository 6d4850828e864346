/** The rows behind a value. */
import { evidenceStatements } from '../evidence.ts'
import { expression, operand, when } from './functions.ts'
import { render } from './render.ts'
import { takenFirst } from './steps/latest.ts'
import { spineStep } from './steps/spine.ts'
import { scopeOf } from './steps/step.ts'
import { identifier, interval } from './types.ts'

export const evidence = evidenceStatements({
  render,
  identifier,
  interval,
  expression,
  operand,
  when,
  output: expression,
  sortKey: expression,
  scopeOf,
  instants: plan => ({ ...spineStep(plan, scopeOf(plan)), comma: '' }),
  order: (plan, group) => takenFirst(plan, group, scopeOf(plan)),
})
