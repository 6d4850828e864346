/** Whether to send requests to a pod: it can reach its stores, and what it would read has been written. */
import { MeridianError } from '../errors.ts'
import type { Store } from '../store.ts'
import type { Environment } from '../view-runtime.ts'

export interface Readiness {
  readonly ready: boolean
  /** Why not; or what is away though answers can be given. */
  readonly problems: readonly string[]
}

/** Milliseconds for what a probe asks. */
const patience = 1_000

export class Ready {
  readonly #environment: Environment
  readonly #store: Store
  /** Layouts that are written. One that is once stays so. */
  readonly #known = new Set<string>()
  #asking: Promise<Readiness> | null = null

  constructor(environment: Environment, store: Store) {
    this.#environment = environment
    this.#store = store
  }

  /** Those who ask at once are told the same. */
  check(): Promise<Readiness> {
    this.#asking ??= this.#check().finally(() => {
      this.#asking = null
    })
    return this.#asking
  }

  async #check(): Promise<Readiness> {
    const [unwritten, away] = await Promise.all([this.#unwritten(), this.#databaseAway()])
    const problems = [...unwritten.problems, ...away]
    // Who may answer with defaults is not to be cut off when a store is away.
    const degrades = Object.values(this.#store.manifest.services).some(
      ({ onStoreFailure }) => onStoreFailure === 'defaults',
    )
    const known = this.#known.size === this.#stored().length
    return { ready: problems.length === 0 || (degrades && known && unwritten.missing === 0), problems }
  }

  #stored() {
    return Object.values(this.#store.manifest.views).filter(view => view.materialize)
  }

  async #unwritten(): Promise<{ readonly problems: string[]; readonly missing: number }> {
    const stored = this.#stored()
    const unknown = stored.filter(view => !this.#known.has(view.name))
    // Where all are known, one of them tells whether the store answers.
    const asked = unknown.length > 0 ? unknown : stored.slice(0, 1)
    const problems = new Set<string>()
    let missing = 0
    await Promise.all(
      asked.map(async ({ name, layout }) => {
        try {
          if ((await this.#environment.online.completedTick(name, layout.fingerprint)) !== null) this.#known.add(name)
          else if (!this.#known.has(name)) {
            missing += 1
            problems.add(`view ${name} was never materialized in this layout, ${layout.fingerprint}`)
          }
        } catch (error) {
          problems.add(told(error, 'the online store'))
        }
      }),
    )
    return { problems: [...problems], missing }
  }

  /** Asked only where reads need it. */
  async #databaseAway(): Promise<string[]> {
    const computed = Object.values(this.#store.manifest.views).find(view => !view.materialize)
    if (!computed) return []
    const nobody = Object.fromEntries(computed.keys.map(({ name }) => [name, null]))
    try {
      await this.#store.view(computed.name).get(nobody, { timeout: patience })
      return []
    } catch (error) {
      return [told(error, 'the database')]
    }
  }
}

/** Without addresses: probes are answered to anybody. */
function told(error: unknown, what: string): string {
  return `${what} cannot be read: ${error instanceof MeridianError ? error.code : 'a fault'}`
}
