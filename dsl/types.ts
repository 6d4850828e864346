/**
 * Value types: what a column, a join key or a feature holds.
 *
 * A value type is plain data. `Infer` gives the TypeScript type of its values.
 */

export interface BooleanType {
  readonly type: 'boolean'
}
export interface Int32Type {
  readonly type: 'int32'
}
/** `as: 'number'` reads as a number and throws beyond the safe range; `'bigint'` is exact everywhere. */
export interface Int64Type<As extends 'bigint' | 'number' = 'bigint' | 'number'> {
  readonly type: 'int64'
  readonly as: As
}
export interface Float64Type {
  readonly type: 'float64'
}
export interface DecimalType {
  readonly type: 'decimal'
  readonly precision: number
  readonly scale: number
}
export interface StringType {
  readonly type: 'string'
}
export interface TimestampType {
  readonly type: 'timestamp'
}
export interface BytesType {
  readonly type: 'bytes'
}
export interface JsonType {
  readonly type: 'json'
}
export interface ListType<Element extends ValueType = ValueType> {
  readonly type: 'list'
  readonly element: Element
}
/** A fixed number of 32-bit floats: an embedding. */
export interface VectorType {
  readonly type: 'vector'
  readonly dimensions: number
}

/** What a column or a feature may hold. */
export type ValueType =
  | BooleanType
  | Int32Type
  | Int64Type
  | Float64Type
  | DecimalType
  | StringType
  | TimestampType
  | BytesType
  | JsonType
  // biome-ignore lint/suspicious/noExplicitAny: a list of any element; a recursive default would not terminate
  | ListType<any>
  | VectorType

/** What a join key may be: a type whose equality is the same in every engine and whose text form is unique. */
export type JoinKeyType = BooleanType | Int32Type | Int64Type | StringType

export type NumericType = Int32Type | Int64Type | Float64Type | DecimalType
/** Types with an order that every engine agrees on (text by bytes, NaN greatest). */
export type OrderedType = NumericType | StringType | TimestampType

/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/**
 * The TypeScript type of a value.
 *
 * @example
 * type Amount = Infer<DecimalType> // string
 */
export type Infer<T extends ValueType> = T extends BooleanType
  ? boolean
  : T extends Int32Type | Float64Type
    ? number
    : T extends Int64Type<infer As>
      ? As extends 'number'
        ? number
        : bigint
      : T extends DecimalType | StringType
        ? string
        : T extends TimestampType
          ? Date
          : T extends BytesType
            ? Uint8Array
            : T extends ListType<infer Element>
              ? readonly Infer<Element>[]
              : T extends VectorType
                ? Float32Array
                : T extends JsonType
                  ? Json
                  : never

// Two signatures: with one, the type that its place expects would decide what no option says.
function int64(): Int64Type<'bigint'>
function int64<const As extends 'bigint' | 'number'>(options: { readonly as: As }): Int64Type<As>
function int64(options?: { readonly as: 'bigint' | 'number' }): Int64Type {
  return { type: 'int64', as: options?.as ?? 'bigint' }
}

/**
 * The value types, by name.
 *
 * @example
 * const columns = { origin: t.string(), fare: t.decimal(12, 2), landed_at: t.timestamp(), stops: t.list(t.string()) }
 */
export const t = {
  /** `boolean`. */
  boolean: (): BooleanType => ({ type: 'boolean' }),
  /** `number`: 32 bits, signed. Beyond them is an error, never a wrap. */
  int32: (): Int32Type => ({ type: 'int32' }),
  /** `bigint`: 64 bits, signed. With `{ as: 'number' }` a `number`, and beyond the safe integers an error. */
  int64,
  /** `number`: 64 bits of floating point. NaN is the greatest number, and equal to itself. */
  float64: (): Float64Type => ({ type: 'float64' }),
  /** `string`: an exact decimal of at most 38 digits, `scale` of them after the point. For money. */
  decimal: (precision: number, scale: number): DecimalType => ({ type: 'decimal', precision, scale }),
  /** `string`: text, ordered by bytes. */
  string: (): StringType => ({ type: 'string' }),
  /** `Date`: an instant in UTC, to the microsecond in files, SQL and stored rows, to the millisecond in a `Date`. */
  timestamp: (): TimestampType => ({ type: 'timestamp' }),
  /** `Uint8Array`. */
  bytes: (): BytesType => ({ type: 'bytes' }),
  /** `Json`: any JSON value. It can be read by `last` and `first`, and counted. */
  json: (): JsonType => ({ type: 'json' }),
  /** An array of values of one type. */
  list: <const Element extends ValueType>(element: Element): ListType<Element> => ({ type: 'list', element }),
  /** `Float32Array`: so many 32-bit floats, an embedding. */
  vector: (dimensions: number): VectorType => ({ type: 'vector', dimensions }),
} as const
