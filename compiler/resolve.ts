/** Definitions checked and planned, without an engine and without artefacts: for who compares them with what is there. */
import { resolve } from 'node:path'
import { buildCatalog } from './catalog/build-catalog.ts'
import type { Catalog } from './catalog/catalog.ts'
import { check } from './check/index.ts'
import type { Diagnostic } from './diagnostics/diagnostic.ts'
import { inOrder } from './diagnostics/order.ts'
import { type Plans, planAll } from './emit/index.ts'
import { loadDefinitions } from './load/evaluate.ts'
import { createLocator } from './load/locate.ts'

export interface ResolveOptions {
  /** The project's folder. */
  readonly root: string
  /** The module that exports the definitions, relative to `root`. */
  readonly definitions: string
  readonly name: string
  /** Names of dialects. */
  readonly dialects: readonly string[]
}

/** Either mistakes, or what was meant. */
export type Resolved =
  | { readonly diagnostics: readonly Diagnostic[]; readonly catalog: null; readonly plans: null }
  | { readonly diagnostics: readonly []; readonly catalog: Catalog; readonly plans: Plans }

/**
 * @example
 * const { plans } = await resolveDefinitions({ root: '.', definitions: 'features.ts', name: 'shop', dialects: ['postgres'] })
 */
export async function resolveDefinitions({ root, definitions, name, dialects }: ResolveOptions): Promise<Resolved> {
  const base = resolve(root)
  const loaded = await loadDefinitions({ root: base, entry: definitions })
  const failed = (diagnostics: readonly Diagnostic[]): Resolved => ({
    diagnostics: inOrder(diagnostics),
    catalog: null,
    plans: null,
  })
  if (loaded.diagnostics.length > 0) return failed(loaded.diagnostics)
  const locator = await createLocator(base, loaded.inputs)
  const mistakes = check(loaded, locator, dialects, name)
  if (mistakes.length > 0) return failed(mistakes)
  const catalog = buildCatalog(name, loaded, locator, dialects)
  return { diagnostics: [], catalog, plans: planAll(catalog) }
}
