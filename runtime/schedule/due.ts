/** What is due: a pure function of the definitions, of what was completed, and of time. All instants in microseconds. */
import type { Manifest, Ticks, ViewManifest } from '../contract.ts'
import { tickAt } from './tick.ts'

/** A view that is to be kept fresh. */
export interface Job {
  readonly view: string
  /** Its layout's fingerprint: another layout has rows, ticks and locks of its own. */
  readonly layout: string
  readonly ticks: Ticks
}

/** The materialized views, of some names or all. */
export function jobsOf({ views }: Manifest, names?: readonly string[]): Job[] {
  const chosen = names ? names.flatMap(name => views[name] ?? []) : Object.values(views)
  return chosen.flatMap(({ name, layout, ticks, materialize }: ViewManifest) =>
    materialize && ticks ? [{ view: name, layout: layout.fingerprint, ticks }] : [],
  )
}

/**
 * The newest tick that has come. A view's delay is how long its values may take to be online, not when they are computed.
 *
 * @example
 * newestTick({ refresh: 300_000_000, offset: 0, delay: 0 }, 992_606_699_999_999n) // 992_606_400_000_000n
 */
export function newestTick(ticks: Ticks, now: bigint): bigint {
  return tickAt({ ...ticks, delay: 0 }, now)
}

/**
 * From when on there is a tick to run: the first one after what was completed, or, where nothing was, the newest there is.
 * Ticks that were missed are not replayed: what is run then is the newest of that moment.
 */
export function dueFrom(ticks: Ticks, completed: bigint | null, now: bigint): bigint {
  return completed === null ? newestTick(ticks, now) : newestTick(ticks, completed) + BigInt(ticks.refresh)
}

/** The tick to run now; null where the newest one is completed. */
export function dueTick(ticks: Ticks, completed: bigint | null, now: bigint): bigint | null {
  return dueFrom(ticks, completed, now) <= now ? newestTick(ticks, now) : null
}
