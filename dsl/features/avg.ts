import { type AggregateKind, isExact, isNumeric } from './aggregate.ts'

/** The mean of the values that are not null, as float64; null where there is none. */
export const avg = {
  name: 'avg',
  argument: 'required',
  accepts: isNumeric,
  accepted: 'a number',
  result: () => ({ type: 'float64' }),
  empty: null,
  totals: argument => (argument && isExact(argument) ? ['count', 'sum'] : null),
} as const satisfies AggregateKind
