/** `meridian build`: definitions become artefacts. */
import { join, resolve } from 'node:path'
import type { BuildResult } from '../compiler/index.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { type FoundProject, findConfig, findProjects, type ProjectOptions } from './project.ts'
import { type Format, report } from './report.ts'
import { isCurrent, openVerified, writeStamp } from './stamp.ts'
import { colors, data, note, plural } from './terminal.ts'

export interface BuildCommandOptions extends ProjectOptions {
  readonly format: Format
  /** Compile even where nothing changed since the last build. */
  readonly force?: boolean
}

export const verbs = { missing: 'created', stale: 'updated', orphan: 'deleted' } as const

export async function buildCommand(options: BuildCommandOptions): Promise<ExitCode> {
  // Most builds change nothing, and finding that out must not cost loading the compiler.
  const config = findConfig(options)
  if (!options.force && isCurrent(config, options.project)) return unchanged(options)

  const projects = await findProjects(options)
  const read: string[] = []
  const made: Record<string, string> = {}
  const results: object[] = []
  let exitCode: ExitCode = exitCodes.fine
  for (const project of projects) {
    const started = performance.now()
    const result = await buildProject(project)
    if (result.diagnostics.length > 0) {
      if (options.format === 'json')
        results.push({ project: project.name, diagnostics: result.diagnostics, changes: [] })
      else report(result.diagnostics, project.root, project.prefix, options.format)
      exitCode = exitCodes.definitions
      continue
    }
    read.push(...result.inputs.map(file => join(project.root, file)))
    for (const { path, sha256 } of result.artefacts) made[resolve(project.root, project.output, path)] = sha256
    const milliseconds = Math.round(performance.now() - started)
    if (options.format === 'json') results.push(summary(project, result, milliseconds))
    else show(project, result, milliseconds)
  }
  if (options.format === 'json') data(JSON.stringify({ projects: results }))
  if (exitCode === exitCodes.fine) writeStamp(config, options.project, { read, made })
  return exitCode
}

/** Builds one project, and notes what was verified. */
export async function buildProject(project: FoundProject): Promise<BuildResult> {
  const { build } = await import('../compiler/index.ts')
  const verified = openVerified(project.config, project.name)
  const result = await build({ ...project, verified })
  if (result.diagnostics.length === 0) verified.save()
  return result
}

function unchangedCount({ artefacts, changes }: BuildResult): number {
  return artefacts.length - changes.filter(change => change.kind !== 'orphan').length
}

function summary(project: FoundProject, result: BuildResult, milliseconds: number): object {
  const changes = result.changes.map(({ path, kind }) => ({ path, change: verbs[kind] }))
  return { project: project.name, diagnostics: [], changes, unchanged: unchangedCount(result), milliseconds }
}

function show(project: FoundProject, result: BuildResult, milliseconds: number): void {
  for (const { path, kind } of result.changes)
    note(`${colors.green(verbs[kind].padEnd(8))} ${project.prefix}${join(project.output, path)}`)
  note(
    `${project.name}: ${plural(result.changes.length, 'file')} changed, ${unchangedCount(result)} unchanged, in ${milliseconds} ms`,
  )
}

function unchanged({ format }: BuildCommandOptions): ExitCode {
  if (format === 'json') data(JSON.stringify({ projects: [], nothingChanged: true }))
  else note('nothing changed')
  return exitCodes.fine
}
