/**
 * A worker: takes what is due, a few views at once, and keeps what it took until it is done. Any number of them share the
 * work without knowing of each other.
 */
import { MeridianError } from '../errors.ts'
import { Attempt, type AttemptContext, type Run } from './attempt.ts'
import { dueFrom, type Job } from './due.ts'
import type { Observer } from './events.ts'
import { type Answer, type Claim, type Locks, memberOf } from './locks.ts'
import { Outage } from './outage.ts'
import { nextLook, paceOf } from './pace.ts'
import { Rest } from './rest.ts'
import { realTimer, type Timer } from './timer.ts'

export interface WorkerParts {
  readonly jobs: readonly Job[]
  /** Connects; asked again where it fails. */
  readonly openLocks: () => Promise<Locks>
  readonly run: Run
  /** Changes where the store may have lost rows; empty where it does not say. */
  readonly incarnation: () => Promise<string>
  readonly observe?: Observer | undefined
  readonly timer?: Timer
  /** From 0 to 1. */
  readonly chance?: () => number
}

export interface WorkerSettings {
  readonly name: string
  /** Views at once. */
  readonly concurrency: number
  /** Milliseconds that a lock outlives its worker. */
  readonly lease: number
  /** Milliseconds that work is taken ahead of its time. */
  readonly ahead: number
  /** Milliseconds after which a run is given up. */
  readonly timeLimit: number
}

/** Milliseconds between two offers to look after the shared state. */
const lookEvery = 5_000

export class Worker {
  /** Resolves when it has stopped; rejects with what is a fault of ours. */
  readonly finished: Promise<void>
  readonly #parts: WorkerParts
  readonly #settings: WorkerSettings
  readonly #timer: Timer
  readonly #chance: () => number
  readonly #jobs: ReadonlyMap<string, Job>
  readonly #context: AttemptContext
  readonly #attempts = new Map<Attempt, Promise<void>>()
  /** What a store that was away is still to be told. */
  #owed: ((locks: Locks) => Promise<unknown>)[] = []
  #locks: Locks | null = null
  /** The store's clock less ours. */
  #offset = 0
  #pace = paceOf(1)
  #lookedAt = Number.NEGATIVE_INFINITY
  readonly #store: Outage
  readonly #database: Outage
  #databaseUntil = Number.NEGATIVE_INFINITY
  readonly #rest: Rest
  #stopping = false
  #fault: { readonly error: unknown } | null = null
  readonly #ended = new AbortController()

  constructor(parts: WorkerParts, settings: WorkerSettings) {
    this.#parts = parts
    this.#settings = settings
    this.#timer = parts.timer ?? realTimer
    this.#chance = parts.chance ?? Math.random
    this.#rest = new Rest(this.#timer)
    this.#store = new Outage(this.#chance)
    this.#database = new Outage(this.#chance)
    this.#jobs = new Map(parts.jobs.map(job => [memberOf(job), job]))
    this.#context = {
      worker: settings.name,
      timer: this.#timer,
      chance: this.#chance,
      run: parts.run,
      // An answer is older than its arrival: so this is never ahead of the store.
      storeNow: () => Math.floor(this.#timer.now() + this.#offset),
      tell: event => {
        try {
          parts.observe?.(event)
        } catch (error) {
          this.#isFault(error)
        }
      },
      owe: call => this.#owe(call),
      databaseAway: error => {
        this.#databaseUntil = this.#timer.now() + this.#isAway('database', error, this.#database)
      },
      databaseBack: () => {
        if (!this.#database.isOn) return
        this.#isBack('database', this.#database)
        this.#rest.wakeIn(0)
      },
    }
    this.finished = this.#live()
    // Whoever waits for it is told; nobody need be there.
    this.finished.catch(() => {})
  }

  get name(): string {
    return this.#settings.name
  }

  /** Takes no more, waits so many milliseconds for what runs, then aborts it and gives it back. */
  async stop(grace: number): Promise<void> {
    const running = [...this.#attempts.keys()].filter(attempt => attempt.running !== null)
    if (!this.#stopping) this.#context.tell({ kind: 'stopping', worker: this.name, running: running.length })
    this.#stopping = true
    this.#rest.end()
    for (const attempt of this.#attempts.keys()) if (attempt.running === null) attempt.end('stopped')
    const over = new AbortController()
    const limit = this.#timer.sleep(grace, over.signal).then(() => {
      if (!over.signal.aborted) for (const attempt of this.#attempts.keys()) attempt.end('stopped')
    })
    try {
      await this.finished
    } finally {
      over.abort()
      await limit
    }
  }

  async #live(): Promise<void> {
    const renewing = this.#renewing().catch(error => this.#isFault(error))
    while (!this.#stopping) await this.#look().catch(error => this.#isFault(error))
    await Promise.all(this.#attempts.values())
    this.#ended.abort()
    await renewing
    if (this.#locks) await this.#settle().catch(() => {})
    await this.#locks?.close()
    this.#context.tell({ kind: 'stopped', worker: this.name, running: 0 })
    if (this.#fault) throw this.#fault.error
  }

  /** Nothing that is known to happen: no more is taken, and `finished` says what it was. */
  #isFault(error: unknown): void {
    this.#fault ??= { error }
    this.#stopping = true
    for (const attempt of this.#attempts.keys()) attempt.end('stopped')
    this.#rest.end()
  }

  /** Whether the database is back, one view is enough to tell. */
  get #isFull(): boolean {
    return this.#attempts.size >= (this.#database.isOn ? 1 : this.#settings.concurrency)
  }

  /** Takes one piece of work, or waits. */
  async #look(): Promise<void> {
    if (this.#isFull) return this.#rest.sleep(Number.POSITIVE_INFINITY)
    const pause = this.#databaseUntil - this.#timer.now()
    if (pause > 0) return this.#rest.sleep(pause)
    let answer: Answer
    try {
      answer = await this.#ask()
      if (answer.claim) this.#take(answer.claim)
      if (answer.turn) await this.#lookAfter(this.#locks as Locks, answer.turn.incarnation)
      this.#isBack('store', this.#store)
    } catch (error) {
      if (error instanceof MeridianError && error.code === 'store.closed') {
        this.#stopping = true
        return
      }
      return this.#rest.sleep(this.#isAway('store', error, this.#store))
    }
    const { now, claim, idle } = answer
    if (claim) {
      // Others may take what comes too.
      if (claim.dueAt > now) await this.#rest.sleep((claim.dueAt - now) * this.#chance())
    } else if (idle) {
      const { wait, pace } = nextLook(idle, now, this.#settings.ahead, this.#chance)
      this.#pace = pace
      const next = idle.next === null ? null : new Date(idle.next)
      this.#context.tell({ kind: 'lock.none', worker: this.name, next })
      await this.#rest.sleep(wait)
    }
  }

  async #ask(): Promise<Answer> {
    this.#locks ??= await this.#parts.openLocks()
    await this.#settle()
    const ready = this.#timer.now() - this.#lookedAt >= lookEvery
    if (ready) this.#lookedAt = this.#timer.now()
    const answer = await this.#claim(this.#locks, ready)
    if (!answer.idle || answer.idle.entered >= this.#jobs.size) return answer
    // The first time; or the store lost it.
    if (await this.#locks.turn('enter', 2_000)) await this.#enter(this.#locks, false)
    else await this.#timer.sleep(50 + 200 * this.#chance())
    return { ...(await this.#claim(this.#locks, false)), turn: answer.turn }
  }

  async #claim(locks: Locks, ready: boolean): Promise<Answer> {
    const { name: worker, lease, ahead } = this.#settings
    const answer = await locks.claim({ worker, lease, ahead, pace: this.#pace, ready })
    this.#offset = answer.now - this.#timer.now()
    return answer
  }

  /** Rows that were lost are brought back at once, not at each view's next tick. */
  async #lookAfter(locks: Locks, seen: string | null): Promise<void> {
    const incarnation = await this.#parts.incarnation()
    if (incarnation === '' || incarnation === seen) return
    if (seen !== null) await this.#enter(locks, true)
    await locks.remember(incarnation)
  }

  async #enter(locks: Locks, again: boolean): Promise<void> {
    const now = this.#context.storeNow()
    const micros = BigInt(now) * 1000n
    const entries = [...this.#jobs].map(([member, { ticks }]) => ({
      member,
      dueAt: again ? now : Math.ceil(Number(dueFrom(ticks, null, micros)) / 1000),
    }))
    await locks.enter(entries, again)
    const reason = again ? 'restarted' : 'missing'
    this.#context.tell({ kind: 'entered', worker: this.name, views: entries.length, reason })
  }

  #take(claim: Claim): void {
    const job = this.#jobs.get(claim.member) as Job
    this.#context.tell({ kind: 'lock.won', view: job.view, worker: this.name, dueAt: new Date(claim.dueAt) })
    const attempt = new Attempt(claim, job, this.#context)
    if (this.#stopping) attempt.end('stopped')
    const work = attempt.work().catch(error => {
      this.#isFault(error)
      return 0
    })
    const over = work.then(dueAt => {
      const wasFull = this.#isFull
      this.#attempts.delete(attempt)
      // It will be due again, which a worker that has just heard of nothing does not know.
      const left = Math.max(dueAt - this.#context.storeNow(), 0)
      this.#rest.wakeIn(wasFull ? 0 : left - Math.min(this.#settings.ahead, left) * this.#chance())
    })
    this.#attempts.set(attempt, over)
  }

  async #renewing(): Promise<void> {
    const { lease, timeLimit } = this.#settings
    while (!this.#ended.signal.aborted) {
      await this.#timer.sleep(lease / 3, this.#ended.signal)
      for (const attempt of this.#attempts.keys()) if ((attempt.running ?? 0) > timeLimit) attempt.end('late')
      const running = [...this.#attempts.keys()].filter(attempt => attempt.needsLock)
      if (running.length === 0) continue
      try {
        const lost = new Set(
          await this.#locks?.renew(
            running.map(attempt => attempt.claim),
            lease,
          ),
        )
        for (const attempt of running) if (lost.has(attempt.claim)) attempt.end('lost')
      } catch (error) {
        // Whether a lock is held cannot be said now; what runs needs the store too.
        if (!(error instanceof MeridianError)) throw error
      }
    }
  }

  async #owe(call: (locks: Locks) => Promise<unknown>): Promise<void> {
    try {
      await call(this.#locks as Locks)
    } catch (error) {
      if (!(error instanceof MeridianError)) throw error
      this.#owed.push(call)
    }
  }

  async #settle(): Promise<void> {
    for (let call = this.#owed[0]; call; call = this.#owed[0]) {
      await call(this.#locks as Locks)
      this.#owed.shift()
    }
  }

  /** Milliseconds to wait for what is away. */
  #isAway(what: 'store' | 'database', error: unknown, outage: Outage): number {
    if (!(error instanceof MeridianError)) throw error
    const wait = outage.failed()
    this.#context.tell({ kind: 'waiting', for: what, worker: this.name, seconds: wait / 1000, error })
    return wait
  }

  #isBack(what: 'store' | 'database', outage: Outage): void {
    if (outage.answered()) this.#context.tell({ kind: 'resumed', for: what, worker: this.name })
  }
}
