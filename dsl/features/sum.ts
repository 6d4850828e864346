import { type AggregateKind, isExact, isNumeric } from './aggregate.ts'

/** The sum of the values that are not null; null where there is none. Integers add up to int64, decimals to 38 digits. */
export const sum = {
  name: 'sum',
  argument: 'required',
  accepts: isNumeric,
  accepted: 'a number',
  result: argument => {
    if (argument?.type === 'decimal') return { type: 'decimal', precision: 38, scale: argument.scale }
    if (argument?.type === 'float64') return argument
    return { type: 'int64', as: argument?.type === 'int64' ? argument.as : 'number' }
  },
  empty: null,
  totals: argument => (argument && isExact(argument) ? ['count', 'sum'] : null),
} as const satisfies AggregateKind
