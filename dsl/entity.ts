import type { EntityDefinition } from './definitions.ts'
import { frozen } from './freeze.ts'
import type { JoinKeyType } from './types.ts'
import { unknownOptions } from './unknown-options.ts'

/** What features describe: an airport, a user, a pair of both. `Keys` are its join keys with their types. */
export interface Entity<Keys extends JoinKeys = JoinKeys> extends EntityDefinition {
  readonly joinKeys: Keys
}

export type JoinKeys = Readonly<Record<string, JoinKeyType>>

/**
 * Declares an entity by its join keys, in the order in which they make up the key in the store.
 *
 * @example
 * const route = entity('route', { joinKeys: { origin: t.string(), destination: t.string() } })
 */
export function entity<const Keys extends JoinKeys>(name: string, options: { readonly joinKeys: Keys }): Entity<Keys> {
  return frozen({ kind: 'entity', name, joinKeys: options.joinKeys, ...unknownOptions(options, ['joinKeys']) })
}
