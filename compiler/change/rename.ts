/** Things of two builds, paired: by name, and where only the name changed, by all the rest. */
import { canonicalJson } from '../catalog/fingerprint.ts'

interface Named {
  readonly name: string
}

export interface Pair<T> {
  readonly before: T | null
  readonly after: T | null
}

/**
 * Every thing of both, those of the later build first, in its order. `restOf` says all that a thing is but for its name;
 * null where that is not known. What is equal to several others is taken for none of them.
 */
export function pairsOf<T extends Named>(
  before: readonly T[],
  after: readonly T[],
  restOf: (thing: T, build: 'before' | 'after') => unknown,
): Pair<T>[] {
  const removed = before.filter(({ name }) => after.every(other => other.name !== name))
  const added = after.filter(({ name }) => before.every(other => other.name !== name))
  const was = new Map<T, T>()
  const old = groupsOf(removed, thing => restOf(thing, 'before'))
  for (const [rest, things] of groupsOf(added, thing => restOf(thing, 'after'))) {
    const [candidate, ...others] = old.get(rest) ?? []
    if (candidate && others.length === 0 && things.length === 1) was.set(things[0] as T, candidate)
  }
  const renamed = new Set(was.values())
  return [
    ...after.map(thing => ({
      before: before.find(({ name }) => name === thing.name) ?? was.get(thing) ?? null,
      after: thing,
    })),
    ...removed.filter(thing => !renamed.has(thing)).map(thing => ({ before: thing, after: null })),
  ]
}

function groupsOf<T>(things: readonly T[], restOf: (thing: T) => unknown): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const thing of things) {
    const rest = restOf(thing)
    if (rest === null) continue
    const key = canonicalJson(rest)
    groups.set(key, [...(groups.get(key) ?? []), thing])
  }
  return groups
}

/** From names before to names now. */
export type Names = (name: string) => string

export function namesOf<T extends Named>(pairs: readonly Pair<T>[]): Names {
  const names = new Map(pairs.flatMap(({ before, after }) => (before && after ? [[before.name, after.name]] : [])))
  return name => names.get(name) ?? name
}
