/** How long the store keeps a row: nothing else removes the rows of keys, views and layouts that are no more. */

const day = 86_400_000

/** Milliseconds that a row stays after it was last written. A store that nobody fills for longer is empty. */
const retention = 30 * day

/** Milliseconds after which a run computes all keys again, so that the rows of keys that never change stay too. */
export const fullEvery = 7 * day

/** Milliseconds that a row stays at the least, so that it takes the place of what was stored before. */
const least = 60_000

/**
 * A function from the event timestamp of a row's last event, in microseconds, to milliseconds that the row stays. Once
 * that event is longer ago than the view looks back, the row says no more than none would; it stays for as long again, at
 * least a day, in which a read can still tell expired from missing.
 */
export function lifetimeOf(horizon: number | null, tick: number): (eventTimestamp: number) => number {
  if (horizon === null) return () => retention
  const after = horizon + Math.max(horizon, day * 1000)
  return eventTimestamp => Math.max(least, Math.min(retention, Math.ceil((eventTimestamp - tick + after) / 1000)))
}
