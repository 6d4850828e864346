/** The log of a pod: a line of JSON for each request and each change of state. Never a header, a body, or a secret. */
import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino'
import { passwordsOf, redact } from '../redact.ts'
import { Lines } from './lines.ts'

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** Default: standard error, written in the background. */
  readonly to?: DestinationStream
  /** What must not be shown, besides the passwords of connection strings. */
  readonly urls: readonly (string | undefined)[]
}

export interface Log {
  readonly lines: Logger
  /** Writes out what waits. */
  flush(): void
}

export function openLog({ level, to, urls }: LogOptions, facts: Readonly<Record<string, unknown>>): Log {
  const secrets = passwordsOf(urls)
  const stream = to ?? new Lines(2)
  const lines = pino(
    {
      level,
      base: facts,
      messageKey: 'message',
      errorKey: 'error',
      timestamp,
      formatters: { level: label => ({ level: label }) },
      serializers: { error: error => redacted(error, secrets) },
    },
    stream,
  )
  return {
    lines,
    flush: () => {
      if ('flushSync' in stream) (stream as Lines).flushSync()
    },
  }
}

let millisecond = 0
let written = ''

/** Of many lines in a millisecond, the first one makes the text. */
function timestamp(): string {
  const now = Date.now()
  if (now !== millisecond) {
    millisecond = now
    written = `,"time":"${new Date(now).toISOString()}"`
  }
  return written
}

function redacted(error: unknown, secrets: readonly string[]): unknown {
  if (!(error instanceof Error)) return redact(String(error), secrets)
  const { type, message, stack } = stdSerializers.errWithCause(error)
  const { code } = error as { code?: unknown }
  const cause = error.cause === undefined ? {} : { cause: redacted(error.cause, secrets) }
  return { type, code, message: redact(message, secrets), stack: redact(stack ?? '', secrets), ...cause }
}
