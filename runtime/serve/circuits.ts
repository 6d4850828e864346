/** Circuit breakers: while a store is away, requests are not made to wait for it one by one. */
import {
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  isBrokenCircuitError,
} from 'cockatiel'
import { MeridianError } from '../errors.ts'
import type { Metrics, StoreState } from './metrics.ts'
import { Problem } from './problems.ts'

/**
 * So many failures in a row. Not a share of all: where one node of three is away, the others go on, and there is hardly such a row.
 */
const failures = 20
/** Milliseconds until one request tries again. */
const pause = 250

const stateNames: Readonly<Record<CircuitState, StoreState>> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.HalfOpen]: 'half-open',
  [CircuitState.Open]: 'open',
  [CircuitState.Isolated]: 'open',
}

export interface CircuitEvents {
  readonly metrics: Metrics
  readonly changed: (store: string, state: StoreState) => void
}

export class Circuits {
  readonly #store: Circuit
  readonly #database: Circuit

  constructor(events: CircuitEvents) {
    this.#store = new Circuit('store', isOfStore, events)
    this.#database = new Circuit('database', isOfDatabase, events)
  }

  /**
   * Runs a read.
   *
   * @throws Problem `store.unavailable`, `database.unavailable` at once while the circuit is open, or another read tries; else what the read throws
   */
  run<T>(uses: { readonly store: boolean; readonly database: boolean }, read: () => Promise<T>): Promise<T> {
    const throughDatabase = uses.database ? () => this.#database.run(read) : read
    return uses.store ? this.#store.run(throughDatabase) : throughDatabase()
  }
}

class Circuit {
  readonly #type: 'store.unavailable' | 'database.unavailable'
  readonly #counts: (error: Error) => boolean
  readonly #policy: CircuitBreakerPolicy
  /** Whether it failed since it last did not. */
  #failing = false

  constructor(name: 'store' | 'database', counts: (error: Error) => boolean, events: CircuitEvents) {
    this.#type = `${name}.unavailable`
    this.#counts = counts
    this.#policy = policyOf(name, counts, events)
  }

  /** While all is well the breaker need not be told: it would only be told to forget failures that there are none of. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#failing) return this.#guarded(work)
    try {
      return await work()
    } catch (error) {
      if (!this.#counts(error as Error)) throw error
      this.#failing = true
      return this.#guarded(() => Promise.reject(error))
    }
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    // One request tries whether the store is back; the policy would let the others wait for what it finds.
    if (this.#policy.state === CircuitState.HalfOpen) throw new Problem(this.#type)
    try {
      const value = await this.#policy.execute(work)
      if (this.#policy.state === CircuitState.Closed) this.#failing = false
      return value
    } catch (error) {
      throw isBrokenCircuitError(error) ? new Problem(this.#type, undefined, [], error) : error
    }
  }
}

function policyOf(name: string, counts: (error: Error) => boolean, { metrics, changed }: CircuitEvents) {
  // What fails for another reason, such as the other store's, has not shown that this one is back.
  const fails = handleWhen((error): boolean => policy.state === CircuitState.HalfOpen || counts(error))
  const policy: CircuitBreakerPolicy = circuitBreaker(fails, {
    halfOpenAfter: pause,
    breaker: new ConsecutiveBreaker(failures),
  })
  let told: StoreState = 'closed'
  metrics.store(name, told)
  policy.onStateChange(state => {
    const now = stateNames[state]
    metrics.store(name, now)
    // Trying again is no news.
    if (now === 'half-open' || now === told) return
    told = now
    changed(name, now)
  })
  return policy
}

function isOfStore(error: Error): boolean {
  return error instanceof MeridianError && (error.code === 'store.unavailable' || error.code === 'store.timeout')
}

/** A deadline passes while the database is asked, since the store's own is shorter; one that a function missed is a Problem by then. */
function isOfDatabase(error: Error): boolean {
  return error instanceof MeridianError && (error.code === 'database.unavailable' || error.code === 'deadline.exceeded')
}

/** Whether a service may answer with defaults. */
export function isStoreFailure(error: unknown): boolean {
  if (error instanceof Problem) return error.type === 'store.unavailable' || error.type === 'database.unavailable'
  return error instanceof MeridianError && (isOfStore(error) || isOfDatabase(error))
}
