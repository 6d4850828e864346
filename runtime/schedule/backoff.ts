/** How long to wait after a failure: longer each time, within bounds, and by chance, so that no two come back as one. */

export interface Bounds {
  /** Milliseconds, both. */
  readonly least: number
  readonly most: number
}

/**
 * Milliseconds to wait after the `attempt`th failure in a row: twice as long each time, from `least` to `most`, of which
 * the second half is up to `chance` (0 to 1).
 *
 * @example
 * backoff(3, { least: 1000, most: 60_000 }, Math.random()) // from 2000 to 4000
 */
export function backoff(attempt: number, { least, most }: Bounds, chance: number): number {
  const longest = Math.min(least * 2 ** Math.min(attempt - 1, 40), most)
  return Math.round(longest / 2 + (longest / 2) * chance)
}

/**
 * Milliseconds until a view that failed is tried again. A view is not kept waiting for long beyond its refresh; one that
 * takes long to fail waits as long as it took, so that it never has more than half of a worker's place.
 */
export function retryAfter(attempt: number, refresh: number, took: number, chance: number): number {
  const most = Math.min(Math.max(refresh, 30_000), 600_000)
  return backoff(attempt, { least: 1_000, most }, chance) + Math.round(Math.min(took, 600_000))
}
