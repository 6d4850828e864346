/**
 * The types of the words a view's features are written in: `count().where(row => ...).over('2h')`.
 *
 * A view hands them to its `features` function, because only there does TypeScript know the columns. `words.ts` is what
 * stands behind them at run time.
 */
import type { FeatureDefinition } from './definitions.ts'
import type { Duration } from './duration.ts'
import type { Columns, ColumnsOfType } from './source.ts'
import type {
  BooleanType,
  DecimalType,
  Float64Type,
  Infer,
  Int32Type,
  Int64Type,
  NumericType,
  OrderedType,
  ValueType,
} from './types.ts'
import type { Literal, Row, ValueExpression } from './value.ts'

declare const result: unique symbol
declare const type: unique symbol

/** A feature whose value is of TypeScript type `Out`. */
export interface Feature<out Out> {
  readonly definition: FeatureDefinition
  /** Only in types: what a getter returns. */
  readonly [result]: Out
}

/** A feature that can still be given a default. */
export interface Defaultable<out T extends ValueType, out Out> extends Feature<Out> {
  /** Only in types: the value's type. */
  readonly [type]: T
  /**
   * The value in place of null, missing and expired, so that a getter never returns null. Written last. JSON, bytes,
   * lists and vectors have no constants, so no default either.
   *
   * @example
   * last('delay').default(0)
   */
  default(value: Literal<T>): Feature<Infer<T>>
}

/** The last or first visible value. */
export interface Latest<C extends Columns, T extends ValueType> extends Defaultable<T, Infer<T> | null> {
  /**
   * Only rows for which the condition is true.
   *
   * @example
   * last('delay').where(row => row.delay.isNotNull())
   */
  where(condition: (row: Row<C>) => ValueExpression<BooleanType>): Latest<C, T>
}

/** A value over many rows: all visible ones, or those in a window. */
export interface Aggregate<C extends Columns, T extends ValueType, Out> extends Defaultable<T, Out> {
  /**
   * Only rows for which the condition is true.
   *
   * @example
   * count().where(row => row.delay.gt(15)).over('2h')
   */
  where(condition: (row: Row<C>) => ValueExpression<BooleanType>): Aggregate<C, T, Out>
  /**
   * Only rows of the last `window`: from just after `instant - window` up to the instant.
   *
   * @example
   * avg('delay').over('30d')
   */
  over(window: Duration): Aggregate<C, T, Out>
}

type Countable = Exclude<ValueType, { readonly type: 'json' | 'list' | 'vector' }>

/**
 * What a word takes: a column's name, or an expression over the row. Written out as members, without an alias: then
 * an error lists the columns that would do, where the name of an alias would say nothing.
 */
interface Takes<C extends Columns> {
  readonly any: (keyof C & string) | ((row: Row<C>) => ValueExpression<ValueType>)
  readonly scalar: ColumnsOfType<C, Countable> | ((row: Row<C>) => ValueExpression<Countable>)
  readonly number: ColumnsOfType<C, NumericType> | ((row: Row<C>) => ValueExpression<NumericType>)
  readonly ordered: ColumnsOfType<C, OrderedType> | ((row: Row<C>) => ValueExpression<OrderedType>)
}

/** The value type of an argument. */
type Of<C extends Columns, A> = A extends keyof C
  ? C[A]
  : A extends (row: Row<C>) => ValueExpression<infer T>
    ? T
    : never

type CountType = Int64Type<'number'>
type SumType<T extends ValueType> = T extends Float64Type
  ? Float64Type
  : T extends DecimalType
    ? DecimalType
    : T extends Int64Type<infer As>
      ? Int64Type<As>
      : T extends Int32Type
        ? Int64Type<'number'>
        : never

type Nullable<C extends Columns, T extends ValueType> = Aggregate<C, T, Infer<T> | null>
type Ratable<C extends Columns> = Aggregate<C, NumericType, number | bigint | string | null>

/**
 * What a view's `features` is given. `value` is the name of a column, or an expression over the row. Nulls do not take part in
 * aggregates, and an aggregate without `over` is over all history.
 */
export interface Vocabulary<C extends Columns> {
  /**
   * The value of the newest visible row, by event timestamp, created timestamp and tie-break. Its null stays null.
   *
   * @example
   * last('delay')
   */
  last<const A extends Takes<C>['any']>(value: A): Latest<C, Of<C, A>>
  /**
   * The value of the oldest visible row.
   *
   * @example
   * first(row => row.origin.lower())
   */
  first<const A extends Takes<C>['any']>(value: A): Latest<C, Of<C, A>>
  /**
   * Rows, or rows whose argument is not null; 0 where there is none.
   *
   * @example
   * count().over('2h')
   */
  count(value?: Takes<C>['any']): Aggregate<C, CountType, number>
  /**
   * How many different values that are not null; 0 where there is none.
   *
   * @example
   * countDistinct('destination').over('30d')
   */
  countDistinct(value: Takes<C>['scalar']): Aggregate<C, CountType, number>
  /**
   * The sum of the values that are not null; integers add up to int64, decimals to 38 digits.
   *
   * @example
   * sum(row => row.delay.dividedBy(60)).over('1d')
   */
  sum<const A extends Takes<C>['number']>(value: A): Nullable<C, SumType<Of<C, A>>>
  /**
   * The mean, as float64.
   *
   * @example
   * avg('delay').over('1d')
   */
  avg(value: Takes<C>['number']): Nullable<C, Float64Type>
  /**
   * The least value.
   *
   * @example
   * min('fare').over('7d')
   */
  min<const A extends Takes<C>['ordered']>(value: A): Nullable<C, Of<C, A>>
  /**
   * The greatest value.
   *
   * @example
   * max('landed_at')
   */
  max<const A extends Takes<C>['ordered']>(value: A): Nullable<C, Of<C, A>>
  /**
   * The sample standard deviation, as float64; null for fewer than two values.
   *
   * @example
   * stddev('delay').over('7d')
   */
  stddev(value: Takes<C>['number']): Nullable<C, Float64Type>
  /**
   * The sample variance, as float64; null for fewer than two values.
   *
   * @example
   * variance('delay').over('7d')
   */
  variance(value: Takes<C>['number']): Nullable<C, Float64Type>
  /**
   * `numerator / denominator` as float64; null where the denominator is null or 0.
   *
   * @example
   * ratio(count().where(row => row.delay.gt(15)).over('2h'), count().over('2h')).default(0)
   */
  ratio(numerator: Ratable<C>, denominator: Ratable<C>): Defaultable<Float64Type, number | null>
}

/** What a view's `features` function returns. */
export type Features = Readonly<Record<string, Feature<unknown>>>
export type InferFeatures<F> = { readonly [N in keyof F]: F[N] extends Feature<infer Out> ? Out : never }
