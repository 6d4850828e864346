/** What a plan compares with: the generated folder as a commit of git holds it, or as it lies there. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ComparedManifest } from '../compiler/change/manifest.ts'
import { CommandError, exitCodes } from './exit-codes.ts'
import type { FoundProject } from './project.ts'

export interface Base {
  /** For people: 'HEAD (6ab2b60)', 'the files in generated/flights'. */
  readonly label: string
  /** Null where nothing was built. */
  readonly manifest: ComparedManifest | null
  /** Texts of files of the generated folder; null for one that is not there. */
  readonly read: (paths: readonly string[]) => Map<string, string | null>
}

/** Without a ref, what was committed last; outside of git, or where nothing is committed, the files as they are. */
export function openBase(project: FoundProject, against: string | undefined): Base {
  const { root, output, prefix } = project
  if (against !== undefined) return baseOfCommit(root, output, against, commitOf(root, against))
  const head = git(root, ['rev-parse', '--verify', '--quiet', '--short', 'HEAD'])
  if (head !== null) {
    const base = baseOfCommit(root, output, 'HEAD', head.trim())
    if (base.manifest) return base
  }
  const read: Base['read'] = paths => new Map(paths.map(path => [path, textOf(join(root, output, path))]))
  return { label: `the files in ${prefix}${output}`, manifest: manifestOf(read, `${prefix}${output}`), read }
}

function commitOf(root: string, ref: string): string {
  if (git(root, ['rev-parse', '--git-dir']) === null)
    throw new CommandError(
      exitCodes.invocation,
      `--against ${ref}: this is no repository of git, or git is not installed`,
    )
  const commit = git(root, ['rev-parse', '--verify', '--quiet', '--short', '--end-of-options', `${ref}^{commit}`])
  if (commit === null)
    throw new CommandError(
      exitCodes.invocation,
      `--against ${ref}: there is no such commit here. In CI, fetch it first: git fetch --depth=1 origin <branch>`,
    )
  return commit.trim()
}

function baseOfCommit(root: string, output: string, ref: string, commit: string): Base {
  const folder = output.replaceAll('\\', '/').replace(/^\.\//, '').replace(/\/$/, '')
  const read: Base['read'] = paths => objects(root, paths, path => `${commit}:./${folder}/${path}`)
  const label = commit.startsWith(ref) ? commit : `${ref} (${commit})`
  return { label, manifest: manifestOf(read, `${folder} of ${label}`), read }
}

function manifestOf(read: Base['read'], folder: string): ComparedManifest | null {
  const text = read(['manifest.json']).get('manifest.json') ?? null
  if (text === null) return null
  let manifest: (ComparedManifest & { readonly manifestVersion?: number }) | null = null
  try {
    manifest = JSON.parse(text)
  } catch {
    // Told below.
  }
  if (manifest?.manifestVersion === 1) return manifest
  const problem = manifest ? 'is of another version' : 'is no JSON'
  throw new CommandError(
    exitCodes.invocation,
    `manifest.json in ${folder} ${problem}: compare with a commit where it is sound`,
  )
}

function git(root: string, args: readonly string[]): string | null {
  const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8' })
  return status === 0 ? stdout : null
}

/** The texts of many objects by one process. */
function objects(root: string, paths: readonly string[], nameOf: (path: string) => string): Map<string, string | null> {
  const input = paths.map(path => `${nameOf(path)}\n`).join('')
  const { status, stdout } = spawnSync('git', ['cat-file', '--batch'], { cwd: root, input, maxBuffer: 2 ** 30 })
  const texts = new Map<string, string | null>()
  let at = 0
  for (const path of paths) {
    const end = status === 0 ? stdout.indexOf('\n', at) : -1
    if (end < 0) {
      texts.set(path, null)
      continue
    }
    // `<hash> blob <bytes>`, the content and a line feed; or `<name> missing`.
    const size = / blob (\d+)$/.exec(stdout.toString('utf8', at, end))?.[1]
    texts.set(path, size === undefined ? null : stdout.toString('utf8', end + 1, end + 1 + Number(size)))
    at = end + 1 + (size === undefined ? 0 : Number(size) + 1)
  }
  return texts
}

function textOf(path: string): string | null {
  return existsSync(path) ? readFileSync(path, 'utf8') : null
}
