/**
 * Row expressions as data: what `where(row => row.status.eq('declined'))` returns.
 *
 * Every operation is a call of a named function, so a dialect is complete when it has an entry for
 * each name. Nulls follow SQL: comparisons with null are null, `and`/`or` are three-valued.
 */

/** A constant as the author wrote it; the compiler gives it the type its place asks for. */
export type LiteralValue = null | boolean | number | bigint | string | Date

export type Expression =
  | { readonly kind: 'column'; readonly name: string }
  | { readonly kind: 'literal'; readonly value: LiteralValue }
  | { readonly kind: 'call'; readonly function: FunctionName; readonly arguments: readonly Expression[] }

/** The functions of row expressions. Their types are in the compiler's signature table, their SQL in each dialect. */
export const functionNames = [
  // comparison: (ordered or equal types) -> boolean
  'eq',
  'ne',
  'lt',
  'lte',
  'gt',
  'gte',
  /** in(value, option...) */
  'in',
  // nulls
  'is_null',
  'coalesce',
  // boolean logic
  'and',
  'or',
  'not',
  /** case(condition, value, condition, value, ..., otherwise) */
  'case',
  // arithmetic; overflow is an error, division is real division and null where the divisor is 0
  'add',
  'subtract',
  'multiply',
  'divide',
  'modulo',
  'negate',
  'abs',
  'floor',
  'ceil',
  // text
  'concat',
  'lower',
  'upper',
  'trim',
  /** In characters (code points). */
  'length',
  'starts_with',
  'ends_with',
  'contains',
  /** substring(text, start from 1, length) in characters */
  'substring',
  // time, in UTC
  'year',
  'month',
  'day',
  'hour',
  'minute',
  /** 1 Monday .. 7 Sunday */
  'day_of_week',
  /** seconds_between(from, to): float64 */
  'seconds_between',
] as const

export type FunctionName = (typeof functionNames)[number]
