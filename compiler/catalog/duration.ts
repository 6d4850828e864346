import { durationUnits } from '../../dsl/index.ts'

const pattern = /^(\d+)(?:\.(\d+))?(us|ms|s|m|h|d|w)$/

/**
 * A positive length of time in microseconds, or null where the text is not one. Decimals are exact: '1.5h' is one,
 * '0.5us' is none.
 *
 * @example
 * parseDuration('2h') // 7_200_000_000
 */
export function parseDuration(text: string): number | null {
  const length = parseOffset(text)
  return length === 0 ? null : length
}

/** As `parseDuration`, and zero too: what `offset` and `delay` may be. */
export function parseOffset(text: string): number | null {
  const match = pattern.exec(text)
  if (!match) return null
  const [, whole = '', fraction = '', unit] = match
  const scale = 10n ** BigInt(fraction.length)
  const scaled = BigInt(whole + fraction) * BigInt(durationUnits[unit as keyof typeof durationUnits])
  if (scaled % scale !== 0n) return null
  const length = scaled / scale
  return length <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(length) : null
}
