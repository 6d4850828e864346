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
  readonly #store: CircuitBreakerPolicy
  readonly #database: CircuitBreakerPolicy

  constructor(events: CircuitEvents) {
    this.#store = policyOf('store', isOfStore, events)
    this.#database = policyOf('database', isOfDatabase, events)
  }

  /**
   * Runs a read.
   *
   * @throws Problem `store.unavailable`, `database.unavailable` at once while the circuit is open; else what the read throws
   */
  async run<T>(uses: { readonly store: boolean; readonly database: boolean }, read: () => Promise<T>): Promise<T> {
    const throughDatabase = uses.database ? () => guarded(this.#database, 'database.unavailable', read) : read
    return uses.store ? guarded(this.#store, 'store.unavailable', throughDatabase) : throughDatabase()
  }
}

function policyOf(name: string, counts: (error: Error) => boolean, { metrics, changed }: CircuitEvents) {
  const policy = circuitBreaker(handleWhen(counts), { halfOpenAfter: pause, breaker: new ConsecutiveBreaker(failures) })
  metrics.store(name, 'closed')
  policy.onStateChange(state => {
    metrics.store(name, stateNames[state])
    changed(name, stateNames[state])
  })
  return policy
}

async function guarded<T>(
  policy: CircuitBreakerPolicy,
  type: 'store.unavailable' | 'database.unavailable',
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await policy.execute(work)
  } catch (error) {
    throw isBrokenCircuitError(error) ? new Problem(type, undefined, [], error) : error
  }
}

function isOfStore(error: Error): boolean {
  return error instanceof MeridianError && (error.code === 'store.unavailable' || error.code === 'store.timeout')
}

/** A deadline passes while the database is asked, or in a function: the store's own is shorter. */
function isOfDatabase(error: Error): boolean {
  return error instanceof MeridianError && (error.code === 'database.unavailable' || error.code === 'deadline.exceeded')
}

/** Whether a service may answer with defaults. */
export function isStoreFailure(error: unknown): boolean {
  const code = error instanceof MeridianError ? error.code : error instanceof Problem ? error.type : ''
  return code === 'store.unavailable' || code === 'store.timeout' || code === 'database.unavailable'
}
