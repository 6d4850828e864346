/**
 * Typed row expressions: `row.delay.gt(15).and(row.origin.ne('SEA'))`.
 *
 * Each is a thin object around plain data (`expression`); which methods it has follows from its type.
 */
import type { Expression, FunctionName, LiteralValue } from './expression.ts'
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

/** What may stand for a constant of a type. Decimals are text, so that nothing is rounded on the way. */
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
type Operand<T extends ValueType> = Literal<T> | ValueExpression<Comparable<T>>
type NumberOperand<T extends ValueType> = Literal<T> | ValueExpression<NumericType>

declare const valueType: unique symbol

/** An expression of type `T`. */
export interface ValueExpression<out T extends ValueType> {
  readonly expression: Expression
  /** Only in types: the value's type. */
  readonly [valueType]?: T
}

interface Any<T extends ValueType> extends ValueExpression<T> {
  isNull(): Condition
  isNotNull(): Condition
  /** The first that is not null. */
  coalesce(...others: Operand<T>[]): Value<T>
}

interface Equal<T extends ValueType> extends Any<T> {
  eq(other: Operand<T>): Condition
  ne(other: Operand<T>): Condition
  /** Whether it equals one of these; null where it is null. */
  in(...options: [Operand<T>, ...Operand<T>[]]): Condition
}

interface Ordered<T extends ValueType> extends Equal<T> {
  lt(other: Operand<T>): Condition
  lte(other: Operand<T>): Condition
  gt(other: Operand<T>): Condition
  gte(other: Operand<T>): Condition
  /** `low <= value <= high`. */
  between(low: Operand<T>, high: Operand<T>): Condition
}

/** The wider of two numeric types, as the compiler resolves it. */
type Wider<A extends ValueType, B> =
  B extends ValueExpression<infer T>
    ? A extends Float64Type
      ? Float64Type
      : T extends Float64Type
        ? Float64Type
        : A extends DecimalType
          ? DecimalType
          : T extends DecimalType
            ? DecimalType
            : A extends Int64Type
              ? A
              : T
    : A

interface Numeric<T extends ValueType> extends Ordered<T> {
  plus<const O extends NumberOperand<T>>(other: O): Value<Wider<T, O>>
  minus<const O extends NumberOperand<T>>(other: O): Value<Wider<T, O>>
  times<const O extends NumberOperand<T>>(other: O): Value<Wider<T, O>>
  /** Real division, as float64; null where the divisor is 0. */
  dividedBy(other: NumberOperand<T>): Value<Float64Type>
  negate(): Value<T>
  abs(): Value<T>
  floor(): Value<T>
  ceil(): Value<T>
}

interface Integer<T extends ValueType> extends Numeric<T> {
  /** The remainder, with the sign of the dividend; null where the divisor is 0. */
  modulo(other: Literal<T> | ValueExpression<Int32Type | Int64Type>): Value<T>
}

/** A boolean expression: what `where` takes. */
export interface Condition extends Equal<BooleanType> {
  and(...others: ValueExpression<BooleanType>[]): Condition
  or(...others: ValueExpression<BooleanType>[]): Condition
  not(): Condition
}

interface Text extends Ordered<StringType> {
  lower(): Text
  upper(): Text
  /** Without spaces at both ends. */
  trim(): Text
  /** In characters. */
  length(): Integer<Int32Type>
  startsWith(prefix: Operand<StringType>): Condition
  endsWith(suffix: Operand<StringType>): Condition
  contains(part: Operand<StringType>): Condition
  /** `length` characters from `start`, which counts from 1. */
  substring(start: Literal<Int32Type>, length: Literal<Int32Type>): Text
  concat(...others: Operand<StringType>[]): Text
}

interface Instant extends Ordered<TimestampType> {
  year(): Integer<Int32Type>
  month(): Integer<Int32Type>
  day(): Integer<Int32Type>
  hour(): Integer<Int32Type>
  minute(): Integer<Int32Type>
  /** 1 is Monday, 7 is Sunday. */
  dayOfWeek(): Integer<Int32Type>
  /** Seconds from `other` to this, with their fraction. */
  secondsSince(other: Operand<TimestampType>): Numeric<Float64Type>
}

/** The methods that an expression of type `T` has. */
export type Value<T extends ValueType> = T extends BooleanType
  ? Condition
  : T extends Int32Type | Int64Type
    ? Integer<T>
    : T extends NumericType
      ? Numeric<T>
      : T extends StringType
        ? Text
        : T extends TimestampType
          ? Instant
          : T extends BytesType
            ? Equal<T>
            : Any<T>

/** A row of a source: its columns, each an expression. */
export type Row<C extends Columns> = { readonly [K in keyof C & string]: Value<C[K]> }

/** Every method of every kind of expression; the types above show each kind only its own. */
class RowExpression {
  readonly expression: Expression
  constructor(expression: Expression) {
    this.expression = expression
  }
}

type Method = (this: RowExpression, ...args: readonly unknown[]) => RowExpression

const call = (name: FunctionName): Method =>
  function (...args) {
    return build(name, [this.expression, ...args.map(toExpression)])
  }

function build(name: FunctionName, args: readonly Expression[]): RowExpression {
  return new RowExpression({ kind: 'call', function: name, arguments: args })
}

const methods: Readonly<Record<string, Method>> = {
  eq: call('eq'),
  ne: call('ne'),
  lt: call('lt'),
  lte: call('lte'),
  gt: call('gt'),
  gte: call('gte'),
  in: call('in'),
  between(low, high) {
    return build('and', [
      build('gte', [this.expression, toExpression(low)]).expression,
      build('lte', [this.expression, toExpression(high)]).expression,
    ])
  },
  isNull: call('is_null'),
  isNotNull() {
    return build('not', [build('is_null', [this.expression]).expression])
  },
  coalesce: call('coalesce'),
  and: call('and'),
  or: call('or'),
  not: call('not'),
  plus: call('add'),
  minus: call('subtract'),
  times: call('multiply'),
  dividedBy: call('divide'),
  modulo: call('modulo'),
  negate: call('negate'),
  abs: call('abs'),
  floor: call('floor'),
  ceil: call('ceil'),
  lower: call('lower'),
  upper: call('upper'),
  trim: call('trim'),
  length: call('length'),
  startsWith: call('starts_with'),
  endsWith: call('ends_with'),
  contains: call('contains'),
  substring: call('substring'),
  concat: call('concat'),
  year: call('year'),
  month: call('month'),
  day: call('day'),
  hour: call('hour'),
  minute: call('minute'),
  dayOfWeek: call('day_of_week'),
  secondsSince(other) {
    return build('seconds_between', [toExpression(other), this.expression])
  },
}
for (const [name, method] of Object.entries(methods))
  Object.defineProperty(RowExpression.prototype, name, { value: method })

/** The data of an expression or a constant. */
export function toExpression(value: unknown): Expression {
  if (value instanceof RowExpression) return value.expression
  return { kind: 'literal', value: value as LiteralValue }
}

/** A row whose every property is a column of that name, so that a misspelt one reaches the compiler, which reports it. */
export function rowOf<C extends Columns>(): Row<C> {
  const columns = new Proxy(Object.create(null) as object, {
    get: (_target, name) => new RowExpression({ kind: 'column', name: String(name) }),
  })
  return columns as Row<C>
}

interface Branches<T extends ValueType> {
  when(condition: ValueExpression<BooleanType>): { then(value: Operand<T>): Branches<T> }
  /** The value where no condition is true. */
  otherwise(value: Operand<T> | null): Value<T>
}

type LiteralType<V> =
  V extends ValueExpression<infer T>
    ? T
    : V extends boolean
      ? BooleanType
      : V extends string
        ? StringType
        : V extends Date
          ? TimestampType
          : V extends bigint
            ? Int64Type
            : V extends number
              ? Int32Type | Float64Type
              : never

type CaseType<T extends ValueType> = [T] extends [Int32Type | Float64Type]
  ? [T] extends [Int32Type]
    ? Int32Type
    : Float64Type
  : T

/**
 * The value of the first condition that is true.
 *
 * @example
 * sum(row => when(row.status.eq('refunded')).then(row.amount.negate()).otherwise(row.amount))
 */
export function when(condition: ValueExpression<BooleanType>): {
  then<const V extends ValueExpression<ValueType> | boolean | number | bigint | string | Date>(
    value: V,
  ): Branches<CaseType<LiteralType<V>>>
} {
  return branches([], condition) as never
}

function branches(done: readonly Expression[], condition: unknown): unknown {
  return {
    // biome-ignore lint/suspicious/noThenProperty: SQL's own word; the object is never awaited
    then: (value: unknown) => {
      const next = [...done, toExpression(condition), toExpression(value)]
      return {
        when: (other: unknown) => branches(next, other),
        otherwise: (last: unknown) => build('case', [...next, toExpression(last)]),
      }
    },
  }
}
