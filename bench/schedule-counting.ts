/** Locks that count what is asked of them; each call takes as long as a network does. */
import type { Locks } from '../runtime/schedule/locks.ts'
import type { Timer } from '../runtime/schedule/timer.ts'

export interface Counts {
  /** Calls, each of which is a command to Redis. */
  commands: number
  attempts: number
  won: number
}

export const noCounts = (): Counts => ({ commands: 0, attempts: 0, won: 0 })

/** `latency`: milliseconds of a round trip that the timer is to take; 0 where there is a real network. */
export function counting(locks: Locks, counts: Counts, timer: Timer, latency: number): Locks {
  const call = async <T>(work: () => Promise<T>): Promise<T> => {
    counts.commands += 1
    if (latency > 0) await timer.sleep(latency / 2)
    const result = await work()
    if (latency > 0) await timer.sleep(latency / 2)
    return result
  }
  return {
    claim: request =>
      call(async () => {
        counts.attempts += 1
        const answer = await locks.claim(request)
        if (answer.claim) counts.won += 1
        return answer
      }),
    renew: (claims, lease) => call(() => locks.renew(claims, lease)),
    finish: (...args) => call(() => locks.finish(...args)),
    fail: (...args) => call(() => locks.fail(...args)),
    note: (...args) => call(() => locks.note(...args)),
    release: (...args) => call(() => locks.release(...args)),
    enter: (...args) => call(() => locks.enter(...args)),
    remember: (...args) => call(() => locks.remember(...args)),
    turn: (...args) => call(() => locks.turn(...args)),
    states: (...args) => call(() => locks.states(...args)),
    close: async () => {},
  }
}
