/** `meridian plan`: what the definitions would change, what that costs and whom it breaks. Writes nothing. */
import type { Change, Plan, StatementChange } from '../compiler/change/change.ts'
import type { Artefact } from '../compiler/emit/artefact.ts'
import type { Manifest } from '../runtime/contract.ts'
import { type Base, openBase } from './base.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { type KeyCounts, keyCounts } from './key-counts.ts'
import { markdownOf } from './plan/markdown.ts'
import { type Diff, diffOf } from './plan/statement-diff.ts'
import { textOf } from './plan/text.ts'
import { findConfig, findProjects, type ProjectOptions } from './project.ts'
import { report } from './report.ts'
import { openVerified } from './stamp.ts'
import { data } from './terminal.ts'

export interface PlanCommandOptions extends ProjectOptions {
  readonly against?: string
  readonly diff?: boolean
  readonly count?: boolean
  readonly format: 'pretty' | 'markdown' | 'json'
}

/** A plan with all that is told of it. */
export interface PlanReport extends Plan {
  readonly against: string
  /** Whether there was anything to compare with. */
  readonly isFirst: boolean
  readonly diffs: ReadonlyMap<string, Diff>
  readonly counts: KeyCounts | null
}

export async function planCommand(options: PlanCommandOptions): Promise<ExitCode> {
  const config = findConfig(options)
  const projects = await findProjects(options)
  const bases = projects.map(project => openBase(project, options.against))
  const { compile } = await import('../compiler/index.ts')
  const { planOf } = await import('../compiler/change/plan.ts')
  const results: object[] = []
  const texts: string[] = []
  let exitCode: ExitCode = exitCodes.fine
  for (const [index, project] of projects.entries()) {
    const base = bases[index] as Base
    const verified = openVerified(config, project.name)
    const { diagnostics, artefacts } = await compile({ ...project, verified })
    if (diagnostics.length > 0) {
      if (options.format === 'json') results.push({ project: project.name, diagnostics, changes: [], breaking: [] })
      else report(diagnostics, project.root, project.prefix, 'pretty')
      exitCode = exitCodes.definitions
      continue
    }
    const plan = planOf(base.manifest, manifestOf(artefacts))
    const all: PlanReport = {
      ...plan,
      against: base.label,
      isFirst: base.manifest === null,
      diffs: diffsOf(plan, base, artefacts),
      counts: options.count ? await keyCounts(plan) : null,
    }
    if (options.format === 'json') results.push(jsonOf(all))
    else texts.push(options.format === 'markdown' ? markdownOf(all) : textOf(all, options.diff ?? false))
    if (plan.breaking.length > 0 && exitCode === exitCodes.fine) exitCode = exitCodes.breaking
  }
  if (options.format === 'json') data(JSON.stringify({ projects: results }))
  else if (texts.length > 0) data(texts.join('\n'))
  return exitCode
}

function manifestOf(artefacts: readonly Artefact[]): Manifest {
  return JSON.parse(artefacts.find(({ path }) => path === 'manifest.json')?.text ?? '') as Manifest
}

function diffsOf(plan: Plan, base: Base, artefacts: readonly Artefact[]): Map<string, Diff> {
  const changes = [...plan.changes.flatMap(({ statements }) => statements), ...plan.otherStatements]
  const changed = changes.filter(({ change }) => change === 'changed')
  const before = base.read(changed.map(({ path, was }) => was ?? path))
  const after = new Map(artefacts.map(({ path, text }) => [path, text]))
  return new Map(
    changed.map(({ path, was }) => [
      path,
      diffOf(was ?? path, path, before.get(was ?? path) ?? '', after.get(path) ?? ''),
    ]),
  )
}

function jsonOf({ diffs, counts, isFirst, ...plan }: PlanReport): object {
  const withDiffs = (statements: readonly StatementChange[]) =>
    statements.map(statement => ({ ...statement, diff: diffs.get(statement.path)?.patch ?? null }))
  const counted = ({ cost }: Change) => {
    if (!cost || !counts) return cost
    const { write, orphan, backfill } = cost
    return {
      write: write && { ...write, keys: counts.of(write) },
      orphan: orphan && { ...orphan, keys: counts.of(orphan) },
      backfill,
    }
  }
  return {
    ...plan,
    diagnostics: [],
    first: isFirst,
    changes: plan.changes.map(change => ({
      ...change,
      cost: counted(change),
      statements: withDiffs(change.statements),
    })),
    otherStatements: withDiffs(plan.otherStatements),
  }
}
