/** `meridian build`: definitions become artefacts. */
import { join, resolve } from 'node:path'
import type { BuildResult } from '../compiler/index.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { type FoundProject, findConfig, findProjects, type ProjectOptions } from './project.ts'
import { type Format, report } from './report.ts'
import { isCurrent, writeStamp } from './stamp.ts'
import { colors, data, note, plural } from './terminal.ts'

export interface BuildCommandOptions extends ProjectOptions {
  readonly format: Format
  /** Compile even where nothing changed since the last build. */
  readonly force?: boolean
}

const verbs = { missing: 'created', stale: 'updated', orphan: 'deleted' } as const

export async function buildCommand(options: BuildCommandOptions): Promise<ExitCode> {
  // Most builds change nothing, and finding that out must not cost loading the compiler.
  const config = findConfig(options)
  if (!options.force && isCurrent(config, options.project)) return unchanged(options)

  const projects = await findProjects(options)
  const { build } = await import('../compiler/index.ts')
  const files: string[] = []
  let exitCode: ExitCode = exitCodes.fine
  for (const project of projects) {
    const started = performance.now()
    const result = await build(project)
    if (result.diagnostics.length > 0) {
      report(result.diagnostics, project.root, project.prefix, options.format)
      exitCode = exitCodes.definitions
      continue
    }
    files.push(
      ...result.inputs.map(file => join(project.root, file)),
      ...result.artefacts.map(({ path }) => resolve(project.root, project.output, path)),
    )
    show(project, result, Math.round(performance.now() - started), options.format)
  }
  if (exitCode === exitCodes.fine) writeStamp(config, options.project, files)
  return exitCode
}

function show(project: FoundProject, { artefacts, changes }: BuildResult, milliseconds: number, format: Format): void {
  const unchanged = artefacts.length - changes.filter(change => change.kind !== 'orphan').length
  if (format === 'json') {
    const listed = changes.map(({ path, kind }) => ({ path, change: verbs[kind] }))
    data(JSON.stringify({ project: project.name, diagnostics: [], changes: listed, unchanged, milliseconds }))
    return
  }
  for (const { path, kind } of changes)
    note(`${colors.green(verbs[kind].padEnd(8))} ${project.prefix}${join(project.output, path)}`)
  note(`${project.name}: ${plural(changes.length, 'file')} changed, ${unchanged} unchanged, in ${milliseconds} ms`)
}

function unchanged({ format }: BuildCommandOptions): ExitCode {
  if (format === 'json') data(JSON.stringify({ diagnostics: [], changes: [], nothingChanged: true }))
  else note('nothing changed')
  return exitCodes.fine
}
