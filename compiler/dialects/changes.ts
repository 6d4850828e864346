/** When a stored row can change between two instants, free of any dialect's spelling. */
import type { ViewPlan } from '../plan/view-plan.ts'

/**
 * The lengths of the windows that rows leave, the shortest first. Besides leaving one, a row can change a key's values
 * only by becoming visible: `ttl` and defaults are applied when a row is read.
 */
export function windowsLeft({ measures }: ViewPlan): number[] {
  const lengths = measures.flatMap(({ aggregate: { over } }) => (over === null ? [] : [over]))
  return [...new Set(lengths)].sort((a, b) => a - b)
}
