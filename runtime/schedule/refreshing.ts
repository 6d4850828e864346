/** Keeps the views of an open store fresh, in this process, beside whoever else does. */
import { createHash, randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { MeridianError } from '../errors.ts'
import { toMicroseconds } from '../instant.ts'
import { type Materialized, refreshView } from '../materialize.ts'
import type { Environment, ViewRuntime } from '../view-runtime.ts'
import type { Outcome } from './attempt.ts'
import { type Job, jobsOf } from './due.ts'
import type { Observer } from './events.ts'
import { Recording } from './recording.ts'
import type { Scheduling } from './scheduling.ts'
import { Worker } from './worker.ts'

/** How a worker works. */
export interface RefreshOptions {
  /** The views to keep fresh. Default: all that are materialized. */
  readonly views?: readonly string[]
  /** Views at once; each takes a connection to the database while it runs. Default: 4. */
  readonly concurrency?: number
  /** What logs and locks call this worker. Default: host, process and chance. */
  readonly worker?: string
  /** Milliseconds after which others take over from a worker that died. Default: 15,000. */
  readonly lease?: number
  /** Milliseconds after which a run is given up as failed. Default: an hour. */
  readonly timeLimit?: number
  /** Is told what happens. What it throws stops the worker. */
  readonly observe?: Observer
}

/** How a worker ends. */
export interface StopOptions {
  /** Milliseconds that what runs may take to end; then it is aborted and given back. Default: 0. */
  readonly grace?: number
}

/**
 * A worker that keeps views fresh until it is stopped, or the store is closed.
 *
 * @example
 * const refreshing = store.startRefreshing({ concurrency: 8 })
 * process.once('SIGTERM', () => refreshing.stop({ grace: 30_000 }))
 * await refreshing.finished
 */
export class Refreshing {
  /** Resolves when it has stopped. Rejects only with a fault of Meridian, or of an observer. */
  readonly finished: Promise<void>
  readonly #worker: Worker

  constructor(worker: Worker, last: () => Promise<void>) {
    this.#worker = worker
    this.finished = worker.finished.finally(last)
    this.finished.catch(() => {})
  }

  /** What logs and locks call it. */
  get worker(): string {
    return this.#worker.name
  }

  /** Takes nothing more. A second call, with less grace, ends sooner. */
  async stop({ grace = 0 }: StopOptions = {}): Promise<void> {
    await this.#worker.stop(grace)
    await this.finished
  }
}

/**
 * A name for a worker: host, process and chance.
 *
 * @example
 * workerName() // 'features-7d9c-1-5be0f2'
 */
export function workerName(): string {
  return `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`
}

/** What workers of these views share: the same wherever the same is built. */
export function buildOf(jobs: readonly Job[]): string {
  const text = JSON.stringify(jobs.map(({ view, layout, ticks }) => [view, layout, ticks.refresh, ticks.offset]).sort())
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}

/** @throws MeridianError `name.unknown` */
export function startRefreshing(
  environment: Environment,
  scheduling: Scheduling,
  views: ReadonlyMap<string, ViewRuntime>,
  options: RefreshOptions = {},
): Refreshing {
  const { manifest } = environment.artefacts
  const jobs = jobsOf(manifest, options.views)
  const without = options.views?.find(name => !jobs.some(job => job.view === name))
  if (without !== undefined) {
    const known = jobsOf(manifest).map(job => job.view)
    const message = `there is no materialized view "${without}": there are ${known.join(', ') || 'none'}`
    throw new MeridianError('name.unknown', message, { name: without, known })
  }
  const { observe, concurrency = 4, lease = 15_000, timeLimit = 3_600_000 } = options
  const name = options.worker ?? workerName()
  const recording = new Recording(
    ticks => environment.engine.recordTicks(ticks),
    name,
    event => observe?.(event),
  )
  const run = async (job: Job, tick: bigint, signal: AbortSignal, now: () => Date): Promise<Outcome> => {
    const started = toMicroseconds(now())
    const done = await refreshView({ ...environment, now }, views.get(job.view) as ViewRuntime, tick, { signal })
    if (!isMaterialized(done)) return { found: done.tick }
    const { view, layout } = job
    const completed = toMicroseconds(now())
    await recording.add({ view, fingerprint: layout, tick, started, completed, rows: done.rows })
    return { run: runOf(done) }
  }
  const worker = new Worker(
    {
      jobs,
      openLocks: () => scheduling.locks(buildOf(jobs)),
      run,
      incarnation: () => environment.online.incarnation(),
      observe,
    },
    { name, concurrency, lease, timeLimit, ahead: scheduling.ahead },
  )
  return new Refreshing(worker, async () => recording?.flush())
}

function isMaterialized(done: object): done is Materialized {
  return 'view' in done
}

function runOf({ rows, written, full, seconds }: Materialized) {
  return { rows, written, full, seconds }
}
