/** How far back a view looks: what decides when a stored row says no more than no row would. */
import type { Aggregate, Feature, View } from '../catalog/catalog.ts'

/**
 * The longest of its windows, and of its ttl where a feature is taken from one row, in microseconds; null where a feature
 * looks back without end.
 */
export function horizonOf(view: Pick<View, 'features' | 'ttl'>): number | null {
  let longest = 0
  for (const feature of view.features) {
    const back = lookback(feature, view.ttl)
    if (back === null) return null
    longest = Math.max(longest, back)
  }
  return longest
}

function lookback({ computation }: Feature, ttl: number | null): number | null {
  switch (computation.kind) {
    case 'latest':
      return ttl
    case 'aggregate':
      return computation.over
    case 'ratio':
      return longer(computation.numerator, computation.denominator)
    default:
      return computation satisfies never
  }
}

function longer(one: Aggregate, other: Aggregate): number | null {
  return one.over === null || other.over === null ? null : Math.max(one.over, other.over)
}
