/** `meridian worker`: keeps materialized views fresh until it is told to stop. */
import { type Observer, type Store, workerName } from '../runtime/index.ts'
import { CommandError, type ExitCode, exitCodes } from './exit-codes.ts'
import { materializedViews, type RunOptions, withStore } from './open.ts'
import { note } from './terminal.ts'
import { whole } from './whole.ts'
import { type LogFormat, type LogLevel, logger } from './worker/log.ts'

export interface WorkerOptions extends RunOptions {
  readonly concurrency?: string
  /** Seconds. */
  readonly grace?: string
  /** Of `/healthz` and `/metrics`; none without. */
  readonly port?: string
  readonly logFormat?: LogFormat
  readonly logLevel: LogLevel
}

export async function workerCommand(views: readonly string[], options: WorkerOptions): Promise<ExitCode> {
  const concurrency = whole('--concurrency', options.concurrency ?? '4', 1)
  const port = options.port === undefined ? null : whole('--port', options.port, 0)
  const format = options.logFormat ?? (process.stderr.isTTY === true ? 'text' : 'json')
  const grace = whole('--grace', options.grace ?? '30', 0) * 1000
  // One more to record what was completed, and one to look.
  await withStore({ ...options, connections: concurrency + 2 }, async (store, { local }) => {
    const all = materializedViews(store, views)
    if (all.length === 0)
      throw new CommandError(exitCodes.invocation, 'no view is materialized: there is nothing to do')
    if (local) note('Local mode keeps stored values in the process: they are gone when this command ends.')
    const name = workerName()
    const observers: Observer[] = [logger(format, options.logLevel, { project: store.manifest.project })]
    const opened = port === null ? null : await watched(store, all, port, name)
    if (opened) observers.push(...opened.observers)
    const refreshing = store.startRefreshing({
      ...(views.length === 0 ? {} : { views }),
      concurrency,
      worker: name,
      observe: event => {
        for (const observe of observers) observe(event)
      },
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
      await opened?.close()
    }
  })
  return exitCodes.fine
}

/** Metrics of the worker, and the port that gives them. */
async function watched(store: Store, views: readonly string[], number: number, worker: string) {
  // They are loaded where they are asked for.
  const [{ metrics }, { openPort }] = await Promise.all([import('./worker/metrics.ts'), import('./worker/port.ts')])
  const measured = metrics(worker, () => store.status(views))
  const port = await openPort(number, measured)
  note(`/healthz and /metrics are on port ${port.number}`)
  return { observers: [measured.observe, port.observe], close: port.close }
}
