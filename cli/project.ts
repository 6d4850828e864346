/** Which project the command is about: found by the configuration file, from the working directory upwards. */
import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.ts'
import type { Project } from '../dsl/config.ts'
import { CommandError, exitCodes } from './exit-codes.ts'
import { nearest } from './nearest.ts'
import type { Format } from './report.ts'

export interface ProjectOptions {
  readonly config?: string
  readonly project?: string
  /** How to say what is wrong with the configuration. Default: for people. */
  readonly format?: Format | 'markdown'
}

export interface FoundProject extends Project {
  /** The folder of the configuration file, where all paths start. */
  readonly root: string
  readonly config: string
  /** What stands before a file's name, seen from the working directory. */
  readonly prefix: string
}

const fileName = 'meridian.config.ts'

/** Says what is wrong with a configuration that does not evaluate. */
export class ConfigError extends Error {
  readonly diagnostics: readonly Diagnostic[]
  readonly root: string
  /** What stands before a file's name, seen from the working directory. */
  readonly prefix: string
  readonly format: Format

  constructor(diagnostics: readonly Diagnostic[], root: string, prefix: string, format: Format) {
    super('the configuration does not evaluate')
    this.diagnostics = diagnostics
    this.root = root
    this.prefix = prefix
    this.format = format
  }
}

/** The configuration file: the one that is named, or the nearest from the working directory upwards. */
export function findConfig({ config }: ProjectOptions): string {
  const found = config === undefined ? upwards(process.cwd()) : resolve(config)
  if (found === null) {
    const message = `there is no ${fileName} here or in a folder above: write one, or name it with --config`
    throw new CommandError(exitCodes.invocation, message)
  }
  if (!existsSync(found)) throw new CommandError(exitCodes.invocation, `there is no ${found}`)
  return found
}

/** Annotations name files of the repository, wherever in it the command runs; people want them from where they are. */
function placesStart({ format }: ProjectOptions): string {
  return (format === 'github' && process.env.GITHUB_WORKSPACE) || process.cwd()
}

/** The projects of a configuration, all or the one that is named. */
export async function findProjects(options: ProjectOptions): Promise<FoundProject[]> {
  const config = findConfig(options)
  const { loadConfig } = await import('../compiler/load/config.ts')
  const { projects, diagnostics } = await loadConfig(config)
  const root = dirname(config)
  const way = relative(placesStart(options), root).replaceAll('\\', '/')
  const prefix = way === '' ? '' : `${way}/`
  if (diagnostics.length > 0) {
    const { format = 'pretty' } = options
    throw new ConfigError(diagnostics, root, prefix, format === 'markdown' ? 'pretty' : format)
  }
  if (projects.length === 0)
    throw new CommandError(
      exitCodes.invocation,
      `${config} has no project: export default defineConfig({ name, definitions, output })`,
    )
  checkNames(projects, config)
  await checkDialects(projects, config)
  const found = projects.map(project => ({ ...project, root, config, prefix }))
  if (options.project === undefined) return found
  const named = found.filter(project => project.name === options.project)
  if (named.length > 0) return named
  const names = found.map(project => project.name)
  throw new CommandError(
    exitCodes.invocation,
    `there is no project "${options.project}"${nearest(options.project, names)}`,
  )
}

/** The one project that a command is about. */
export async function findProject(options: ProjectOptions): Promise<FoundProject> {
  const found = await findProjects(options)
  const [project] = found
  if (project && found.length === 1) return project
  const names = found.map(({ name }) => name).join(', ')
  throw new CommandError(exitCodes.invocation, `there are several projects (${names}): choose one with --project`)
}

/** The store's type has the name of the project. */
function checkNames(projects: readonly Project[], config: string): void {
  const wrong = projects.find(({ name }) => !/^[A-Za-z]([A-Za-z0-9_-]*[A-Za-z0-9])?$/.test(name))
  if (wrong === undefined) return
  const problem = `a name is letters, digits, _ and -, the first a letter: "${wrong.name}" is none`
  throw new CommandError(exitCodes.invocation, `${config}: ${problem}`)
}

/** What the types say already, for who does not check them. */
async function checkDialects(projects: readonly Project[], config: string): Promise<void> {
  for (const { name, dialects: asked } of projects) {
    if (asked === undefined) continue
    const { dialects } = await import('../compiler/dialects/index.ts')
    const known = dialects.map(dialect => dialect.name)
    const names: readonly unknown[] = Array.isArray(asked) ? asked : [asked]
    const unknown = names.find(dialect => !known.includes(dialect as string))
    const problem =
      unknown !== undefined
        ? `there is no dialect "${unknown}"${nearest(String(unknown), known)}`
        : names.length === 0
          ? `dialects is empty: leave it out for all (${known.join(', ')})`
          : Array.isArray(asked)
            ? null
            : `dialects is a list: ['${asked}']`
    if (problem !== null) throw new CommandError(exitCodes.invocation, `${config}: project "${name}": ${problem}`)
  }
}

function upwards(folder: string): string | null {
  const file = join(folder, fileName)
  if (existsSync(file)) return file
  const parent = dirname(folder)
  return parent === folder ? null : upwards(parent)
}
