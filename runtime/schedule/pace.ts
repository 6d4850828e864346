/** When a worker that has nothing to do looks again: so that the cost of looking depends on what is due, not on who looks. */
import type { Idle } from './locks.ts'

/** Milliseconds between the looks of all workers that have nothing to do, together. */
const gap = 100
const least = 1_000
const most = 30_000

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
 * Where something comes within the pace, so many workers wake for it as are likely to take all of it, twice over; each at
 * some moment within `ahead` of it. The others sleep on.
 */
export function nextLook(idle: Idle, now: number, ahead: number, chance: () => number): Look {
  const { next, upcoming, workers } = idle
  const pace = paceOf(workers)
  const away = next === null ? Number.POSITIVE_INFINITY : Math.max(next - now, 0)
  const isOurs = away <= pace && chance() * workers < 2 * upcoming
  const wait = isOurs ? away - Math.min(ahead, away) * chance() : pace * (0.5 + chance() / 2)
  // What is due and was not taken is locked by another build: not again at once.
  return { wait: Math.max(wait, isOurs && away === 0 ? 50 : 1), pace }
}
