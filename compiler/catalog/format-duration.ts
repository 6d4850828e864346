/** Durations for people: the largest unit that divides them. */
const units = [
  ['d', 86_400_000_000],
  ['h', 3_600_000_000],
  ['m', 60_000_000],
  ['s', 1_000_000],
  ['ms', 1_000],
] as const

/** @example formatDuration(7_200_000_000) // '2h' */
export function formatDuration(microseconds: number): string {
  for (const [unit, size] of units)
    if (microseconds !== 0 && microseconds % size === 0) return `${microseconds / size}${unit}`
  return microseconds === 0 ? '0s' : `${microseconds}us`
}
