import { closest, distance } from 'fastest-levenshtein'

/** A hint at the name that was meant, and all there are. */
export function nearest(name: string, known: readonly string[]): string {
  if (known.length === 0) return ': there are none'
  const guess = closest(name, [...known])
  const hint = distance(name, guess) <= Math.max(1, Math.floor(name.length / 3)) ? `, did you mean "${guess}"?` : ''
  return `${hint} (there are ${known.join(', ')})`
}
