/** What the definitions say, to be compared with the database; and whether the statements are theirs. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Catalog } from '../../compiler/catalog/catalog.ts'
import type { Dialect } from '../../compiler/dialects/dialect.ts'
import { emitSql, type Plans } from '../../compiler/emit/index.ts'
import { resolveDefinitions } from '../../compiler/resolve.ts'
import type { FoundProject } from '../project.ts'
import { plural } from '../terminal.ts'
import type { Artefacts } from './artefacts.ts'
import { type Finding, ok, problem, warning } from './finding.ts'

export interface Definitions {
  /** Null, both, where they cannot be read. */
  readonly catalog: Catalog | null
  readonly plans: Plans | null
  readonly findings: readonly Finding[]
}

export async function readDefinitions(
  project: FoundProject,
  dialect: Dialect,
  artefacts: Artefacts,
): Promise<Definitions> {
  const place = `${project.prefix}${project.definitions}`
  const { root, definitions, name } = project
  const without = (finding: Finding): Definitions => ({ catalog: null, plans: null, findings: [finding] })
  if (!existsSync(join(root, definitions))) {
    const what = 'there are no definitions here: columns, types and indexes are not compared with them'
    const fix = 'run doctor where the definitions are, with the same environment'
    return without(warning('definitions', { what, place, fix }))
  }
  const { diagnostics, catalog, plans } = await resolveDefinitions({
    root,
    definitions,
    name,
    dialects: [dialect.name],
  })
  if (!catalog) {
    const what = `${plural(diagnostics.length, 'mistake')}, the first: ${diagnostics[0]?.message}`
    return without(problem('definitions', { what, place, fix: 'run meridian check, which shows all of them' }))
  }
  const stale = [...emitSql(dialect, catalog.sources, plans)].filter(({ path, text }) => {
    // What was edited is told already.
    const built = artefacts.manifest?.artefacts[path]
    return built === undefined || (artefacts.text(path) ?? text) !== text
  })
  if (stale.length === 0 || !artefacts.manifest)
    return { catalog, plans, findings: [ok('definitions', 'the statements are what they make', place)] }
  const first = stale.map(({ path }) => path).slice(0, 3)
  const what = `${plural(stale.length, 'statement')} would be built otherwise: ${first.join(', ')}${stale.length > 3 ? ', ...' : ''}`
  const fix = 'run meridian plan to see what changed, and meridian build'
  return { catalog, plans, findings: [warning('definitions', { what, place, fix })] }
}
