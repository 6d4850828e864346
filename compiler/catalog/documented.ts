/** What every part of the catalogue is made with: where it is from, its documentation, its columns. */
import type { ValueType } from '../../dsl/index.ts'
import type { LoadedDefinition } from '../load/evaluate.ts'
import type { Locator } from '../load/locate.ts'
import type { Column, Provenance } from './catalog.ts'

export interface Documented {
  readonly provenance: Provenance
  /** JSDoc of the definition, or of the part of it that the path names. */
  readonly doc: (...path: string[]) => string | null
}

export function document({ file, symbol }: LoadedDefinition, locator: Locator): Documented {
  const provenance = { file, symbol }
  return { provenance, doc: (...path) => locator.doc(provenance, path) }
}

export function columnsOf(columns: Readonly<Record<string, ValueType>>): Column[] {
  return Object.entries(columns).map(([name, type]) => ({ name, type }))
}
