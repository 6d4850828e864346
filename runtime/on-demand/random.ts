/** The `random` of a function: the same numbers for the same view, feature, join keys and instant, online and offline. */
import { createHash } from 'node:crypto'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus'

type Generator = ReturnType<typeof xoroshiro128plusFromState>

/** Whose turn it is. The loop over rows sets `row` and `feature`; numbers are only made where a function asks. */
export class Draw {
  row = 0
  feature = 0
  readonly random: () => number
  #generator: Generator | null = null
  #row = -1
  #feature = -1
  #seed: (row: number, feature: number) => string = () => ''

  constructor() {
    // A property of its own: functions get it without this object.
    this.random = () => uniformFloat64(this.#current())
  }

  /** Before the first row of some. */
  begin(seed: (row: number, feature: number) => string): void {
    this.#seed = seed
    this.#generator = null
  }

  #current(): Generator {
    if (this.#generator !== null && this.#row === this.row && this.#feature === this.feature) return this.#generator
    this.#row = this.row
    this.#feature = this.feature
    this.#generator = generatorOf(this.#seed(this.row, this.feature))
    return this.#generator
  }
}

function generatorOf(seed: string): Generator {
  const digest = createHash('sha256').update(seed).digest()
  return xoroshiro128plusFromState([0, 4, 8, 12].map(at => digest.readInt32LE(at)))
}

/**
 * What the numbers of one function for one row follow from. A null join key is not the text "null".
 *
 * @example
 * seedOf('flight_risk', 'jitter', [':SEA'], 992606400000000n)
 */
export function seedOf(view: string, feature: string, parts: readonly (string | null)[], now: bigint): string {
  return `${view}.${feature}${parts.map(part => part ?? '%').join('')}@${now}`
}
