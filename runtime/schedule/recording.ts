/** Completed ticks on their way into the database of the sources, where training data read what was online when. */
import { toDate } from '../instant.ts'
import type { Observer } from './events.ts'

/** All instants in microseconds, by the store's clock. */
export interface RecordedTick {
  readonly view: string
  /** The layout's fingerprint. */
  readonly fingerprint: string
  readonly tick: bigint
  readonly started: bigint
  readonly completed: bigint
  readonly rows: number
}

/** Records ticks; of those that are recorded already, the first completion stays. */
export type RecordTicks = (ticks: readonly RecordedTick[]) => Promise<void>

/** What is kept for later at the most: a database that is away for longer misses the oldest. */
const most = 10_000

/** A tick is completed whether it can be recorded or not; what cannot is recorded together with the next one. */
export class Recording {
  readonly #record: RecordTicks
  readonly #worker: string
  readonly #tell: Observer
  #waiting: RecordedTick[] = []

  constructor(record: RecordTicks, worker: string, tell: Observer) {
    this.#record = record
    this.#worker = worker
    this.#tell = tell
  }

  async add(tick: RecordedTick): Promise<void> {
    this.#waiting.push(tick)
    await this.flush()
  }

  async flush(): Promise<void> {
    const ticks = this.#waiting
    if (ticks.length === 0) return
    this.#waiting = []
    try {
      await this.#record(ticks)
    } catch (thrown) {
      this.#waiting = [...ticks, ...this.#waiting].slice(-most)
      const { view, tick } = ticks.at(-1) as RecordedTick
      const error = thrown instanceof Error ? thrown : new Error(String(thrown))
      const waiting = this.#waiting.length
      this.#tell({ kind: 'record.failed', view, tick: toDate(tick), worker: this.#worker, waiting, error })
    }
  }
}
