/** The time that a call may take, over all that it does. */
import { MeridianError } from './errors.ts'

/** What work that has a deadline goes by. */
export interface Deadline {
  /** Aborts when the time is over: what runs on a server is cancelled. */
  readonly signal: AbortSignal
  /** Throws when it is: between functions, which nothing can interrupt. */
  check(): void
}

/**
 * Runs work that ends in time or fails; without a timeout, without one.
 *
 * @throws MeridianError `deadline.exceeded`
 */
export async function inTime<T>(
  timeout: number | undefined,
  work: (deadline: Deadline | null) => Promise<T>,
): Promise<T> {
  if (timeout === undefined) return work(null)
  const exceeded = () =>
    new MeridianError('deadline.exceeded', `the call took longer than its timeout of ${timeout} ms`, { timeout })
  if (!(timeout > 0)) throw exceeded()
  // Made for those who cancel something: it costs as much as all the rest.
  let controller: AbortController | null = null
  const end = performance.now() + timeout
  const check = () => {
    if (performance.now() >= end) throw exceeded()
  }
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      // First: what is aborted fails with an error of its own.
      reject(exceeded())
      controller?.abort()
    }, timeout)
  })
  const deadline: Deadline = {
    get signal() {
      controller ??= new AbortController()
      return controller.signal
    },
    check,
  }
  try {
    const value = await Promise.race([work(deadline), late])
    // A function that takes all the time keeps the timer from running.
    check()
    return value
  } finally {
    clearTimeout(timer)
  }
}
