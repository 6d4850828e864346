/**
 * The words a view's features are written in, typed for the view's own source: `count().where(row => ...).over('2h')`.
 *
 * A view hands them to its `features` function, because only there does TypeScript know the columns.
 */
import type { AggregateFeature, FeatureDefinition, LatestFeature, RatioFeature } from './definitions.ts'
import type { Duration } from './duration.ts'
import type { Expression, LiteralValue } from './expression.ts'
import type { AggregateName } from './features/index.ts'
import { type Literal, type Row, rowOf, toExpression, type ValueExpression } from './row.ts'
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

declare const result: unique symbol
declare const type: unique symbol

/** A feature whose value is of TypeScript type `Out`. */
export interface Feature<out Out> {
  readonly definition: FeatureDefinition
  /** Only in types: what a getter returns. */
  readonly [result]?: Out
}

/** Any JSON, bytes, list or vector has no constant form, so no default either. */
type DefaultOf<T extends ValueType> = Literal<T>

/** A feature that can still be given a default. */
export interface Defaultable<out T extends ValueType, out Out> extends Feature<Out> {
  /** Only in types: the value's type. */
  readonly [type]?: T
  /** The value in place of null, missing and expired. */
  default(value: DefaultOf<T>): Feature<Infer<T>>
}

/** The last or first visible value. */
export interface Latest<C extends Columns, T extends ValueType> extends Defaultable<T, Infer<T> | null> {
  /** Only rows for which the condition is true. */
  where(condition: (row: Row<C>) => ValueExpression<BooleanType>): Latest<C, T>
}

/** A value over many rows: all visible ones, or those in a window. */
export interface Aggregate<C extends Columns, T extends ValueType, Out> extends Defaultable<T, Out> {
  /** Only rows for which the condition is true. */
  where(condition: (row: Row<C>) => ValueExpression<BooleanType>): Aggregate<C, T, Out>
  /** Only rows of the last `window`: from just after `instant - window` up to the instant. */
  over(window: Duration): Aggregate<C, T, Out>
}

/** A column's name, or an expression over the row. */
type Argument<C extends Columns, T extends ValueType> = ColumnsOfType<C, T> | ((row: Row<C>) => ValueExpression<T>)
type TypeOf<C extends Columns, A> = A extends keyof C
  ? C[A]
  : A extends (row: Row<C>) => ValueExpression<infer T>
    ? T
    : never

type CountType = Int64Type<'number'>
type SumType<T> = T extends Float64Type
  ? Float64Type
  : T extends DecimalType
    ? DecimalType
    : T extends Int64Type<infer As>
      ? Int64Type<As>
      : T extends Int32Type
        ? Int64Type<'number'>
        : never
type Countable = Exclude<ValueType, { readonly type: 'json' | 'list' | 'vector' }>
type As<T> = T extends ValueType ? T : never

export interface Vocabulary<C extends Columns> {
  /** The value of the newest visible row, by event timestamp, created timestamp and tie-break. Its null stays null. */
  last<const A extends Argument<C, ValueType>>(value: A): Latest<C, As<TypeOf<C, A>>>
  /** The value of the oldest visible row. */
  first<const A extends Argument<C, ValueType>>(value: A): Latest<C, As<TypeOf<C, A>>>
  /** Rows, or rows whose argument is not null; 0 where there is none. */
  count(value?: Argument<C, ValueType>): Aggregate<C, CountType, number>
  /** How many different values that are not null; 0 where there is none. */
  countDistinct(value: Argument<C, Countable>): Aggregate<C, CountType, number>
  /** The sum; integers add up to int64, decimals to 38 digits. */
  sum<const A extends Argument<C, NumericType>>(
    value: A,
  ): Aggregate<C, SumType<TypeOf<C, A>>, Infer<SumType<TypeOf<C, A>>> | null>
  /** The mean, as float64. */
  avg(value: Argument<C, NumericType>): Aggregate<C, Float64Type, number | null>
  /** The least value. */
  min<const A extends Argument<C, OrderedType>>(
    value: A,
  ): Aggregate<C, As<TypeOf<C, A>>, Infer<As<TypeOf<C, A>>> | null>
  /** The greatest value. */
  max<const A extends Argument<C, OrderedType>>(
    value: A,
  ): Aggregate<C, As<TypeOf<C, A>>, Infer<As<TypeOf<C, A>>> | null>
  /** The sample standard deviation, as float64; null for fewer than two values. */
  stddev(value: Argument<C, NumericType>): Aggregate<C, Float64Type, number | null>
  /** The sample variance, as float64; null for fewer than two values. */
  variance(value: Argument<C, NumericType>): Aggregate<C, Float64Type, number | null>
  /** `numerator / denominator` as float64; null where the denominator is null or 0. */
  ratio(
    numerator: Aggregate<C, NumericType, number | bigint | string | null>,
    denominator: Aggregate<C, NumericType, number | bigint | string | null>,
  ): Defaultable<Float64Type, number | null>
}

/** What a view's `features` function returns. */
export type Features = Readonly<Record<string, Feature<unknown>>>

type Buildable = LatestFeature | AggregateFeature | RatioFeature

function feature<D extends Buildable>(definition: D) {
  return {
    definition,
    where: (condition: (row: Row<Columns>) => unknown) =>
      feature({ ...definition, where: toExpression(condition(rowOf())) }),
    over: (window: string) => feature({ ...definition, over: window }),
    default: (value: LiteralValue) => feature({ ...definition, default: value }),
  }
}

function argument(value: unknown): Expression {
  if (typeof value === 'function') return toExpression(value(rowOf()))
  return { kind: 'column', name: String(value) }
}

const latest = (pick: LatestFeature['pick']) => (value: unknown) =>
  feature({ kind: 'latest', pick, value: argument(value), where: null, default: null })

const aggregate = (name: AggregateName) => (value?: unknown) =>
  feature({
    kind: 'aggregate',
    aggregate: name,
    value: value === undefined ? null : argument(value),
    where: null,
    over: null,
    default: null,
  })

interface Built {
  readonly definition: AggregateFeature
}

const words = {
  last: latest('last'),
  first: latest('first'),
  count: aggregate('count'),
  countDistinct: aggregate('countDistinct'),
  sum: aggregate('sum'),
  avg: aggregate('avg'),
  min: aggregate('min'),
  max: aggregate('max'),
  stddev: aggregate('stddev'),
  variance: aggregate('variance'),
  ratio: (numerator: Built, denominator: Built) =>
    feature({ kind: 'ratio', numerator: numerator.definition, denominator: denominator.definition, default: null }),
} satisfies Record<keyof Vocabulary<Columns>, unknown>

export function vocabulary<C extends Columns>(): Vocabulary<C> {
  return words as unknown as Vocabulary<C>
}

/** The plain data of what a `features` function returned. */
export function definitionsOf(features: Features): Readonly<Record<string, FeatureDefinition>> {
  return Object.fromEntries(Object.entries(features).map(([name, { definition }]) => [name, definition]))
}
