/** Durations and ticks, in microseconds. */
import type { ViewOptions } from '../../dsl/index.ts'

const units: Readonly<Record<string, bigint>> = {
  us: 1n,
  ms: 1_000n,
  s: 1_000_000n,
  m: 60_000_000n,
  h: 3_600_000_000n,
  d: 86_400_000_000n,
  w: 604_800_000_000n,
}

export function duration(text: string): bigint {
  const [, count, unit] = /^(\d+)(us|ms|s|m|h|d|w)$/.exec(text) ?? []
  if (count === undefined || unit === undefined) throw new TypeError(`not a duration: ${text}`)
  return BigInt(count) * units[unit]!
}

/** Microseconds of an ISO 8601 text in UTC with up to six decimals: `2024-01-01T00:00:00.000001Z`. */
export function instant(text: string): bigint {
  const [, seconds, fraction = ''] = /^(.{19})(?:\.(\d{1,6}))?Z?$/.exec(text) ?? []
  return BigInt(Date.parse(`${seconds}Z`)) * 1000n + BigInt(fraction.padEnd(6, '0'))
}

const floorDivide = (a: bigint, b: bigint): bigint => {
  const quotient = a / b
  return a % b < 0n ? quotient - 1n : quotient
}

/** The last tick at or before `at`: ticks are the whole multiples of `refresh`, plus `offset`. */
export function tickAtOrBefore(view: ViewOptions, at: bigint): bigint {
  if (view.refresh === null) throw new TypeError('the view has no ticks')
  const refresh = duration(view.refresh)
  const offset = duration(view.offset ?? '0s')
  return floorDivide(at - offset, refresh) * refresh + offset
}

/** A tick, and when it was completed. */
export interface Completion {
  readonly tick: bigint
  readonly completed: bigint
}

/** Exact; as served by ticks that are never late; or as served by those that were completed. */
export type Accuracy = 'exact' | 'as_served' | readonly Completion[]

/** `a(t)`: the instant a view's features are evaluated at for a spine row at `t`; null where nothing was online. */
export function asOf(view: ViewOptions, t: bigint, accuracy: Accuracy): bigint | null {
  if (accuracy === 'exact' || !view.materialize) return t
  if (accuracy !== 'as_served') {
    // What is stored is never replaced by something older.
    const online = accuracy.filter(({ completed }) => completed <= t).map(({ tick }) => tick)
    return online.reduce<bigint | null>((newest, tick) => (newest === null || tick > newest ? tick : newest), null)
  }
  return tickAtOrBefore(view, t - duration(view.delay ?? '0s'))
}
