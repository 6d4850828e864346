/** What a new project is like: as flags say, else as a person says on a terminal, else by default. */
import { existsSync } from 'node:fs'
import { basename, relative, resolve } from 'node:path'
import { dialects as known } from '../../compiler/dialects/index.ts'
import { CommandError, exitCodes } from '../exit-codes.ts'
import { nearest } from '../nearest.ts'
import { ownPackage } from '../own-package.ts'
import { callingPackageManager, type PackageManagerName, packageManagers } from './package-manager.ts'

export const dataFormats = ['csv', 'parquet'] as const
export type DataFormat = (typeof dataFormats)[number]

export interface InitOptions {
  readonly name?: string
  readonly data?: DataFormat
  /** Names, with commas between. */
  readonly dialects?: string
  readonly packageManager?: PackageManagerName
  /** What package.json says of meridian: a version, or where the package lies. Default: this version. */
  readonly meridian?: string
  readonly install: boolean
  /** Ask nothing. */
  readonly yes?: boolean
}

export interface Answers {
  /** Of the package. */
  readonly name: string
  readonly data: DataFormat
  readonly dialects: readonly string[]
  readonly packageManager: PackageManagerName
  readonly meridian: string
}

const all = known.map(({ name }) => name)
/** Local mode runs on it. */
const local = 'duckdb'

/** Checks flags; what none of them says is left out. */
export function flagged(folder: string, options: InitOptions): Partial<Answers> & Pick<Answers, 'meridian'> {
  const { name, data, packageManager = callingPackageManager() } = options
  const problem = name === undefined ? null : problemOfName(name)
  if (problem !== null) throw new CommandError(exitCodes.invocation, `--name ${name}: ${problem}`)
  return {
    meridian: specifier(folder, options.meridian ?? ownPackage().version),
    ...(name === undefined ? {} : { name }),
    ...(data === undefined ? {} : { data }),
    ...(packageManager === undefined ? {} : { packageManager }),
    ...(options.dialects === undefined ? {} : { dialects: dialectsOf(options.dialects) }),
  }
}

export function defaults(folder: string): Omit<Answers, 'meridian'> {
  return { name: nameOf(folder), data: 'csv', dialects: all, packageManager: 'npm' }
}

/** Asks for what no flag said. Prompts go to stderr. */
export async function ask(folder: string, said: Partial<Answers>): Promise<Partial<Answers>> {
  const [{ default: input }, { default: select }] = await Promise.all([
    import('@inquirer/input'),
    import('@inquirer/select'),
  ])
  const context = { output: process.stderr }
  const usual = defaults(folder)
  try {
    const name =
      said.name ??
      (await input(
        { message: 'Name of the project:', default: usual.name, validate: text => problemOfName(text) ?? true },
        context,
      ))
    const data =
      said.data ??
      (await select<DataFormat>(
        {
          message: "Format of the example's data:",
          choices: [
            { value: 'csv', name: 'CSV', description: 'Any editor shows the rows.' },
            { value: 'parquet', name: 'Parquet', description: 'Typed, and small.' },
          ],
        },
        context,
      ))
    const dialects =
      said.dialects ??
      (await select(
        {
          message: 'SQL for:',
          choices: [
            { value: all, name: all.join(' and '), description: 'Local mode now, production whenever you like.' },
            { value: [local], name: local, description: 'Local mode only.' },
          ],
        },
        context,
      ))
    const packageManager =
      said.packageManager ??
      (await select<PackageManagerName>(
        { message: 'Package manager:', choices: packageManagers.map(value => ({ value })) },
        context,
      ))
    return { name, data, dialects, packageManager }
  } catch (error) {
    if ((error as Error).name !== 'ExitPromptError') throw error
    throw new CommandError(exitCodes.invocation, 'interrupted: nothing was written')
  }
}

/** Names that npm takes, and that a package manager does not take for one of the project's own dependencies. */
function problemOfName(name: string): string | null {
  if (!/^[a-z][a-z0-9]*([-_][a-z0-9]+)*$/.test(name) || name.length > 45)
    return 'a name is of at most 45 small letters and digits, with single - or _ between them, and starts with a letter'
  return taken.includes(name) ? 'that is a package which the project needs' : null
}

const taken: readonly string[] = ['meridian', 'tsx', 'typescript']

/** @example nameOf('/home/ada/My Shop') // 'my-shop' */
function nameOf(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 45)
    .replace(/^[^a-z]+|-+$/g, '')
  return problemOfName(name) === null ? name : 'features'
}

function dialectsOf(text: string): readonly string[] {
  const names = text.split(',').map(name => name.trim())
  const wrong = names.find(name => !all.includes(name))
  if (wrong !== undefined)
    throw new CommandError(
      exitCodes.invocation,
      `--dialects ${text}: there is no dialect "${wrong}"${nearest(wrong, all)}`,
    )
  if (!names.includes(local))
    throw new CommandError(
      exitCodes.invocation,
      `--dialects ${text}: the project runs in local mode, which needs ${local}`,
    )
  return all.filter(name => names.includes(name))
}

/** A path is written as package managers want it, as seen from the new project. */
function specifier(folder: string, text: string): string {
  const path = text.startsWith('file:') ? text.slice('file:'.length) : isPath(text) ? text : null
  if (path === null) return text
  if (!existsSync(path))
    throw new CommandError(exitCodes.invocation, `--meridian ${text}: there is no ${resolve(path)}`)
  return `file:${relative(folder, resolve(path)).replaceAll('\\', '/')}`
}

/** Not a version, a tag or an address. */
const isPath = (text: string): boolean => /^\.{0,2}\//.test(text) || /^[^:]+\.tgz$/.test(text)
