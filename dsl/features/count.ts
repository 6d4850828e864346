import type { AggregateKind } from './aggregate.ts'

/** Rows, or rows whose argument is not null. */
export const count = {
  name: 'count',
  argument: 'optional',
  accepts: () => true,
  accepted: 'any type',
  result: () => ({ type: 'int64', as: 'number' }),
  empty: 0,
  totals: argument => [argument === null ? 'rows' : 'count'],
} as const satisfies AggregateKind
