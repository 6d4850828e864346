/** What a worker tells whoever watches it: plain data, for logs and metrics. */

interface OfTick {
  readonly view: string
  readonly tick: Date
  readonly worker: string
}

/** What a worker did, or met. */
export type RefreshEvent =
  /** `late`: seconds since the tick. `attempt`: 1, or more after failures in a row. */
  | (OfTick & { readonly kind: 'tick.started'; readonly late: number; readonly attempt: number })
  /** `lag`: seconds from the tick until it was online. `seconds`: what the run took. */
  | (OfTick & {
      readonly kind: 'tick.completed'
      readonly lag: number
      readonly seconds: number
      readonly rows: number
      readonly written: number
      readonly full: boolean
    })
  /** It was completed already, by whoever. */
  | (OfTick & { readonly kind: 'tick.skipped' })
  /** `attempt`: failures in a row; 0 where it is not the view's fault: then all wait for what is away. */
  | (OfTick & {
      readonly kind: 'tick.failed'
      readonly attempt: number
      readonly retryAt: Date
      readonly seconds: number
      readonly error: Error
    })
  /** It was given back unfinished, since the worker stops. */
  | (OfTick & { readonly kind: 'tick.released' })
  /** A lock was taken, early or when it was due. */
  | { readonly kind: 'lock.won'; readonly view: string; readonly worker: string; readonly dueAt: Date }
  /** There was nothing to take. `next`: when there will be, as far as is known. */
  | { readonly kind: 'lock.none'; readonly worker: string; readonly next: Date | null }
  /** It expired or vanished while its tick ran, which is aborted: another worker may run it. */
  | (OfTick & { readonly kind: 'lock.lost' })
  /** Completed ticks could not be recorded in the database of the sources: `waiting` of them are tried again with the next. */
  | (OfTick & { readonly kind: 'record.failed'; readonly waiting: number; readonly error: Error })
  /** The store or the database is away. */
  | {
      readonly kind: 'waiting'
      readonly for: 'store' | 'database'
      readonly worker: string
      readonly seconds: number
      readonly error: Error
    }
  /** It is back. */
  | { readonly kind: 'resumed'; readonly for: 'store' | 'database'; readonly worker: string }
  /** Views were entered as due: the first time, or since the store had lost them. */
  | {
      readonly kind: 'entered'
      readonly worker: string
      readonly views: number
      readonly reason: 'missing' | 'restarted'
    }
  | { readonly kind: 'stopping' | 'stopped'; readonly worker: string; readonly running: number }

/** Is told what a worker does. */
export type Observer = (event: RefreshEvent) => void
