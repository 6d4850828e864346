/** Workers over what they share, with runs that take time and do nothing else: in virtual time, or in real time. */
import type { Outcome } from '../../runtime/schedule/attempt.ts'
import type { Job } from '../../runtime/schedule/due.ts'
import type { RefreshEvent } from '../../runtime/schedule/events.ts'
import type { Locks } from '../../runtime/schedule/locks.ts'
import type { Timer } from '../../runtime/schedule/timer.ts'
import { Worker, type WorkerSettings } from '../../runtime/schedule/worker.ts'
import { Process } from './virtual-time.ts'

export interface FleetOptions {
  readonly jobs: readonly Job[]
  readonly timer: Timer
  /** Milliseconds of the clock that all go by. */
  readonly storeNow: () => number
  readonly openLocks: () => Promise<Locks>
  /** What a run does that takes the tick: how long it takes, and how it fails. Milliseconds. */
  readonly run: (job: Job, tick: bigint, attempt: number) => { readonly takes: number; readonly error?: Error }
  readonly settings?: Partial<WorkerSettings>
  readonly chance?: () => number
  readonly observe?: (event: RefreshEvent, worker: Member) => void
}

/** A worker and what it lives in. */
export interface Member {
  readonly worker: Worker
  readonly process: Process
  readonly events: RefreshEvent[]
}

export interface Run {
  readonly view: string
  readonly tick: bigint
  readonly worker: string
  /** Milliseconds of the store's clock. */
  readonly started: number
  readonly ended: number
}

export class Fleet {
  readonly members: Member[] = []
  /** Those that ended, not those that were ended. */
  readonly runs: Run[] = []
  /** What a store would hold: the newest tick of each view. */
  readonly completed = new Map<string, bigint>()
  readonly started: { readonly view: string; readonly at: number; readonly worker: string }[] = []
  readonly #attempts = new Map<string, number>()
  readonly #options: FleetOptions

  constructor(options: FleetOptions) {
    this.#options = options
  }

  hire(count = 1): Member[] {
    return Array.from({ length: count }, () => this.#hire())
  }

  #hire(): Member {
    const { jobs, timer, openLocks, settings, observe, chance } = this.#options
    const process = new Process(timer)
    const events: RefreshEvent[] = []
    const name = `worker${this.members.length}`
    const worker = new Worker(
      {
        jobs,
        openLocks,
        run: (job, tick, signal) => this.#run(process, name, job, tick, signal),
        incarnation: async () => 'same',
        timer: process,
        ...(chance ? { chance } : {}),
        observe: event => {
          if (observe) observe(event, member)
          else events.push(event)
        },
      },
      { name, concurrency: 4, lease: 15_000, ahead: 5_000, timeLimit: 3_600_000, ...settings },
    )
    const member: Member = { worker, process, events }
    this.members.push(member)
    return member
  }

  async #run(process: Process, worker: string, job: Job, tick: bigint, signal: AbortSignal): Promise<Outcome> {
    const before = this.completed.get(job.view)
    if (before !== undefined && before >= tick) return { found: before }
    const { storeNow, run } = this.#options
    const started = storeNow()
    this.started.push({ view: job.view, at: started, worker })
    const attempt = (this.#attempts.get(job.view) ?? 0) + 1
    this.#attempts.set(job.view, attempt)
    const { takes, error } = run(job, tick, attempt)
    await process.sleep(takes, signal)
    if (signal.aborted) throw new Error('aborted')
    if (error) throw error
    if ((this.completed.get(job.view) ?? tick) <= tick) this.completed.set(job.view, tick)
    this.runs.push({ view: job.view, tick, worker, started, ended: storeNow() })
    return { run: { seconds: takes / 1000, rows: 1, written: 1, full: true } }
  }
}

export const jobsEvery = (count: number, refresh: number, offset = (_: number) => 0): Job[] =>
  Array.from({ length: count }, (_, index) => ({
    view: `view${index}`,
    layout: '1',
    ticks: { refresh: refresh * 1000, offset: offset(index) * 1000, delay: 0 },
  }))
