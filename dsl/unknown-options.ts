import type { Built } from './definitions.ts'

/**
 * Options that a builder does not know, in code that was not type checked: kept with the definition, so that the compiler can tell of
 * them with their place.
 */
export function unknownOptions(options: object, known: readonly string[]): Built {
  const given = Object.keys(options).filter(name => !known.includes(name))
  return given.length === 0 ? {} : { unknownOptions: { given, known } }
}
