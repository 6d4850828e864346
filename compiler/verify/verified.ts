/**
 * What was verified before, by the same engines: a statement over the same columns need not be prepared again. So a build
 * after a change pays for what changed.
 */
import { createHash } from 'node:crypto'
import type { Source } from '../catalog/catalog.ts'

/** Identities of statements and sources that were found sound. Kept by whoever calls the compiler. */
export interface Verified {
  readonly isEmpty: boolean
  has(identity: string): boolean
  add(identity: string): void
}

/** Remembers nothing. */
export const nothingVerified: Verified = { isEmpty: true, has: () => false, add: () => {} }

/** All that whether it prepares depends on, but for the engine. */
export function identityOf(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
}

export function sourceIdentity(dialect: string, source: Source, all: readonly Source[]): string {
  const relation = source.relations[dialect]
  const names =
    relation?.kind === 'query' ? relation.parts.flatMap(part => (typeof part === 'string' ? [] : part.source)) : []
  const columns = all.filter(({ name }) => names.includes(name)).map(({ name, columns: own }) => [name, own])
  return identityOf(dialect, source.name, source.origin, relation, source.columns, columns)
}
