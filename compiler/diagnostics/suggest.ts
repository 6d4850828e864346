import { closest, distance } from 'fastest-levenshtein'

/** The name the author most likely meant; null where none is close. */
export function nearest(word: string, names: readonly string[]): string | null {
  if (names.length === 0) return null
  // Case is the commonest slip and costs nothing: `Delay` is `delay`.
  const best = closest(
    word.toLowerCase(),
    names.map(name => name.toLowerCase()),
  )
  const name = names.find(candidate => candidate.toLowerCase() === best)!
  return distance(word.toLowerCase(), best) <= Math.max(1, Math.floor(word.length / 3)) ? name : null
}

export function didYouMean(word: string, names: readonly string[]): string | null {
  const name = nearest(word, names)
  return name === null ? null : `did you mean '${name}'?`
}
