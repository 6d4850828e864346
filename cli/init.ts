/** `meridian init`: a project that builds, trains and serves, in a folder that has none of its files. */
import { existsSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { CommandError, type ExitCode, exitCodes } from './exit-codes.ts'
import { type Answers, ask, defaults, flagged, type InitOptions } from './init/answers.ts'
import { projectFiles, projectName } from './init/files.ts'
import { install, type PackageManager, packageManager } from './init/package-manager.ts'
import { type Files, inTheWay, place } from './init/place.ts'
import { aligned, firstSteps } from './init/steps.ts'
import { colors, note, plural } from './terminal.ts'

export async function initCommand(target: string, options: InitOptions): Promise<ExitCode> {
  const folder = resolve(target)
  const said = flagged(folder, options)
  let answers: Answers = { ...defaults(folder), ...said }
  let manager = packageManager(answers.packageManager)
  let files = await projectFiles(answers, manager)
  refuse(folder, files, manager)
  if (asks(options)) {
    // Nobody is asked in vain: with what is usual, nothing was in the way.
    answers = { ...answers, ...(await ask(folder, said)) }
    manager = packageManager(answers.packageManager)
    files = await projectFiles(answers, manager)
    refuse(folder, files, manager)
  }
  const generated = await build(files, answers)
  try {
    place(folder, new Map([...files, ...generated]))
  } catch (error) {
    throw new CommandError(exitCodes.invocation, `nothing was written: ${(error as Error).message}`)
  }
  const here = relative(process.cwd(), folder) || '.'
  for (const path of files.keys()) note(`${colors.green('created')} ${join(here, path)}`)
  note(`${colors.green('created')} ${join(here, output)} (${plural(generated.size, 'file')})`)

  const problem = options.install ? install(manager, folder) : null
  next(manager, folder, { here, installed: options.install && problem === null })
  if (problem === null) return exitCodes.fine
  throw new CommandError(exitCodes.invocation, `${problem}: the project is complete, but for its packages`)
}

const output = 'generated'

/** A person, on a terminal, who may answer. */
function asks({ yes }: InitOptions): boolean {
  return !yes && !process.env.CI && process.stdin.isTTY === true && process.stderr.isTTY === true
}

/** @throws CommandError that lists all that is in the way. */
function refuse(folder: string, files: Files, { lockfile }: PackageManager): void {
  const above = nearestAbove(folder)
  if (!statSync(above).isDirectory()) throw new CommandError(exitCodes.invocation, `${above} is no folder`)
  const taken = inTheWay(folder, [...files.keys(), output, lockfile, 'node_modules'])
  if (taken.length === 0) return
  throw new CommandError(
    exitCodes.invocation,
    `nothing was written, since ${folder} has\n${taken.map(path => `  ${path}\n`).join('')}Name a new folder: meridian init my-features`,
  )
}

/** The folder, or what there is of the way to it. */
function nearestAbove(folder: string): string {
  return existsSync(folder) || folder === dirname(folder) ? folder : nearestAbove(dirname(folder))
}

/** What the new project's first build would write. The packages that it needs are those of this command. */
async function build(files: Files, { name, dialects }: Answers): Promise<Files> {
  const root = await mkdtemp(join(tmpdir(), 'meridian-init-'))
  try {
    place(root, files)
    const { compile } = await import('../compiler/index.ts')
    const options = { root, definitions: 'features.ts', output, name: projectName(name), dialects }
    const { diagnostics, artefacts } = await compile(options)
    const [first] = diagnostics
    if (first) throw new Error(`the new project does not build: ${first.code}: ${first.message}`)
    return new Map(artefacts.map(({ path, text }) => [`${output}/${path}`, text]))
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

/** Tells what to run now. */
function next(
  manager: PackageManager,
  folder: string,
  { here, installed }: { here: string; installed: boolean },
): void {
  note('\nnext:')
  if (here !== '.') note(`  ${colors.bold(`cd ${/\s/.test(here) ? `'${here}'` : here}`)}`)
  if (!installed) note(`  ${colors.bold(`${manager.name} install`)}`)
  for (const { command, what } of aligned(firstSteps(manager))) note(`  ${colors.bold(command)}  ${colors.dim(what)}`)
  const repository = repositoryAbove(folder)
  if (repository !== null)
    note(
      `\nGitHub reads workflows at the top of a repository only: move .github to ${repository}, and give its commands\n` +
        `working-directory: ${relative(repository, folder).replaceAll('\\', '/')}`,
    )
}

/** The repository of git that the folder lies in, unless it is its top. */
function repositoryAbove(folder: string): string | null {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at === folder ? null : at
    if (at === dirname(at)) return null
  }
}
