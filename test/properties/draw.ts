/** Random choices, drawn one after another from fast-check. */
import fc from 'fast-check'

type Gen = <T, Args extends unknown[]>(arbitrary: (...args: Args) => fc.Arbitrary<T>, ...args: Args) => T

export class Draw {
  readonly #gen: Gen
  constructor(gen: Gen) {
    this.#gen = gen
  }
  /** A whole number from 0 up to, but not including, `end`. */
  below(end: number): number {
    return this.#gen(fc.nat, { max: end - 1 })
  }
  between(low: number, high: number): number {
    return low + this.below(high - low + 1)
  }
  /** True in `percent` of all cases. */
  chance(percent: number): boolean {
    return this.below(100) < percent
  }
  pick<T>(options: readonly T[]): T {
    return options[this.below(options.length)]!
  }
  /** `count` different ones. */
  some<T>(options: readonly T[], count: number): T[] {
    const left = [...options]
    return Array.from({ length: Math.min(count, left.length) }, () => left.splice(this.below(left.length), 1)[0]!)
  }
  list<T>(count: number, make: (index: number) => T): T[] {
    return Array.from({ length: count }, (_, index) => make(index))
  }
}

/** `count` results of `make`, the same for the same seed. */
export function sample<T>(seed: number, count: number, make: (draw: Draw) => T): T[] {
  return fc.sample(
    fc.gen().map(gen => make(new Draw(gen as Gen))),
    { seed, numRuns: count },
  )
}
