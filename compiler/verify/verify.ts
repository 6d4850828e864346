/**
 * Every statement of a build prepares on an empty database before any file is written, and what the author's own SQL
 * yields is compared with what the definitions declare.
 */

import type { Catalog, Column, Provenance, Source } from '../catalog/catalog.ts'
import { describeType } from '../catalog/describe.ts'
import { diagnostic } from '../diagnostics/codes.ts'
import type { Diagnostic, Place } from '../diagnostics/diagnostic.ts'
import type { Described, Dialect, EmptyCatalogue } from '../dialects/dialect.ts'
import type { HashedArtefact } from '../emit/artefact.ts'
import type { Plans } from '../emit/index.ts'
import { statementPaths } from '../emit/sql.ts'
import type { Locator } from '../load/locate.ts'
import {
  onDemandInputs,
  onDemandTable,
  onDemandTraining,
  serviceTraining,
  useTable,
  viewTraining,
} from '../plan/training-plan.ts'
import { identityOf, sourceIdentity, type Verified } from './verified.ts'

interface Located {
  readonly locator: Locator
  /** The project's folder, where relative data paths start. */
  readonly root: string
}

export interface VerifyInput extends Located {
  readonly catalog: Catalog
  readonly plans: Plans
  readonly artefacts: readonly HashedArtefact[]
  readonly verified: Verified
}

/**
 * Everything: sources, queries, and the statements made of them, but for what was verified before. The engine is asked for
 * only where there is something to ask it.
 */
export async function verify(
  dialect: Dialect,
  open: () => Promise<EmptyCatalogue>,
  input: VerifyInput,
): Promise<Diagnostic[]> {
  const { catalog, verified } = input
  const sources = catalog.sources.map(source => sourceIdentity(dialect.name, source, catalog.sources))
  const groups = groupsOf(dialect, input)
  const unknown = groups.some(({ statements }) => statements.length > 0)
  if (!unknown && !dialect.seesData && sources.every(identity => verified.has(identity))) return []
  const catalogue = await open()
  const problems = await verifySources(dialect, catalogue, catalog.sources, input)
  // A view over a source that is wrong says nothing new.
  if (problems.length > 0) return problems
  for (const identity of sources) verified.add(identity)
  return unknown ? verifyStatements(catalogue, groups, input) : []
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

interface Statement {
  readonly file: string
  readonly text: string
  readonly identity: string
  readonly provenance: Provenance
}

/** Statements that read a spine of the same columns. */
interface Group {
  readonly keys: readonly Column[]
  readonly statements: Statement[]
}

/** The statements that were not verified before. */
function groupsOf(dialect: Dialect, { plans, artefacts, verified }: VerifyInput): Group[] {
  const paths = statementPaths(dialect.name)
  const emitted = new Map(artefacts.map(artefact => [artefact.path, artefact]))
  const groups = new Map<string, Group>()
  const add = (
    provenance: Provenance,
    keys: readonly Column[],
    reads: readonly (readonly Column[])[],
    files: readonly string[],
  ) => {
    const name = JSON.stringify(keys)
    const group = groups.get(name) ?? { keys, statements: [] }
    groups.set(name, group)
    const over = identityOf(dialect.name, keys, reads)
    for (const file of files) {
      const artefact = emitted.get(file)
      if (artefact === undefined) continue
      const identity = identityOf(over, artefact.sha256)
      if (!verified.has(identity)) group.statements.push({ file, text: artefact.text, identity, provenance })
    }
  }
  const columns = (outputs: readonly Column[]): Column[] => outputs.map(({ name, type }) => ({ name, type }))
  for (const { view, source, outputs } of plans.views) {
    const { name } = view
    const files = [paths.pointInTime, paths.training, paths.materialize, paths.materializeChanged, paths.lookup]
    const reads = [source.columns, columns(outputs)]
    add(
      view.provenance,
      columns(view.joinKeys),
      reads,
      files.map(path => path(name)),
    )
  }
  for (const { alias, plan } of plans.aliases) {
    const { view, source, outputs } = plan
    const file = paths.pointInTimeAs(view.name, alias ?? '')
    add(view.provenance, columns(view.joinKeys), [source.columns, columns(outputs)], [file])
  }
  const trainings = [
    ...plans.services.map(plan => ({ plan: serviceTraining(plan), files: [paths.training] })),
    ...plans.onDemandViews.flatMap(plan => [
      { plan: onDemandInputs(plan), files: [paths.inputs] },
      { plan: onDemandTraining(plan), files: [paths.training] },
    ]),
  ]
  for (const { plan, files } of trainings)
    add(
      plan.provenance,
      columns(plan.spine),
      plan.tables.map(table => columns(table.columns)),
      files.map(path => path(plan.name)),
    )
  return [...groups.values()]
}

async function verifyStatements(
  catalogue: EmptyCatalogue,
  groups: readonly Group[],
  { plans, locator, verified }: VerifyInput,
): Promise<Diagnostic[]> {
  await catalogue.createFeatures([
    ...plans.views.flatMap(plan => viewTraining(plan).tables),
    ...plans.aliases.map(useTable),
    ...plans.onDemandViews.map(onDemandTable),
  ])
  const problems: Diagnostic[] = []
  for (const { keys, statements } of groups) {
    if (statements.length === 0) continue
    const errors = await catalogue.prepare(
      keys,
      statements.map(({ text }) => text),
    )
    for (const [index, { file, identity, provenance }] of statements.entries()) {
      const problem = errors[index]
      if (problem)
        problems.push(diagnostic('statement.invalid', { file, problem }, locator.place(provenance, ['name'])))
      else verified.add(identity)
    }
  }
  return problems
}
