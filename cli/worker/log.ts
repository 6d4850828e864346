/** What a worker does, for logs: one line of JSON for machines, or of words for people. */
import pino, { type Level } from 'pino'
import { MeridianError, type Observer, type RefreshEvent } from '../../runtime/index.ts'

export const levels = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof levels)[number]
export type LogFormat = 'json' | 'text'

/** Writes what happens to stderr, at once: a worker that is killed has said what it did. */
export function logger(format: LogFormat, level: LogLevel, base: Readonly<Record<string, unknown>>): Observer {
  if (format === 'text') {
    const least = levels.indexOf(level)
    return event => {
      if (levels.indexOf(levelOf(event)) >= least) process.stderr.write(`${line(event)}\n`)
    }
  }
  const log = pino(
    {
      level,
      base,
      messageKey: 'message',
      errorKey: 'error',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: label => ({ level: label }) },
      serializers: { error: serialized },
    },
    pino.destination({ fd: 2, sync: true }),
  )
  return event => {
    const { kind, ...facts } = event
    log[levelOf(event)]({ event: kind, ...facts }, messages[kind])
  }
}

const messages: Readonly<Record<RefreshEvent['kind'], string>> = {
  'tick.started': 'a tick is computed',
  'tick.completed': 'a tick is online',
  'tick.skipped': 'the tick was completed already',
  'tick.failed': 'a tick failed',
  'tick.released': 'a tick was given back unfinished',
  'lock.won': 'a view was taken',
  'lock.none': 'there is nothing to take',
  'lock.lost': 'the lock was lost while its tick ran',
  'record.failed': 'completed ticks could not be recorded',
  waiting: 'a server is away',
  resumed: 'the server is back',
  entered: 'views were entered as due',
  stopping: 'the worker takes no more',
  stopped: 'the worker has stopped',
}

function levelOf(event: RefreshEvent): Level & LogLevel {
  switch (event.kind) {
    case 'lock.won':
    case 'lock.none':
    case 'tick.started':
    case 'tick.skipped':
      return 'debug'
    case 'tick.failed':
      // What waits for a server that is away is not at fault.
      return event.attempt === 0 ? 'warn' : 'error'
    case 'lock.lost':
    case 'record.failed':
    case 'waiting':
      return 'warn'
    case 'tick.completed':
    case 'tick.released':
    case 'resumed':
    case 'entered':
    case 'stopping':
    case 'stopped':
      return 'info'
    default:
      return event satisfies never
  }
}

/** A stack says nothing of an error that is a server's; what is below it does. */
function serialized(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: String(error) }
  const { message, stack } = error
  if (!(error instanceof MeridianError)) return { message, stack }
  const { reason } = error.details
  return { code: error.code, message, ...(reason === undefined ? {} : { reason }) }
}

function line({ kind, ...facts }: RefreshEvent): string {
  const shown = Object.entries(facts).map(([name, value]) => {
    const text = value instanceof Error ? value.message : value instanceof Date ? value.toISOString() : `${value}`
    return `${name}=${/[\s"=]/.test(text) ? JSON.stringify(text) : text}`
  })
  return [new Date().toISOString(), kind, ...shown].join(' ')
}
