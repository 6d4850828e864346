/**
 * The types of row expressions: which methods a value has, and of what type their results are, as the compiler
 * resolves them. `row.ts` is what stands behind them at run time.
 */
import type { Expression } from './expression.ts'
import type { Columns } from './source.ts'
import type {
  BooleanType,
  BytesType,
  DecimalType,
  Float64Type,
  Int32Type,
  Int64Type,
  NumericType,
  StringType,
  TimestampType,
  ValueType,
} from './types.ts'

/** What may stand for a constant of a type. Decimals may be text, so that nothing is rounded on the way. */
export type Literal<T extends ValueType> = T extends BooleanType
  ? boolean
  : T extends Int32Type | Float64Type
    ? number
    : T extends Int64Type
      ? bigint | number
      : T extends DecimalType
        ? string | number
        : T extends StringType
          ? string
          : T extends TimestampType
            ? Date
            : never

/** Types that may be compared with one another: numbers of any kind, else the same type. */
type Comparable<T extends ValueType> = T extends NumericType ? NumericType : T

/** What may stand beside a value of type `T`. */
export type Operand<T extends ValueType> = Literal<T> | ValueExpression<Comparable<T>>

declare const valueType: unique symbol

/** An expression of type `T`. */
export interface ValueExpression<out T extends ValueType> {
  readonly expression: Expression
  /** Only in types: the value's type. */
  readonly [valueType]: T
}

/** The wider of two types, as the compiler resolves it: float64, then decimal, then int64, then int32. */
export type Wider<A extends ValueType, B extends ValueType> = A extends Float64Type
  ? A
  : B extends Float64Type
    ? B
    : A extends DecimalType
      ? A
      : B extends DecimalType
        ? B
        : A extends Int64Type
          ? A
          : B extends Int64Type
            ? B
            : A

/** `T` beside an operand. A constant takes the type it stands beside. */
export type Beside<T extends ValueType, O> = O extends ValueExpression<infer B> ? Wider<T, B> : T

type BesideAll<T extends ValueType, O> = O extends readonly [infer First, ...infer Rest]
  ? BesideAll<Beside<T, First>, Rest>
  : T

/** What every value can be asked. */
export interface AnyValue<T extends ValueType> extends ValueExpression<T> {
  /**
   * Whether it is null; never null itself.
   *
   * @example
   * count().where(row => row.delay.isNull()).over('1d')
   */
  isNull(): Condition
  /** Whether it is not null; never null itself. */
  isNotNull(): Condition
  /**
   * The first that is not null.
   *
   * @example
   * last(row => row.delay.coalesce(0))
   */
  coalesce<const O extends readonly [Operand<T>, ...Operand<T>[]]>(...others: O): Value<BesideAll<T, O>>
}

/** What can be equal: all but JSON, lists and vectors. */
export interface ComparableValue<T extends ValueType> extends AnyValue<T> {
  /**
   * Whether the two are equal; null where one is null. NaN equals NaN.
   *
   * @example
   * count().where(row => row.origin.eq('SEA'))
   */
  eq(other: Operand<T>): Condition
  /** Whether the two differ; null where one is null. */
  ne(other: Operand<T>): Condition
  /**
   * Whether it equals one of these; null where it is null.
   *
   * @example
   * count().where(row => row.origin.in('SEA', 'SFO'))
   */
  in(...options: [Operand<T>, ...Operand<T>[]]): Condition
}

/** What has an order: numbers (NaN greatest), text (by bytes) and timestamps. A comparison with null is null. */
export interface OrderedValue<T extends ValueType> extends ComparableValue<T> {
  /** Less than the other. */
  lt(other: Operand<T>): Condition
  /** Less, or equal. */
  lte(other: Operand<T>): Condition
  /**
   * Greater than the other.
   *
   * @example
   * count().where(row => row.delay.gt(15)).over('2h')
   */
  gt(other: Operand<T>): Condition
  /** Greater, or equal. */
  gte(other: Operand<T>): Condition
  /**
   * `low <= value <= high`.
   *
   * @example
   * count().where(row => row.delay.between(-5, 5))
   */
  between(low: Operand<T>, high: Operand<T>): Condition
}

/** Arithmetic. Overflow is an error when the statement runs, never a wrap. */
export interface NumberValue<T extends ValueType> extends OrderedValue<T> {
  /**
   * The sum, of the wider type of the two.
   *
   * @example
   * sum(row => row.delay.plus(row.distance))
   */
  plus<const O extends Operand<T>>(other: O): Value<Beside<T, O>>
  /** The difference, of the wider type of the two. */
  minus<const O extends Operand<T>>(other: O): Value<Beside<T, O>>
  /** The product, of the wider type of the two. */
  times<const O extends Operand<T>>(other: O): Value<Beside<T, O>>
  /**
   * Real division, as float64; null where the divisor is 0.
   *
   * @example
   * sum(row => row.delay.dividedBy(60)).over('1d')
   */
  dividedBy(other: Operand<T>): NumberValue<Float64Type>
  /**
   * With the other sign.
   *
   * @example
   * sum(row => row.fare.negate()).over('7d')
   */
  negate(): Value<T>
  /** Without its sign. */
  abs(): Value<T>
  /** The greatest whole number that is not greater. */
  floor(): Value<T>
  /** The least whole number that is not less. */
  ceil(): Value<T>
}

/** An int32 or int64. */
export interface IntegerValue<T extends ValueType> extends NumberValue<T> {
  /** The remainder, with the sign of the dividend; null where the divisor is 0. */
  modulo<const O extends Literal<T> | ValueExpression<Int32Type | Int64Type>>(other: O): Value<Beside<T, O>>
}

/**
 * A boolean expression: what `where` takes. Nulls follow SQL: `and` and `or` are three-valued.
 *
 * @example
 * count().where(row => row.delay.gt(15).and(row.cancelled.not()))
 */
export interface Condition extends ComparableValue<BooleanType> {
  /** True where all are; false where one is false, whatever the others are. */
  and(...others: [ValueExpression<BooleanType>, ...ValueExpression<BooleanType>[]]): Condition
  /** True where one is, whatever the others are; false where all are false. */
  or(...others: [ValueExpression<BooleanType>, ...ValueExpression<BooleanType>[]]): Condition
  /** The contrary; null of null. */
  not(): Condition
}

/** Text. Null gives null. */
export interface TextValue extends OrderedValue<StringType> {
  /**
   * In lower case.
   *
   * @example
   * countDistinct(row => row.origin.lower())
   */
  lower(): TextValue
  /** In upper case. */
  upper(): TextValue
  /** Without spaces at both ends. */
  trim(): TextValue
  /** How many characters (code points) it has. */
  length(): IntegerValue<Int32Type>
  /**
   * Whether it begins with `prefix`, taken literally; case counts.
   *
   * @example
   * count().where(row => row.origin.startsWith('S'))
   */
  startsWith(prefix: Operand<StringType>): Condition
  /** Whether it ends with `suffix`, taken literally; case counts. */
  endsWith(suffix: Operand<StringType>): Condition
  /** Whether `part` is somewhere in it, taken literally; case counts. */
  contains(part: Operand<StringType>): Condition
  /** `length` characters from `start`, which counts from 1. */
  substring(start: Literal<Int32Type>, length: Literal<Int32Type>): TextValue
  /**
   * This and the others, one after the other; null where one of them is null.
   *
   * @example
   * countDistinct(row => row.origin.concat('-', row.destination))
   */
  concat(...others: [Operand<StringType>, ...Operand<StringType>[]]): TextValue
}

/** A timestamp. Its parts are those of UTC. */
export interface InstantValue extends OrderedValue<TimestampType> {
  /** The year, such as 2001. */
  year(): IntegerValue<Int32Type>
  /** 1 to 12. */
  month(): IntegerValue<Int32Type>
  /** Of the month: 1 to 31. */
  day(): IntegerValue<Int32Type>
  /**
   * 0 to 23.
   *
   * @example
   * count().where(row => row.landed_at.hour().lt(6)).over('7d')
   */
  hour(): IntegerValue<Int32Type>
  /** 0 to 59. */
  minute(): IntegerValue<Int32Type>
  /** 1 is Monday, 7 is Sunday. */
  dayOfWeek(): IntegerValue<Int32Type>
  /**
   * Seconds from `other` to this, with their fraction; negative where this is earlier.
   *
   * @example
   * max(row => row.landed_at.secondsSince(row.departed_at)).over('7d')
   */
  secondsSince(other: Operand<TimestampType>): NumberValue<Float64Type>
}

/** An expression of type `T`, with the methods that such a value has. */
export type Value<T extends ValueType> = T extends BooleanType
  ? Condition
  : T extends Int32Type | Int64Type
    ? IntegerValue<T>
    : T extends NumericType
      ? NumberValue<T>
      : T extends StringType
        ? TextValue
        : T extends TimestampType
          ? InstantValue
          : T extends BytesType
            ? ComparableValue<T>
            : AnyValue<T>

/**
 * A row of a source: its columns, each an expression.
 *
 * @example
 * const isLate = (row: Row<typeof landings.columns>) => row.delay.gt(15)
 */
export type Row<C extends Columns> = { readonly [K in keyof C & string]: Value<C[K]> }

/** The names of all methods of all values. */
export type MethodName = Exclude<
  | keyof IntegerValue<Int32Type>
  | keyof Condition
  | keyof TextValue
  | keyof InstantValue
  | keyof ComparableValue<BytesType>,
  'expression' | typeof valueType
>
