/** The package managers that a new project can be for: what they are called with, and what they leave behind. */
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'

export const packageManagers = ['npm', 'pnpm', 'yarn'] as const
export type PackageManagerName = (typeof packageManagers)[number]

export interface PackageManager {
  readonly name: PackageManagerName
  /** Null where it is not installed. */
  readonly version: string | null
  readonly lockfile: string
  /** Installs what the lock file says and nothing else. */
  readonly frozen: string
  /** Runs a script of package.json; its arguments follow. */
  readonly run: string
  readonly test: string
  /** Runs a command of an installed package, and prints nothing of its own. */
  readonly exec: string
}

/** The one that runs this process, such as npm for `npx meridian init`. */
export function callingPackageManager(userAgent = process.env.npm_config_user_agent): PackageManagerName | undefined {
  return packageManagers.find(name => userAgent?.startsWith(`${name}/`))
}

/** @example packageManager('npm').frozen // 'npm ci' */
export function packageManager(name: PackageManagerName): PackageManager {
  const version = versionOf(name)
  const common = { name, version, test: `${name} test` }
  switch (name) {
    case 'npm':
      return { ...common, lockfile: 'package-lock.json', frozen: 'npm ci', run: 'npm run', exec: 'npx' }
    case 'pnpm': {
      const frozen = 'pnpm install --frozen-lockfile'
      return { ...common, lockfile: 'pnpm-lock.yaml', frozen, run: 'pnpm run', exec: 'pnpm exec' }
    }
    case 'yarn': {
      const frozen = isClassicYarn(version) ? 'yarn install --frozen-lockfile' : 'yarn install --immutable'
      return { ...common, lockfile: 'yarn.lock', frozen, run: 'yarn run', exec: 'npx' }
    }
    default:
      return name satisfies never
  }
}

/** The first yarn: also where there is none, since that is what corepack brings. */
export const isClassicYarn = (version: string | null): boolean => version === null || version.startsWith('1.')

/** Runs it in a folder. What it prints goes to stderr. Null: done, otherwise what was wrong. */
export function install({ name }: Pick<PackageManager, 'name'>, folder: string): string | null {
  const quiet = name === 'npm' ? ['--no-audit', '--no-fund'] : []
  const { error, status } = spawn(name, ['install', ...quiet], { cwd: folder, stdio: ['ignore', 2, 2] })
  if (error) return (error as NodeJS.ErrnoException).code === 'ENOENT' ? `${name} is not installed` : error.message
  return status === 0 ? null : `${name} install failed`
}

function versionOf(name: PackageManagerName): string | null {
  const [agent = '', version = ''] = process.env.npm_config_user_agent?.split(' ')[0]?.split('/') ?? []
  if (agent === name && version !== '') return version
  // Not in a project, whose own version it would be.
  const { status, stdout } = spawn(name, ['--version'], { cwd: tmpdir(), stdio: ['ignore', 'pipe', 'ignore'] })
  return status === 0 ? String(stdout).trim() : null
}

function spawn(
  name: string,
  args: readonly string[],
  options: { cwd: string; stdio: ['ignore', 'pipe' | 2, 'ignore' | 2] },
) {
  // There they are batch files, which only a shell runs.
  return spawnSync(name, args, { ...options, shell: process.platform === 'win32' })
}
