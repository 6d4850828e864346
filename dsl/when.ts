/** `when(condition).then(value).otherwise(value)`: the row expression that SQL writes as CASE. */
import type { Expression } from './expression.ts'
import { build, toExpression } from './row.ts'
import type { BooleanType, Float64Type, Int64Type, NumericType, StringType, TimestampType, ValueType } from './types.ts'
import type { Beside, Operand, Value, ValueExpression } from './value.ts'

/** The type of branches that are constants so far: it is that of the first branch that is not. */
interface NumberConstant {
  readonly type: 'number constant'
}
interface BigintConstant {
  readonly type: 'bigint constant'
}
type BranchType = ValueType | NumberConstant | BigintConstant

type First = boolean | number | bigint | string | Date | ValueExpression<ValueType>

type FirstType<V> =
  V extends ValueExpression<infer T>
    ? T
    : V extends boolean
      ? BooleanType
      : V extends string
        ? StringType
        : V extends Date
          ? TimestampType
          : V extends bigint
            ? BigintConstant
            : NumberConstant

/** What may stand in a branch beside others of type `T`. An int32 cannot hold every bigint. */
type Other<T extends BranchType> = T extends ValueType
  ? Operand<T>
  : T extends NumberConstant
    ? number | ValueExpression<NumericType>
    : bigint | ValueExpression<Exclude<NumericType, { readonly type: 'int32' }>>

type Joined<T extends BranchType, V> = T extends ValueType
  ? Beside<T, V>
  : V extends ValueExpression<infer Own>
    ? Own
    : T

type Result<T extends BranchType> = T extends ValueType
  ? T
  : T extends NumberConstant
    ? Float64Type
    : Int64Type<'bigint'>

/** Branches so far, of type `T`. */
export interface Branches<T extends BranchType> {
  when(condition: ValueExpression<BooleanType>): Branch<T>
  /** The value where no condition is true. */
  otherwise<const V extends Other<T> | null>(value: V): Value<Result<Joined<T, V>>>
}

/** A condition that waits for its value. */
export interface Branch<T extends BranchType> {
  then<const V extends Other<T>>(value: V): Branches<Joined<T, V>>
}

/**
 * The value of the first condition that is true.
 *
 * @example
 * sum(row => when(row.cancelled).then(0).when(row.delay.lt(0)).then(row.delay.negate()).otherwise(row.delay))
 */
export function when(condition: ValueExpression<BooleanType>): {
  then<const V extends First>(value: V): Branches<FirstType<V>>
} {
  return branch([], condition) as never
}

function branch(done: readonly Expression[], condition: unknown): unknown {
  return {
    // biome-ignore lint/suspicious/noThenProperty: SQL's own word; the object is never awaited
    then: (value: unknown) => {
      const next = [...done, toExpression(condition), toExpression(value)]
      return {
        when: (other: unknown) => branch(next, other),
        otherwise: (last: unknown) => build('case', [...next, toExpression(last)]),
      }
    },
  }
}
