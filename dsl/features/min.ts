import { type AggregateKind, isOrdered } from './aggregate.ts'

/** The least value that is not null; null where there is none. Text is ordered by bytes, NaN is the greatest number. */
export const min = {
  name: 'min',
  argument: 'required',
  accepts: isOrdered,
  accepted: 'a number, string or timestamp',
  result: argument => argument ?? { type: 'float64' },
  empty: null,
  totals: () => null,
} as const satisfies AggregateKind
