import { backoff } from './backoff.ts'

/** Milliseconds between attempts while a server is away. */
const bounds = { least: 100, most: 5_000 }

/** A server that may be away: how long to wait before it is asked again. */
export class Outage {
  readonly #chance: () => number
  #failures = 0

  /** From 0 to 1. */
  constructor(chance: () => number) {
    this.#chance = chance
  }

  get isOn(): boolean {
    return this.#failures > 0
  }

  /** It did not answer. Milliseconds to wait. */
  failed(): number {
    this.#failures += 1
    return backoff(this.#failures, bounds, this.#chance())
  }

  /** It answered. Says whether it had been away. */
  answered(): boolean {
    const was = this.#failures > 0
    this.#failures = 0
    return was
  }
}
