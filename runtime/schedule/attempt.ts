/** One claim: waits for its time, runs the newest tick of that moment, and gives the lock back with what became of it. */
import { MeridianError } from '../errors.ts'
import { toDate } from '../instant.ts'
import { retryAfter } from './backoff.ts'
import { dueFrom, type Job, newestTick } from './due.ts'
import type { Observer } from './events.ts'
import type { Claim, Done, Failure, Locks } from './locks.ts'
import type { Timer } from './timer.ts'

/** What a run did, or which tick it found completed, in microseconds. */
export type Outcome = { readonly run: NonNullable<Done['run']> } | { readonly found: bigint }

/** Brings a view to a tick, in microseconds, unless it is there. `now` is the store's clock. */
export type Run = (job: Job, tick: bigint, signal: AbortSignal, now: () => Date) => Promise<Outcome>

export interface AttemptContext {
  readonly worker: string
  readonly timer: Timer
  /** From 0 to 1. */
  readonly chance: () => number
  readonly run: Run
  /** Milliseconds of the store's clock, as far as is known; never ahead of it. */
  readonly storeNow: () => number
  readonly tell: Observer
  /** Tells the store, at once or when it is back. */
  readonly owe: (call: (locks: Locks) => Promise<unknown>) => Promise<void>
  readonly databaseAway: (error: Error) => void
  readonly databaseBack: () => void
}

/** `lost`: the lock; `stopped`: the worker; `late`: it took too long. */
export type Ending = 'lost' | 'stopped' | 'late'

export class Attempt {
  readonly claim: Claim
  readonly #job: Job
  readonly #context: AttemptContext
  readonly #controller = new AbortController()
  #ending: Ending | null = null
  #tick: bigint | null = null
  #startedAt = 0
  /** Failures in a row before this one. */
  #failures: number

  constructor(claim: Claim, job: Job, context: AttemptContext) {
    this.claim = claim
    this.#job = job
    this.#context = context
    this.#failures = claim.failure?.attempt ?? 0
  }

  /** Milliseconds that it has run; null while it waits for its time. */
  get running(): number | null {
    return this.#tick === null ? null : this.#context.timer.now() - this.#startedAt
  }

  /** While it waits its lock holds by itself; what was ended must not keep it. */
  get needsLock(): boolean {
    return this.#tick !== null && !this.#ending
  }

  end(ending: Ending): void {
    if (this.#ending) return
    this.#ending = ending
    this.#controller.abort()
  }

  /** Resolves to when the view is due again, in milliseconds of the store's clock. */
  async work(): Promise<number> {
    const { timer, storeNow, worker, tell, run } = this.#context
    for (let left = this.claim.dueAt - storeNow(); left > 0 && !this.#ending; left = this.claim.dueAt - storeNow())
      await timer.sleep(left, this.#controller.signal)
    if (this.#ending) return this.#release(this.claim.dueAt)
    const tick = newestTick(this.#job.ticks, micros(storeNow()))
    this.#tick = tick
    this.#startedAt = timer.now()
    try {
      if (this.claim.abandoned && (await this.#wasAbandoned())) return storeNow()
      tell({ kind: 'tick.started', ...this.#named(worker), late: this.#lag(), attempt: this.#failures + 1 })
      const outcome = await run(this.#job, tick, this.#controller.signal, () => new Date(storeNow()))
      return await this.#completed(outcome)
    } catch (error) {
      return this.#ended(error instanceof Error ? error : new Error(String(error)))
    }
  }

  async #completed(outcome: Outcome): Promise<number> {
    const { worker, storeNow, tell, owe, databaseBack } = this.#context
    const now = storeNow()
    const tick = 'found' in outcome ? outcome.found : (this.#tick as bigint)
    const run = 'found' in outcome ? null : outcome.run
    databaseBack()
    if (run) tell({ kind: 'tick.completed', ...this.#named(worker), lag: this.#lag(), ...run })
    else tell({ kind: 'tick.skipped', ...this.#named(worker), tick: toDate(tick) })
    const dueAt = milliseconds(dueFrom(this.#job.ticks, tick, micros(now)))
    const done: Done = { tick: Number(tick), completedAt: now, run, worker }
    await owe(locks => locks.finish(this.claim, done, dueAt))
    return dueAt
  }

  async #ended(error: Error): Promise<number> {
    const { worker, storeNow, tell, databaseAway, chance } = this.#context
    if (this.#ending === 'lost') {
      tell({ kind: 'lock.lost', ...this.#named(worker) })
      return storeNow()
    }
    if (this.#ending === 'stopped') {
      tell({ kind: 'tick.released', ...this.#named(worker) })
      return this.#release(storeNow())
    }
    const reason = reasonOf(error)
    if (reason === 'store.unavailable' || reason === 'store.timeout' || reason === 'store.closed') {
      this.#tellFailed(error, 0, storeNow())
      return this.#release(storeNow())
    }
    if (reason === 'database.unavailable') {
      databaseAway(error)
      // Another worker may reach it.
      return this.#fail(error, 0, 1_000 + 1_000 * chance())
    }
    const took = this.running ?? 0
    return this.#fail(
      this.#ending === 'late' ? this.#tooLate(took) : error,
      1,
      retryAfter(this.#failures + 1, this.#job.ticks.refresh / 1000, took, chance()),
    )
  }

  /** Whether the view must wait: one that ends its workers' processes may not end them all. */
  async #wasAbandoned(): Promise<boolean> {
    const { owe, chance, worker } = this.#context
    const times = this.#failures + 1
    const error = new MeridianError(
      'materialize.failed',
      `view "${this.#job.view}" was not materialized: a worker that ran it vanished, or was paused for too long; failures in a row: ${times}`,
      { view: this.#job.view },
    )
    // Workers are killed for many reasons: the first time it is run again at once.
    if (times > 1) {
      await this.#fail(error, 1, retryAfter(times - 1, this.#job.ticks.refresh / 1000, 0, chance()))
      return true
    }
    this.#failures = times
    const failure = this.#failure(error, times, 0, worker)
    await owe(locks => locks.note(this.claim, failure))
    return false
  }

  async #fail(error: Error, more: 0 | 1, wait: number): Promise<number> {
    const { worker, owe } = this.#context
    const failure = this.#failure(error, this.#failures + more, wait, worker)
    this.#tellFailed(error, more === 0 ? 0 : failure.attempt, failure.retryAt)
    await owe(locks => locks.fail(this.claim, failure))
    return failure.retryAt
  }

  #failure(error: Error, attempt: number, wait: number, worker: string): Failure {
    const failedAt = this.#context.storeNow()
    const retryAt = Math.round(failedAt + wait)
    return { attempt, tick: Number(this.#tick), error: error.message, failedAt, retryAt, worker }
  }

  #tellFailed(error: Error, attempt: number, retryAt: number): void {
    const { tell, worker } = this.#context
    const seconds = (this.running ?? 0) / 1000
    tell({ kind: 'tick.failed', ...this.#named(worker), attempt, retryAt: new Date(retryAt), seconds, error })
  }

  async #release(dueAt: number): Promise<number> {
    await this.#context.owe(locks => locks.release(this.claim, Math.round(dueAt)))
    return dueAt
  }

  #tooLate(took: number): MeridianError {
    const { view } = this.#job
    const tick = toDate(this.#tick as bigint)
    const message = `view "${view}" was not materialized at ${tick.toISOString()}: it took longer than ${Math.round(took / 1000)} s and was given up`
    return new MeridianError('materialize.failed', message, { view, tick })
  }

  #named(worker: string) {
    return { view: this.#job.view, tick: toDate(this.#tick as bigint), worker }
  }

  /** Seconds since the tick. */
  #lag(): number {
    return this.#context.storeNow() / 1000 - Number(this.#tick) / 1e6
  }
}

/** The code of what is below a failed run, where it is one of ours. */
function reasonOf(error: Error): unknown {
  return error instanceof MeridianError ? (error.details.reason ?? error.code) : null
}

const micros = (milliseconds: number): bigint => BigInt(Math.floor(milliseconds)) * 1000n
/** Not before the instant. */
const milliseconds = (micros: bigint): number => Math.ceil(Number(micros) / 1000)
