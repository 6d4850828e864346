/** Definitions at hand, compiled without files: for one dialect, with every source a table. Nothing is verified or written. */
import type { Definition } from '../dsl/index.ts'
import { buildCatalog } from './catalog/build-catalog.ts'
import { check } from './check/index.ts'
import type { Diagnostic } from './diagnostics/diagnostic.ts'
import { dialects } from './dialects/index.ts'
import { type Artefact, hashed } from './emit/artefact.ts'
import { emitClientSide, emitManifest, emitSql, planAll } from './emit/index.ts'
import type { Loaded } from './load/evaluate.ts'
import type { Locator } from './load/locate.ts'

export interface DefinitionsOptions {
  readonly name: string
  /** All that is compiled, and all that it uses. */
  readonly definitions: readonly Definition[]
  /** The name of a dialect. */
  readonly dialect: string
  /** The table that holds the rows of a source, by its name. */
  readonly table: (source: string) => string
  /** An expression of JavaScript for the functions of an on-demand view, by feature. */
  readonly functions: (view: string) => string
}

/** Nothing has a place where there is no text. */
const nowhere: Locator = {
  place: () => null,
  text: () => null,
  doc: () => null,
  find: () => null,
  functionOf: () => null,
}

/** @throws RangeError where there is no such dialect. */
export function compileDefinitions({ name, definitions, dialect: named, table, functions }: DefinitionsOptions): {
  readonly diagnostics: readonly Diagnostic[]
  readonly artefacts: readonly Artefact[]
} {
  const dialect = dialects.find(one => one.name === named)
  if (!dialect) throw new RangeError(`there is no dialect ${named}`)
  const loaded: Loaded = {
    definitions: definitions.map(definition => ({ definition, symbol: definition.name, file: '' })),
    inputs: [],
    bundle: '',
    diagnostics: [],
  }
  const diagnostics = check(loaded, nowhere, [named], name)
  if (diagnostics.length > 0) return { diagnostics, artefacts: [] }
  const catalog = buildCatalog(name, loaded, nowhere, [named])
  const sources = catalog.sources.map(source =>
    source.origin === 'query'
      ? source
      : { ...source, relations: { [named]: { kind: 'table', name: table(source.name) } as const } },
  )
  const plans = planAll({ ...catalog, sources })
  const code = plans.onDemandViews
    .map(({ view }) => `const ${view.name}__functions = ${functions(view.name)}`)
    .join('\n')
  const compiled = { code, identities: new Map<string, string>(), diagnostics: [] }
  const artefacts = [...emitSql(dialect, sources, plans), ...emitClientSide(catalog, plans, compiled, '.')].map(hashed)
  const manifest = emitManifest({
    project: name,
    root: '.',
    dialects: [named],
    catalog: { ...catalog, sources },
    plans,
    functions: compiled,
    artefacts,
  })
  return { diagnostics: [], artefacts: [...artefacts, manifest] }
}
