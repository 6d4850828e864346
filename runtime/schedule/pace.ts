/** When a worker that has nothing to do looks again: so that the cost of looking depends on what is due, not on who looks. */
import type { Idle } from './locks.ts'

/** Milliseconds between the looks of all workers that have nothing to do, together. */
const gap = 500
const least = 10_000
const most = 60_000

/** Milliseconds that one of so many workers may sleep where nothing comes: a surprise is seen by one of them soon. */
export function paceOf(workers: number): number {
  return Math.min(Math.max(workers * gap, least), most)
}

export interface Look {
  /** Milliseconds until the worker looks again. */
  readonly wait: number
  readonly pace: number
}

/**
 * Of what comes within the pace, each worker looks for one, chosen by chance, at some moment within `ahead` of it: but not
 * more of them than are likely to take it all, twice over. The others sleep on.
 */
export function nextLook({ some, upcoming, workers }: Idle, now: number, ahead: number, chance: () => number): Look {
  const pace = paceOf(workers)
  if (some === null || chance() * workers >= 2 * upcoming) return { wait: pace * (0.5 + chance() / 2), pace }
  const away = Math.max(some - now, 0)
  // Locked by another build, or until a lock expires: which cannot be had ahead of its time.
  if (away === 0 || !Number.isInteger(some)) return { wait: away + 50 + 200 * chance(), pace }
  return { wait: Math.max(away - Math.min(ahead, away) * chance(), 1), pace }
}
