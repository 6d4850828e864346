/** What the compiler must know of an aggregate: one of these is exported by each aggregate's file. */
import type { ValueType } from '../types.ts'

export interface AggregateKind {
  readonly name: string
  /** Whether it takes a column or expression. */
  readonly argument: 'none' | 'optional' | 'required'
  /** Which argument types it accepts. */
  readonly accepts: (type: ValueType) => boolean
  /** In words, for diagnostics: 'a number'. */
  readonly accepted: string
  /** The type of its value; null argument for the count of rows. */
  readonly result: (argument: ValueType | null) => ValueType
  /** Its value where no row is visible. */
  readonly empty: 0 | null
  /**
   * The running totals it is made of, where the value over a window is the exact difference of two totals:
   * counts, and sums over integers and decimals. Null where a difference would round (floats) or does not exist (min).
   */
  readonly totals: (argument: ValueType | null) => readonly ('rows' | 'count' | 'sum')[] | null
}

export const isNumeric = (type: ValueType): boolean =>
  type.type === 'int32' || type.type === 'int64' || type.type === 'float64' || type.type === 'decimal'

export const isOrdered = (type: ValueType): boolean =>
  isNumeric(type) || type.type === 'string' || type.type === 'timestamp'

/** Types that are added exactly. */
export const isExact = (type: ValueType): boolean => isNumeric(type) && type.type !== 'float64'
