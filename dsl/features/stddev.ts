import { type AggregateKind, isNumeric } from './aggregate.ts'

/** The sample standard deviation of the values that are not null, as float64; null where there are fewer than two. */
export const stddev = {
  name: 'stddev',
  argument: 'required',
  accepts: isNumeric,
  accepted: 'a number',
  result: () => ({ type: 'float64' }),
  empty: null,
  totals: () => null,
} as const satisfies AggregateKind
