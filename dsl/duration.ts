/** The units a duration may have, in microseconds. A day is always 24 hours; there are no months. */
export const durationUnits = {
  us: 1,
  ms: 1_000,
  s: 1_000_000,
  m: 60_000_000,
  h: 3_600_000_000,
  d: 86_400_000_000,
  w: 604_800_000_000,
} as const

/**
 * A fixed length of time: a number and a unit (`us ms s m h d w`).
 *
 * @example
 * const window: Duration = '2h'
 */
export type Duration = `${number}${keyof typeof durationUnits}`
