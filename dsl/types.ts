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

/** The value types, by name: `t.string()`, `t.decimal(12, 2)`, `t.list(t.int32())`. */
export const t = {
  boolean: (): BooleanType => ({ type: 'boolean' }),
  /** 32 bits, signed. */
  int32: (): Int32Type => ({ type: 'int32' }),
  /** 64 bits, signed; a `bigint` unless `{ as: 'number' }`. */
  int64,
  float64: (): Float64Type => ({ type: 'float64' }),
  /** Exact decimal of at most 38 digits, `scale` of them after the point; a `string` in TypeScript. */
  decimal: (precision: number, scale: number): DecimalType => ({ type: 'decimal', precision, scale }),
  string: (): StringType => ({ type: 'string' }),
  /** An instant in UTC, to the microsecond. */
  timestamp: (): TimestampType => ({ type: 'timestamp' }),
  bytes: (): BytesType => ({ type: 'bytes' }),
  json: (): JsonType => ({ type: 'json' }),
  list: <const Element extends ValueType>(element: Element): ListType<Element> => ({ type: 'list', element }),
  /** `dimensions` 32-bit floats. */
  vector: (dimensions: number): VectorType => ({ type: 'vector', dimensions }),
} as const
