/** Values and instants as explanations show them: instants as ISO 8601 in UTC, to the microsecond where they have any. */
import type { Field } from '../../runtime/contract.ts'
import { type Instant, MeridianError } from '../../runtime/index.ts'
import { toDate, toMicroseconds } from '../../runtime/instant.ts'
import { CommandError, exitCodes } from '../exit-codes.ts'

/** @example isoText(992_606_400_000_001n) // '2001-06-15T12:00:00.000001Z' */
export function isoText(instant: Instant | bigint): string {
  const microseconds = typeof instant === 'bigint' ? instant : microsecondsOf(instant)
  const date = toDate(microseconds)
  if (Number.isNaN(date.getTime())) return microseconds < 0n ? '-infinity' : 'infinity'
  const fraction = ((microseconds % 1_000_000n) + 1_000_000n) % 1_000_000n
  const digits = String(fraction).padStart(6, '0').replace(/0+$/, '')
  return `${date.toISOString().slice(0, -5)}${digits === '' ? '' : `.${digits}`}Z`
}

function microsecondsOf(instant: Instant): bigint {
  try {
    return toMicroseconds(instant)
  } catch (error) {
    if (error instanceof MeridianError) throw new CommandError(exitCodes.invocation, error.message)
    throw error
  }
}

/** A value as engines give it for storing, for people and for JSON. */
export function shown(value: unknown, type: Field['type']): unknown {
  if (value === null || value === undefined) return null
  if (type.type === 'timestamp') return isoText(value as Instant | bigint)
  if (type.type === 'list') return (value as readonly unknown[]).map(item => shown(item, type.element))
  return value
}
