/**
 * Every statement of a build prepares on an empty database before any file is written, and what the author's own SQL
 * yields is compared with what the definitions declare.
 */

import type { Catalog, Column, Source } from '../catalog/catalog.ts'
import { describeType } from '../catalog/describe.ts'
import { diagnostic } from '../diagnostics/codes.ts'
import type { Diagnostic, Place } from '../diagnostics/diagnostic.ts'
import type { Described, Dialect, EmptyCatalogue } from '../dialects/dialect.ts'
import type { Artefact } from '../emit/artefact.ts'
import type { Plans } from '../emit/index.ts'
import { statementPaths } from '../emit/sql.ts'
import type { Locator } from '../load/locate.ts'

export interface VerifyInput {
  readonly catalog: Catalog
  readonly plans: Plans
  readonly artefacts: readonly Artefact[]
  readonly locator: Locator
  /** The project's folder, where relative data paths start. */
  readonly root: string
}

export async function verify(dialect: Dialect, input: VerifyInput): Promise<Diagnostic[]> {
  const catalogue = await dialect.openCatalogue()
  try {
    const sources = await verifySources(dialect, catalogue, input)
    // A view over a source that is wrong says nothing new.
    return sources.length > 0 ? sources : await verifyStatements(dialect, catalogue, input)
  } finally {
    await catalogue.close()
  }
}

async function verifySources(dialect: Dialect, catalogue: EmptyCatalogue, input: VerifyInput): Promise<Diagnostic[]> {
  const problems: Diagnostic[] = []
  // Queries read sources, so those come first.
  const [tables, queries] = [
    input.catalog.sources.filter(source => source.origin === 'source'),
    input.catalog.sources.filter(source => source.origin === 'query'),
  ]
  for (const source of tables) {
    const described = await catalogue.describeBinding(source, input.root)
    if (described) problems.push(...compare(source, described, catalogue, input, dialect))
    await catalogue.createSource(source)
  }
  for (const source of queries) {
    problems.push(...compare(source, await catalogue.describeQuery(source), catalogue, input, dialect))
    await catalogue.createSource(source)
  }
  return problems
}

function compare(
  source: Source,
  described: Described,
  catalogue: EmptyCatalogue,
  input: VerifyInput,
  dialect: Dialect,
): Diagnostic[] {
  const { name, origin } = source
  const where = (...path: string[]): Place | null => input.locator.place(source.provenance, path)
  if (described.error !== null) {
    const problem = described.error
    return origin === 'query'
      ? [diagnostic('sql.invalid', { view: name, problem }, where('query'))]
      : [diagnostic('source.invalid', { source: name, problem }, where(dialect.name))]
  }
  const available = described.columns.map(column => column.name)
  const yielded = new Map(described.columns.map(column => [column.name.toLowerCase(), column.type]))
  return source.columns.flatMap((column: Column) => {
    const actual = yielded.get(column.name.toLowerCase())
    const declared = describeType(column.type)
    if (origin === 'query') {
      const place = where('features', column.name)
      if (actual === undefined)
        return [diagnostic('sql.missing-column', { view: name, column: column.name, available }, place)]
      // The rows of a query are used as they come, so the type must be exactly the declared one.
      if (actual === catalogue.typeName(column)) return []
      return [diagnostic('sql.wrong-type', { view: name, column: column.name, declared, actual }, place)]
    }
    const place = where('columns', column.name)
    if (actual === undefined)
      return [diagnostic('source.missing-column', { source: name, column: column.name, available }, place)]
    // The rows of a source are read as the declared types, so a narrower one is fine.
    if (catalogue.accepts(column, actual)) return []
    return [diagnostic('source.wrong-type', { source: name, column: column.name, declared, actual }, place)]
  })
}

async function verifyStatements(
  dialect: Dialect,
  catalogue: EmptyCatalogue,
  input: VerifyInput,
): Promise<Diagnostic[]> {
  const paths = statementPaths(dialect.name)
  const texts = new Map(input.artefacts.map(({ path, text }) => [path, text]))
  const problems: Diagnostic[] = []
  let request = ''
  const prepare = async (keys: Parameters<EmptyCatalogue['createRequest']>[0], path: string, place: Place | null) => {
    const text = texts.get(path)
    if (text === undefined) return
    const wanted = JSON.stringify(keys)
    if (wanted !== request) await catalogue.createRequest(keys)
    request = wanted
    const { error } = await catalogue.prepare(text)
    if (error !== null) problems.push(diagnostic('statement.invalid', { file: path, problem: error }, place))
  }
  for (const { view } of input.plans.views) {
    const keys = view.joinKeys.map(({ name, type }) => ({ name, type }))
    const place = input.locator.place(view.provenance, ['name'])
    for (const path of [paths.pointInTime(view.name), paths.materialize(view.name), paths.lookup(view.name)])
      await prepare(keys, path, place)
  }
  for (const { service, keys } of input.plans.services)
    await prepare(keys, paths.training(service.name), input.locator.place(service.provenance, ['name']))
  return problems
}
