/** Every error the runtime throws on purpose: a stable code, a message that says what to do, and the facts as data. */

export type ErrorCode =
  | 'artefacts.unreadable'
  | 'artefacts.changed'
  | 'environment.unsupported'
  | 'database.unavailable'
  | 'name.unknown'
  | 'instant.invalid'
  | 'key.invalid'
  | 'request.invalid'
  | 'spine.invalid'
  | 'source.invalid'
  | 'value.out-of-range'
  | 'materialize.failed'
  | 'training.failed'
  | 'ticks.refused'
  | 'ticks.missing'
  | 'lookup.failed'
  | 'feature.failed'
  | 'deadline.exceeded'
  | 'store.closed'
  | 'store.unavailable'
  | 'store.timeout'
  | 'store.refused'
  | 'aborted'

/**
 * @example
 * try {
 *   await store.lateFlights.get({ origin: 'SEA' })
 * } catch (error) {
 *   if (error instanceof MeridianError && error.code === 'key.invalid') console.error(error.details)
 * }
 */
export class MeridianError extends Error {
  readonly code: ErrorCode
  /** What the message says, as data. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, details: Readonly<Record<string, unknown>> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'MeridianError'
    this.code = code
    this.details = details
  }
}
