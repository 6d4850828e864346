/** The rows behind a value. */
import { evidenceStatements } from '../evidence.ts'
import { expression, operand, output, sortKey } from './functions.ts'
import { instants } from './point-in-time.ts'
import { render } from './render.ts'
import { order, scopeOf } from './scope.ts'
import { identifier, interval } from './types.ts'

export const evidence = evidenceStatements({
  render,
  identifier,
  interval,
  expression,
  operand,
  when: (condition, value) => `CASE WHEN ${condition} THEN ${value} END`,
  output,
  sortKey,
  scopeOf,
  instants,
  order: (plan, group) => order(plan, group, scopeOf(plan)),
})
