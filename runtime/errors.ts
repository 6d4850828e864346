/** Every error the runtime throws on purpose: a stable code, a message that says what to do, and the facts as data. */

/** What went wrong. docs/production.md says of each what it means and what to do. */
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
 * An error that is thrown on purpose, with a stable code.
 *
 * @example
 * try {
 *   await store.originStats.get({ origin: 'SEA' })
 * } catch (error) {
 *   if (error instanceof MeridianError && error.code === 'key.invalid') console.error(error.details)
 * }
 */
export class MeridianError extends Error {
  /** What went wrong; it does not change from version to version. */
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
