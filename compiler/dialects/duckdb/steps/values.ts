/** The values that aggregates read, each once: null where the row does not pass `where`, since every aggregate skips nulls. */
import { aggregates } from '../../../../dsl/index.ts'
import { canonicalJson } from '../../../catalog/fingerprint.ts'
import type { Measure } from '../../../plan/view-plan.ts'
import { condition, expression } from '../functions.ts'
import { identifier, typeName } from '../types.ts'

export interface Value {
  readonly name: string
  readonly expression: string
  readonly type: string
}

export function valuesOf(measures: readonly Measure[]): { values: Value[]; find: (measure: Measure) => Value } {
  const values = new Map<string, Value>()
  const identity = ({ aggregate: { value, where } }: Measure) => canonicalJson([value, where])
  for (const measure of measures) {
    const { value, where } = measure.aggregate
    if (values.has(identity(measure))) continue
    const plain = value === null ? '1' : expression(value, 'event.')
    values.set(identity(measure), {
      name: identifier(`${measure.name}__value`),
      expression: where === null ? plain : `CASE WHEN ${condition(where, 'event.')} THEN ${plain} END`,
      type: value === null ? 'INTEGER' : typeName(value.type),
    })
  }
  const find = (measure: Measure) => {
    const value = values.get(identity(measure))
    if (!value) throw new Error(`no value for ${measure.name}`)
    return value
  }
  return { values: [...values.values()], find }
}

/** Where a join may find no row, a count is 0. */
export function orEmpty(measure: Measure, sql: string): string {
  return aggregates[measure.aggregate.aggregate].empty === 0 ? `coalesce(${sql}, 0)` : sql
}
