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

interface Located {
  readonly locator: Locator
  /** The project's folder, where relative data paths start. */
  readonly root: string
}

export interface VerifyInput extends Located {
  readonly catalog: Catalog
  readonly plans: Plans
  readonly artefacts: readonly Artefact[]
}

/** Everything: sources, queries, and the statements made of them. */
export async function verify(dialect: Dialect, catalogue: EmptyCatalogue, input: VerifyInput): Promise<Diagnostic[]> {
  const sources = await verifySources(dialect, catalogue, input.catalog.sources, input)
  // A view over a source that is wrong says nothing new.
  return sources.length > 0 ? sources : verifyStatements(dialect, catalogue, input)
}

/** Sources and queries alone, of definitions that have errors elsewhere. */
export async function verifySources(
  dialect: Dialect,
  catalogue: EmptyCatalogue,
  sources: readonly Source[],
  located: Located,
): Promise<Diagnostic[]> {
  const problems: Diagnostic[] = []
  const made = new Set<string>()
  // Queries read sources, so those come first.
  const ordered = [...sources].sort((a, b) => Number(a.origin === 'query') - Number(b.origin === 'query'))
  for (const source of ordered) {
    const relation = source.relations[dialect.name]
    const reads =
      relation?.kind === 'query' ? relation.parts.flatMap(part => (typeof part === 'string' ? [] : part.source)) : []
    // What is wrong with a source is said once, there.
    if (!relation || reads.some(name => !made.has(name))) continue
    const described =
      source.origin === 'query'
        ? await catalogue.describeQuery(source)
        : await catalogue.describeBinding(source, located.root)
    if (described) problems.push(...compare(source, described, catalogue, located, dialect))
    if (await catalogue.createSource(source)) made.add(source.name)
  }
  return problems
}

function compare(
  source: Source,
  described: Described,
  catalogue: EmptyCatalogue,
  located: Located,
  dialect: Dialect,
): Diagnostic[] {
  const { name, origin } = source
  const where = (...path: string[]): Place | null => located.locator.place(source.provenance, path)
  if (described.error !== null) {
    const problem = described.error
    return origin === 'query'
      ? [diagnostic('sql.invalid', { view: name, dialect: dialect.name, problem }, where('query'))]
      : [diagnostic('source.invalid', { source: name, dialect: dialect.name, problem }, where(dialect.name))]
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
      // The rows of a query are used as they come, so the type must be the declared one.
      if (catalogue.isType(column, actual)) return []
      return [
        diagnostic(
          'sql.wrong-type',
          { view: name, dialect: dialect.name, column: column.name, declared, actual },
          place,
        ),
      ]
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
  const subjects = [
    ...input.plans.views.map(({ view }) => ({
      provenance: view.provenance,
      keys: view.joinKeys.map(({ name, type }) => ({ name, type })),
      paths: [
        paths.pointInTime(view.name),
        paths.training(view.name),
        paths.materialize(view.name),
        paths.materializeChanged(view.name),
        paths.lookup(view.name),
      ],
    })),
    ...input.plans.services.map(({ service, keys }) => ({
      provenance: service.provenance,
      keys,
      paths: [paths.training(service.name)],
    })),
  ]
  await catalogue.createFeatures(input.plans.views)
  // The tables that statements read depend on the join keys only.
  const groups = new Map<string, (typeof subjects)[number][]>()
  for (const subject of subjects) {
    const identity = JSON.stringify(subject.keys)
    const group = groups.get(identity)
    if (group) group.push(subject)
    else groups.set(identity, [subject])
  }
  const problems: Diagnostic[] = []
  for (const group of groups.values()) {
    const files = group.flatMap(({ provenance, paths: own }) =>
      own.flatMap(file => (texts.has(file) ? [{ file, provenance, text: texts.get(file) as string }] : [])),
    )
    const errors = await catalogue.prepare(
      group[0]?.keys ?? [],
      files.map(({ text }) => text),
    )
    for (const [index, { file, provenance }] of files.entries()) {
      const problem = errors[index]
      if (problem)
        problems.push(diagnostic('statement.invalid', { file, problem }, input.locator.place(provenance, ['name'])))
    }
  }
  return problems
}
