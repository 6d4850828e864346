/** Definition files become definitions: bundled, evaluated, and their exports collected. */
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Definition } from '../../dsl/index.ts'
import { diagnostic } from '../diagnostics/codes.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { type Bundle, bundle, namespaceName } from './bundle.ts'
import { collect, type Exported } from './collect.ts'
import { bundleErrors, evaluationError } from './failure.ts'
import { createLocator } from './locate.ts'

export interface LoadedDefinition {
  readonly definition: Definition
  /** The exported name; for what is not exported, the name of its variable, or its own. */
  readonly symbol: string
  /** The file that declares it, relative to the project, with forward slashes. */
  readonly file: string
}

export interface Loaded {
  /** The exported definitions, and the entities and sources that they use. */
  readonly definitions: readonly LoadedDefinition[]
  /** The project's files that were read, sorted. Packages are not among them. */
  readonly inputs: readonly string[]
  /** The JavaScript that was evaluated: equal text, equal definitions. */
  readonly bundle: string
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Loads the definitions that the entry files export. The user's mistakes are in `diagnostics`; nothing is thrown for them.
 *
 * @example
 * const loaded = await loadDefinitions({ root: 'examples/flights', entry: 'features.ts' })
 */
export async function loadDefinitions({
  root,
  entry,
}: {
  readonly root: string
  readonly entry: string | readonly string[]
}): Promise<Loaded> {
  const base = resolve(root)
  const entries = (typeof entry === 'string' ? [entry] : entry).map(file =>
    file.replaceAll('\\', '/').replace(/^\.\//, ''),
  )
  const missing = entries.filter(file => !existsSync(join(base, file)))
  if (missing.length > 0) {
    return failed(
      missing.map(file => diagnostic('load.no-entry', { entry: file }, null)),
      entries.filter(file => !missing.includes(file)),
    )
  }
  let bundled: Bundle
  try {
    bundled = await bundle(base, entries)
  } catch (error) {
    return failed(bundleErrors(error, base), entries)
  }
  const inputs = [...bundled.files].sort()
  const { namespaces, error } = await evaluate(bundled.text)
  if (error !== undefined) return { ...failed([evaluationError(error, bundled, base)], inputs), bundle: bundled.text }
  const exported = collect(namespaces, bundled, entries)
  if (exported.length === 0) {
    const place = { file: entries[0] ?? '', line: 1, column: 1, start: 0, end: 0 }
    return { ...failed([diagnostic('load.nothing-exported', {}, place)], inputs), bundle: bundled.text }
  }
  return { definitions: await named(exported, base, inputs), inputs, bundle: bundled.text, diagnostics: [] }
}

function failed(diagnostics: readonly Diagnostic[], inputs: readonly string[]): Loaded {
  return { definitions: [], inputs, bundle: '', diagnostics }
}

/** The namespaces of the bundle's files, in their order. */
export async function evaluate(text: string): Promise<{ namespaces: readonly object[]; error?: unknown }> {
  const folder = await mkdtemp(join(tmpdir(), 'meridian-'))
  try {
    const file = join(folder, 'definitions.mjs')
    await writeFile(file, text)
    const module = (await import(pathToFileURL(file).href)) as Readonly<Record<string, object>>
    const count = Object.keys(module).length
    return { namespaces: Array.from({ length: count }, (_, index) => module[namespaceName(index)] ?? {}) }
  } catch (error) {
    return { namespaces: [], error: error ?? new Error(String(error)) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What no file exports gets the name of its variable, for which the files have to be parsed. */
async function named(
  exported: readonly Exported[],
  root: string,
  inputs: readonly string[],
): Promise<readonly LoadedDefinition[]> {
  if (exported.every(({ symbol }) => symbol !== null)) return exported as readonly LoadedDefinition[]
  const locator = await createLocator(root, inputs)
  return exported.map(({ definition, symbol, file }) => {
    if (symbol !== null) return { definition, symbol, file }
    return { definition, ...(locator.find(definition) ?? { symbol: definition.name, file }) }
  })
}
