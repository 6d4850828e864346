import type { Timer } from './timer.ts'

/** A sleep that others may shorten. */
export class Rest {
  readonly #timer: Timer
  #until = Number.NEGATIVE_INFINITY
  #wake = new AbortController()
  #over = false

  constructor(timer: Timer) {
    this.#timer = timer
  }

  async sleep(milliseconds: number): Promise<void> {
    this.#until = this.#timer.now() + milliseconds
    while (!this.#over) {
      const left = this.#until - this.#timer.now()
      if (left <= 0) return
      this.#wake = new AbortController()
      // A timer takes no more.
      await this.#timer.sleep(Math.min(left, 2 ** 31 - 1), this.#wake.signal)
    }
  }

  /** Ends a sleep that would last longer than so many milliseconds from now. */
  wakeIn(milliseconds: number): void {
    const moment = this.#timer.now() + Math.max(milliseconds, 0)
    if (moment >= this.#until) return
    this.#until = moment
    this.#wake.abort()
  }

  /** Ends it, and all that follow. */
  end(): void {
    this.#over = true
    this.#wake.abort()
  }
}
