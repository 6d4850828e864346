/** Instants: what a user may write, and microseconds since the Unix epoch, which everything else uses. */
import { MeridianError } from './errors.ts'

/** A `Date`, or ISO 8601 text of up to microseconds. Text without a zone is UTC. */
export type Instant = Date | string

const iso =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?)?\s*(Z|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)?$/i

/**
 * Microseconds since the Unix epoch.
 *
 * @throws MeridianError `instant.invalid`
 * @example
 * toMicroseconds('2001-06-15T12:00:00.000001Z') // 992606400000001n
 */
export function toMicroseconds(instant: Instant): bigint {
  if (instant instanceof Date) {
    const milliseconds = instant.getTime()
    if (Number.isNaN(milliseconds)) throw invalid(instant)
    return BigInt(milliseconds) * 1000n
  }
  const parts = typeof instant === 'string' ? iso.exec(instant.trim()) : null
  if (!parts) throw invalid(instant)
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = parts
  const numbers = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const date = new Date(0)
  date.setUTCFullYear(numbers[0], numbers[1] - 1, numbers[2])
  date.setUTCHours(numbers[3], numbers[4], numbers[5])
  // A 31st of June would have rolled over into July.
  const same =
    date.getUTCMonth() === numbers[1] - 1 &&
    date.getUTCDate() === numbers[2] &&
    numbers[3] < 24 &&
    numbers[4] < 60 &&
    numbers[5] < 60
  if (!same) throw invalid(instant)
  return BigInt(date.getTime()) * 1000n + BigInt(fraction.padEnd(6, '0')) - zoneMicroseconds(zone)
}

function zoneMicroseconds(zone: string): bigint {
  if (/^z$/i.test(zone)) return 0n
  const [, sign, hours, minutes = '0'] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? []
  const offset = (BigInt(hours ?? 0) * 60n + BigInt(minutes)) * 60_000_000n
  return sign === '-' ? -offset : offset
}

/** The millisecond a microsecond falls in. */
export function toDate(microseconds: bigint): Date {
  const floor = microseconds >= 0n ? microseconds / 1000n : -((-microseconds + 999n) / 1000n)
  return new Date(Number(floor))
}

function invalid(instant: unknown): MeridianError {
  const shown = instant instanceof Date ? 'an invalid Date' : JSON.stringify(instant)
  return new MeridianError(
    'instant.invalid',
    `${shown} is not an instant: give a Date, or ISO 8601 text such as '2001-06-15T12:00:00Z'`,
    { instant: String(instant) },
  )
}

/** A `Date` that keeps the microseconds of what it was made of, for who writes it down. */
export class ExactDate extends Date {
  /** Since the Unix epoch. */
  readonly microseconds: bigint

  constructor(microseconds: bigint) {
    super(toDate(microseconds).getTime())
    this.microseconds = microseconds
  }
}

/**
 * ISO 8601 in UTC, with microseconds.
 *
 * @example
 * isoText(new Date('2001-06-15T12:00:00Z')) // '2001-06-15T12:00:00.000000Z'
 */
export function isoText(date: Date): string {
  const text = date.toISOString()
  const rest = date instanceof ExactDate ? Number(((date.microseconds % 1000n) + 1000n) % 1000n) : 0
  return `${text.slice(0, -1)}${String(rest).padStart(3, '0')}Z`
}
