import type { ValueType } from '../types.ts'
import type { AggregateKind } from './aggregate.ts'

const countable = (type: ValueType): boolean => !['json', 'list', 'vector'].includes(type.type)

/** How many different values that are not null; exact. */
export const countDistinct = {
  name: 'countDistinct',
  argument: 'required',
  accepts: countable,
  accepted: 'a scalar (not json, list or vector)',
  result: () => ({ type: 'int64', as: 'number' }),
  empty: 0,
  totals: () => null,
} as const satisfies AggregateKind
