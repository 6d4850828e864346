/** `meridian worker`: keeps materialized views fresh until it is told to stop. */
import type { RefreshEvent } from '../runtime/index.ts'
import { CommandError, type ExitCode, exitCodes } from './exit-codes.ts'
import { materializedViews, type RunOptions, withStore } from './open.ts'
import { note } from './terminal.ts'

export interface WorkerOptions extends RunOptions {
  readonly concurrency?: string
  /** Seconds. */
  readonly grace?: string
}

export async function workerCommand(views: readonly string[], options: WorkerOptions): Promise<ExitCode> {
  const concurrency = whole('--concurrency', options.concurrency ?? '4', 1)
  const grace = whole('--grace', options.grace ?? '30', 0) * 1000
  // One more to record what was completed, and one to look.
  await withStore({ ...options, connections: concurrency + 2 }, async (store, { local }) => {
    const all = materializedViews(store, views)
    if (all.length === 0)
      throw new CommandError(exitCodes.invocation, 'no view is materialized: there is nothing to do')
    if (local) note('Local mode keeps stored values in the process: they are gone when this command ends.')
    const refreshing = store.startRefreshing({
      ...(views.length === 0 ? {} : { views }),
      concurrency,
      observe: event => note(line(event)),
    })
    // The first time what runs may end; the second time it may not.
    let signals = 0
    const stop = () => {
      signals += 1
      void refreshing.stop({ grace: signals === 1 ? grace : 0 }).catch(() => {})
    }
    process.on('SIGTERM', stop).on('SIGINT', stop)
    try {
      await refreshing.finished
    } finally {
      process.off('SIGTERM', stop).off('SIGINT', stop)
    }
  })
  return exitCodes.fine
}

function whole(name: string, text: string, least: number): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN
  if (value >= least) return value
  throw new CommandError(exitCodes.invocation, `${name} is "${text}": give a whole number, at least ${least}`)
}

function line({ kind, ...data }: RefreshEvent): string {
  const shown = Object.entries(data).map(([name, value]) => {
    const text = value instanceof Error ? value.message : value instanceof Date ? value.toISOString() : `${value}`
    return `${name}=${/[\s"=]/.test(text) ? JSON.stringify(text) : text}`
  })
  return [new Date().toISOString(), kind, ...shown].join(' ')
}
