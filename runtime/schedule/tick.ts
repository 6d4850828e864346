import type { Ticks } from '../contract.ts'

/**
 * The last tick at or before `instant - delay`: ticks are the whole multiples of `refresh` since the Unix epoch, shifted
 * by `offset`. All in microseconds. A pure function of time, so every worker and every training job computes the same.
 *
 * @example
 * tickAt({ refresh: 300_000_000, offset: 0, delay: 0 }, 992_606_699_999_999n) // 992_606_400_000_000n
 */
export function tickAt({ refresh, offset, delay }: Ticks, instant: bigint): bigint {
  const every = BigInt(refresh)
  const since = instant - BigInt(delay) - BigInt(offset)
  const past = ((since % every) + every) % every
  return since - past + BigInt(offset)
}
