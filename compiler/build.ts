/** From definitions to artefacts: load, check, catalogue, plan, emit, verify, and only then write. */
import { join, relative, resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { buildCatalog, soundSources } from './catalog/build-catalog.ts'
import type { Catalog } from './catalog/catalog.ts'
import { isComplete } from './check/complete.ts'
import { check } from './check/index.ts'
import type { Diagnostic } from './diagnostics/diagnostic.ts'
import { inOrder } from './diagnostics/order.ts'
import type { Dialect } from './dialects/dialect.ts'
import { dialects as all } from './dialects/index.ts'
import { type Artefact, type HashedArtefact, hashed } from './emit/artefact.ts'
import { clientMaps } from './emit/client-maps.ts'
import { mapsFolder } from './emit/client-paths.ts'
import { emitClientSide, emitManifest, emitSql, type Plans, planAll } from './emit/index.ts'
import { applyChanges, type Change, changesOf, writeMaps } from './emit/output.ts'
import { compileFunctions } from './functions/functions.ts'
import { loadDefinitions } from './load/evaluate.ts'
import { createLocator } from './load/locate.ts'
import { nothingVerified, type Verified } from './verify/verified.ts'
import { verify, verifySources } from './verify/verify.ts'

export interface BuildOptions {
  /** The project's folder: places and data paths are relative to it. */
  readonly root: string
  /** The module that exports the definitions, relative to `root`. */
  readonly definitions: string
  /** The generated folder, relative to `root`. */
  readonly output: string
  /** Names the generated store. */
  readonly name: string
  /** Names of the dialects to compile for. Default: all. */
  readonly dialects?: readonly string[]
  /** What was verified before, by the same versions of everything; what is verified now is added. Default: nothing. */
  readonly verified?: Verified
}

export interface Compiled {
  readonly diagnostics: readonly Diagnostic[]
  /** Empty where there are errors. */
  readonly artefacts: readonly HashedArtefact[]
  readonly catalog: Catalog | null
  readonly plans: Plans | null
  /** The source maps by which editors go from the client to the definitions: of this machine, and no artefacts. */
  readonly maps: () => readonly Artefact[]
  /** The project's files that the definitions were read from. */
  readonly inputs: readonly string[]
}

export interface BuildResult extends Compiled {
  /** What was written, or would be. */
  readonly changes: readonly Change[]
}

/**
 * Compiles definitions to artefacts in memory. Mistakes are diagnostics, all of them, in the order of their places.
 *
 * @example
 * const { diagnostics, artefacts } = await compile({ root: '.', definitions: 'features.ts', output: 'generated', name: 'shop' })
 */
export async function compile({ root, definitions, output, name, ...options }: BuildOptions): Promise<Compiled> {
  const base = resolve(root)
  const { verified = nothingVerified } = options
  const engines = chosen(options.dialects).map(dialect => ({ dialect, open: once(() => dialect.openCatalogue()) }))
  // Where all is to be verified, engines start while definitions are loaded. Whether one does is asked where it is needed.
  if (verified.isEmpty) for (const { open } of engines) open().catch(() => {})
  try {
    const loaded = await loadDefinitions({ root: base, entry: definitions })
    const failed = (diagnostics: readonly Diagnostic[]): Compiled => ({
      diagnostics: distinct(inOrder(diagnostics)),
      artefacts: [],
      catalog: null,
      plans: null,
      maps: () => [],
      inputs: loaded.inputs,
    })
    if (loaded.diagnostics.length > 0) return failed(loaded.diagnostics)

    const locator = await createLocator(base, loaded.inputs)
    const names = engines.map(({ dialect }) => dialect.name)
    const functions = await compileFunctions(loaded, locator, { root: base, verified })
    const problems = [...check(loaded, locator, names, name), ...functions.diagnostics]
    if (problems.length > 0) {
      const complete = loaded.definitions.filter(({ definition }) => isComplete(definition))
      const sources = soundSources({ ...loaded, definitions: complete }, locator, names)
      const inspected = engines.map(async ({ dialect, open }) =>
        sources.length === 0 ? [] : verifySources(dialect, await open(), sources, { locator, root: base }),
      )
      return failed([...problems, ...(await Promise.all(inspected)).flat()])
    }

    const catalog = buildCatalog(name, loaded, locator, names)
    const plans = planAll(catalog)
    const artefacts: HashedArtefact[] = []
    const verifying: Promise<Diagnostic[]>[] = []
    for (const { dialect, open } of engines) {
      const statements = await inTurns(emitSql(dialect, catalog.sources, plans))
      artefacts.push(...statements)
      const work = verify(dialect, open, { catalog, plans, artefacts: statements, verified, locator, root: base })
      // What it fails with is thrown below, when all is emitted.
      work.catch(() => {})
      verifying.push(work)
    }
    const wayToRoot = relative(resolve(base, output), base).replaceAll('\\', '/') || '.'
    artefacts.push(...(await inTurns(emitClientSide(catalog, plans, functions, wayToRoot))))
    const manifest = emitManifest({
      project: name,
      root: wayToRoot,
      dialects: names,
      catalog,
      plans,
      functions,
      artefacts,
    })
    const unprepared = (await Promise.all(verifying)).flat()
    if (unprepared.length > 0) return failed(unprepared)
    const folder = resolve(base, mapsFolder(name))
    const wayFrom = (to: string) => relative(folder, to).replaceAll('\\', '/')
    const maps = () => clientMaps(plans, artefacts, locator, wayFrom(base), wayFrom(resolve(base, output)))
    return { diagnostics: [], artefacts: [...artefacts, hashed(manifest)], catalog, plans, maps, inputs: loaded.inputs }
  } finally {
    for (const { open } of engines) await open.made?.then(engine => engine.close()).catch(() => {})
  }
}

/** Makes it when it is first asked for. */
function once<T>(make: () => Promise<T>): { (): Promise<T>; made?: Promise<T> } {
  const open: { (): Promise<T>; made?: Promise<T> } = () => {
    open.made ??= make()
    return open.made
  }
  return open
}

/** All of them; now and then the engines that verify what was emitted before get their turn. */
async function inTurns(artefacts: Iterable<Artefact>): Promise<HashedArtefact[]> {
  const all: HashedArtefact[] = []
  for (const artefact of artefacts) if (all.push(hashed(artefact)) % 50 === 0) await setImmediate()
  return all
}

/** What several engines say of one mistake in the same words is said once. */
function distinct(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const said = new Set<string>()
  return diagnostics.filter(({ code, message, place }) => {
    const text = JSON.stringify([code, message, place])
    return !said.has(text) && said.add(text)
  })
}

/** @throws where there is no dialect of a name, or none at all. */
function chosen(names: readonly string[] = all.map(dialect => dialect.name)): readonly Dialect[] {
  const unknown = names.filter(name => !all.some(dialect => dialect.name === name))
  if (unknown.length > 0 || names.length === 0)
    throw new RangeError(
      `there is no dialect ${unknown.join(', ')}: there are ${all.map(({ name }) => name).join(', ')}`,
    )
  return all.filter(dialect => names.includes(dialect.name))
}

/**
 * Compiles and writes what changed. A build with errors writes nothing.
 *
 * @throws when the generated folder cannot be written.
 * @example
 * const { diagnostics, changes } = await build({ root: '.', definitions: 'features.ts', output: 'generated', name: 'shop' })
 */
export async function build(options: BuildOptions): Promise<BuildResult> {
  const compiled = await compile(options)
  if (compiled.diagnostics.length > 0) return { ...compiled, changes: [] }
  const folder = resolve(options.root, options.output)
  const changes = changesOf(folder, compiled.artefacts, false)
  applyChanges(folder, changes)
  writeMaps(join(resolve(options.root), mapsFolder(options.name)), compiled.maps())
  return { ...compiled, changes }
}

/**
 * Compiles and compares with the generated folder, writing nothing. Every file that is not the build's counts.
 *
 * @example
 * const options = { root: '.', definitions: 'features.ts', output: 'generated', name: 'shop' }
 * const { changes } = await compare(options) // [] when the folder is up to date
 */
export async function compare(options: BuildOptions): Promise<BuildResult> {
  const compiled = await compile(options)
  if (compiled.diagnostics.length > 0) return { ...compiled, changes: [] }
  return { ...compiled, changes: changesOf(resolve(options.root, options.output), compiled.artefacts, true) }
}
