/** Time that passes as fast as the work in it is done: what happens in an hour is tested, or measured, in a second. */
import type { Timer } from '../../runtime/schedule/timer.ts'

interface Sleeper {
  readonly at: number
  readonly order: number
  readonly wake: () => void
  awake: boolean
}

export class VirtualTime implements Timer {
  #now = 0
  #count = 0
  /** A heap: the first one sleeps least. */
  readonly #sleepers: Sleeper[] = []

  now(): number {
    return this.#now
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve()
    return new Promise(resolve => {
      const wake = () => {
        sleeper.awake = true
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const sleeper = { at: this.#now + Math.max(milliseconds, 0), order: this.#count, wake, awake: false }
      this.#count += 1
      signal?.addEventListener('abort', wake)
      this.#push(sleeper)
    })
  }

  /** Lets so many milliseconds pass, and all that happens in them. */
  async pass(milliseconds: number): Promise<void> {
    const until = this.#now + milliseconds
    await idle()
    for (let first = this.#sleepers[0]; first && first.at <= until; first = this.#sleepers[0]) {
      this.#pop()
      if (first.awake) continue
      this.#now = Math.max(this.#now, first.at)
      first.wake()
      // Those of the same moment wake together.
      if (this.#sleepers[0]?.at !== first.at) await idle()
    }
    this.#now = until
  }

  #push(sleeper: Sleeper): void {
    const heap = this.#sleepers
    let place = heap.push(sleeper) - 1
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (!isBefore(sleeper, heap[parent] as Sleeper)) break
      heap[place] = heap[parent] as Sleeper
      place = parent
    }
    heap[place] = sleeper
  }

  #pop(): void {
    const heap = this.#sleepers
    const last = heap.pop() as Sleeper
    if (heap.length === 0) return
    let place = 0
    for (;;) {
      let child = 2 * place + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Sleeper, heap[child] as Sleeper)) child += 1
      if (!isBefore(heap[child] as Sleeper, last)) break
      heap[place] = heap[child] as Sleeper
      place = child
    }
    heap[place] = last
  }
}

/** Time as a process sees it that may be killed, or paused: then nothing in it ever goes on, or not until later. */
export class Process implements Timer {
  readonly #timer: Timer
  #dead = false
  #paused: Promise<void> | null = null
  #resume = () => {}

  constructor(timer: Timer) {
    this.#timer = timer
  }

  now(): number {
    return this.#timer.now()
  }

  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    await this.#timer.sleep(milliseconds, signal)
    if (this.#dead) await never
    while (this.#paused) await this.#paused
    if (this.#dead) await never
  }

  kill(): void {
    this.#dead = true
  }

  pause(): void {
    this.#paused = new Promise(resolve => {
      this.#resume = resolve
    })
  }

  resume(): void {
    this.#paused = null
    this.#resume()
  }
}

const never = new Promise<never>(() => {})

const idle = () => new Promise<void>(resolve => setImmediate(resolve))

const isBefore = (one: Sleeper, other: Sleeper) => one.at < other.at || (one.at === other.at && one.order < other.order)
