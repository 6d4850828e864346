/** `meridian status`: how fresh each materialized view is. Its exit code says whether one is staler than it may be. */
import { setTimeout as sleep } from 'node:timers/promises'
import { MeridianError, type OpenStatus, type ViewStatus } from '../runtime/index.ts'
import { CommandError, type ExitCode, exitCodes } from './exit-codes.ts'
import { materializedViews, withStatus } from './open.ts'
import type { ProjectOptions } from './project.ts'
import { colors, data, json, note, plural, table } from './terminal.ts'
import { whole } from './whole.ts'

export interface StatusOptions extends ProjectOptions {
  readonly json?: boolean
  /** Seconds between two readings; true where none were given. */
  readonly watch?: string | true
}

export async function statusCommand(names: readonly string[], options: StatusOptions): Promise<ExitCode> {
  const every = options.watch === undefined ? null : whole('--watch', options.watch === true ? '2' : options.watch, 1)
  if (process.env.MERIDIAN_ENV !== 'production') {
    const message = 'local mode keeps stored values in the process that made them: ask store.status() there'
    throw new CommandError(exitCodes.invocation, `${message}, or set MERIDIAN_ENV=production`)
  }
  return withStatus(options, async status => {
    const views = materializedViews(status, names)
    return every === null ? show(await status.read(views), options) : watch(status, views, every, options)
  })
}

/** Until the command is told to stop. A store that is away is told of, and asked again. */
async function watch(
  status: OpenStatus,
  views: readonly string[],
  every: number,
  options: StatusOptions,
): Promise<ExitCode> {
  const stopped = new AbortController()
  const stop = () => stopped.abort()
  process.on('SIGINT', stop).on('SIGTERM', stop)
  let exitCode: ExitCode = exitCodes.fine
  try {
    while (!stopped.signal.aborted) {
      try {
        const statuses = await status.read(views)
        // The terminal's screen is this command's; anywhere else one reading follows the other.
        if (process.stdout.isTTY === true && !options.json) process.stdout.write('\x1b[H\x1b[2J')
        exitCode = show(statuses, options)
      } catch (error) {
        if (!(error instanceof MeridianError)) throw error
        note(`${colors.red('error')} ${error.message}`)
        exitCode = exitCodes.invocation
      }
      await sleep(every * 1000, null, { signal: stopped.signal }).catch(() => {})
    }
    return exitCode
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
}

function show(statuses: readonly ViewStatus[], { json: asJson }: StatusOptions): ExitCode {
  const stale = statuses.filter(status => status.stale)
  if (asJson) data(json(statuses))
  else {
    data(table(['view', 'last tick', 'lag', 'state', 'holder', 'rows', 'duration', 'failures'], statuses.map(row)))
    for (const { view, failure } of statuses) if (failure) note(`${view}: ${failure.error}`)
    for (const { view, lag, freshness } of stale)
      note(
        `${colors.red('stale')} ${view}: ${lag === null ? 'nothing is stored' : `${duration(lag)} old`}, and may be ${duration(freshness ?? 0)} old`,
      )
    if (stale.length > 0) note(`${plural(stale.length, 'view')} of ${statuses.length} beyond freshness`)
  }
  return stale.length > 0 ? exitCodes.notFresh : exitCodes.fine
}

function row({ view, tick, lag, state, stale, holder, run, failure }: ViewStatus): (string | number)[] {
  return [
    view,
    tick === null ? '-' : tick.toISOString().replace(/\.000Z$/, 'Z'),
    lag === null ? '-' : duration(lag),
    stale ? `${state}, stale` : state,
    holder?.worker ?? '-',
    run === null ? '-' : run.rows.toLocaleString('en-US'),
    run === null ? '-' : `${run.seconds.toFixed(2)} s`,
    failure === null ? '-' : `${failure.attempt}, again ${failure.retryAt.toISOString().slice(11, 19)}`,
  ]
}

/** @example '4m 05s' */
function duration(seconds: number): string {
  const sign = seconds < 0 ? '-' : ''
  const whole = Math.floor(Math.abs(seconds))
  const [days, hours, minutes, rest] = [whole / 86_400, (whole / 3600) % 24, (whole / 60) % 60, whole % 60].map(
    Math.floor,
  ) as [number, number, number, number]
  const padded = (value: number) => String(value).padStart(2, '0')
  if (days > 0) return `${sign}${days}d ${padded(hours)}h`
  if (hours > 0) return `${sign}${hours}h ${padded(minutes)}m`
  return minutes > 0 ? `${sign}${minutes}m ${padded(rest)}s` : `${sign}${rest}s`
}
