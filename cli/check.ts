/** `meridian check`: whether the generated folder is what the definitions make. Writes nothing. */
import { join } from 'node:path'
import { createTwoFilesPatch } from 'diff'
import { githubCommand } from '../compiler/diagnostics/formats.ts'
import type { Change } from '../compiler/emit/output.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { type FoundProject, findProjects, type ProjectOptions } from './project.ts'
import { type Format, report } from './report.ts'
import { colors, data, note, plural } from './terminal.ts'

export interface CheckCommandOptions extends ProjectOptions {
  readonly format: Format
}

export async function checkCommand(options: CheckCommandOptions): Promise<ExitCode> {
  const projects = await findProjects(options)
  const { compare } = await import('../compiler/index.ts')
  const results: object[] = []
  let exitCode: ExitCode = exitCodes.fine
  for (const project of projects) {
    const { diagnostics, changes, artefacts } = await compare(project)
    if (options.format === 'json')
      results.push({ project: project.name, diagnostics, changes: changes.map(({ path, kind }) => ({ path, kind })) })
    else if (diagnostics.length > 0) report(diagnostics, project.root, project.prefix, options.format)
    else show(project, changes, artefacts.length, options.format)
    if (diagnostics.length > 0) exitCode = exitCodes.definitions
    else if (changes.length > 0 && exitCode === exitCodes.fine) exitCode = exitCodes.stale
  }
  if (options.format === 'json') data(JSON.stringify({ projects: results }))
  return exitCode
}

function show(project: FoundProject, changes: readonly Change[], files: number, format: Format): void {
  const name = ({ path }: Change) => `${project.prefix}${join(project.output, path)}`
  for (const change of changes) {
    if (format === 'github')
      data(
        githubCommand(
          'error',
          { file: name(change), title: `${change.kind} artefact` },
          'run meridian build and commit the result',
        ),
      )
    else {
      note(`${colors.red(change.kind.padEnd(7))} ${name(change)}`)
      data(
        createTwoFilesPatch(name(change), name(change), change.before ?? '', change.after ?? '', 'on disk', 'as built'),
      )
    }
  }
  if (changes.length === 0) note(`${project.name}: ${plural(files, 'file')} up to date`)
  else note(`${project.name}: ${plural(changes.length, 'file')} to change. Run meridian build and commit the result.`)
}
