/** The log of a pod: a line of JSON for each request and each change of state. Never a header, a body, or a secret. */
import { type DestinationStream, destination, type Logger, pino, stdSerializers } from 'pino'
import { passwordsOf, redact } from './redact.ts'

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** Default: standard output, written in the background. */
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
  const stream = to ?? destination({ fd: 1, sync: false, minLength: 4096 })
  const lines = pino(
    {
      level,
      base: facts,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: label => ({ level: label }) },
      serializers: { error: error => redacted(error, secrets) },
    },
    stream,
  )
  // What waits for a full buffer is written once a second.
  const timer = setInterval(() => lines.flush(), 1_000).unref()
  return {
    lines,
    flush: () => {
      clearInterval(timer)
      if ('flushSync' in stream) (stream as { flushSync(): void }).flushSync()
    },
  }
}

function redacted(error: unknown, secrets: readonly string[]): unknown {
  if (!(error instanceof Error)) return redact(String(error), secrets)
  const { type, message, stack } = stdSerializers.errWithCause(error)
  const { code } = error as { code?: unknown }
  const cause = error.cause === undefined ? {} : { cause: redacted(error.cause, secrets) }
  return { type, code, message: redact(message, secrets), stack: redact(stack ?? '', secrets), ...cause }
}
