/**
 * A note of what the last build read and wrote. When nothing of it changed, a build has nothing to do, and says so without
 * loading the compiler. It lies outside the generated folder and is never needed: without it a build is only slower.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Verified } from '../compiler/verify/verified.ts'

interface Stamp {
  readonly compiler: string
  /** Hashes by absolute path; empty for a file that is not there. */
  readonly files: Readonly<Record<string, string>>
}

/** Whether the build that wrote the stamp would do the same again. `project` is as given on the command line. */
export function isCurrent(config: string, project: string | undefined): boolean {
  const stamp = read(config, project)
  if (!stamp || stamp.compiler !== compilerFingerprint()) return false
  return Object.entries(stamp.files).every(([file, hash]) => hashOf(file) === hash)
}

/** Notes a build that succeeded: all files it read, and the hashes of those that it made. */
export function writeStamp(
  config: string,
  project: string | undefined,
  { read, made }: { readonly read: readonly string[]; readonly made: Readonly<Record<string, string>> },
): void {
  const all = [config, join(dirname(config), 'package-lock.json'), ...read]
  const stamp: Stamp = {
    compiler: compilerFingerprint(),
    files: { ...Object.fromEntries(all.map(file => [file, hashOf(file)])), ...made },
  }
  const path = stampPath(config, project)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, JSON.stringify(stamp))
}

/**
 * What builds of a project verified before, by the same compiler and the same packages. A build that succeeded keeps what
 * it asked about or found: nothing else grows old here.
 */
export function openVerified(config: string, project: string): Verified & { save(): void } {
  const path = join(dirname(stampPath(config)), `${idOf(config, project)}.verified.json`)
  const scope = `${compilerFingerprint()}:${hashOf(join(dirname(config), 'package-lock.json'))}`
  let before = new Set<string>()
  try {
    const kept = JSON.parse(readFileSync(path, 'utf8')) as { scope: string; identities: string[] }
    if (kept.scope === scope) before = new Set(kept.identities)
  } catch {
    // There is none yet.
  }
  const current = new Set<string>()
  return {
    isEmpty: before.size === 0,
    has(identity) {
      if (!before.has(identity)) return false
      current.add(identity)
      return true
    },
    add: identity => void current.add(identity),
    save() {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, JSON.stringify({ scope, identities: [...current].sort() }))
    },
  }
}

function read(config: string, project: string | undefined): Stamp | null {
  try {
    return JSON.parse(readFileSync(stampPath(config, project), 'utf8')) as Stamp
  } catch {
    return null
  }
}

function stampPath(config: string, project = ''): string {
  const modules = join(dirname(config), 'node_modules')
  const folder = existsSync(modules) ? join(modules, '.cache') : tmpdir()
  return join(folder, 'meridian', `${idOf(config, project)}.json`)
}

function idOf(config: string, project: string): string {
  return createHash('sha256').update(`${config}\n${project}`).digest('hex').slice(0, 16)
}

/** Empty for a file that is not there, which is a fact like another. */
function hashOf(file: string): string {
  try {
    return createHash('sha256').update(readFileSync(file)).digest('hex')
  } catch {
    return ''
  }
}

let ownFingerprint: string | undefined

/** Changes when the compiler's own files do. One process runs one compiler. */
function compilerFingerprint(): string {
  ownFingerprint ??= fingerprintOfFiles()
  return ownFingerprint
}

function fingerprintOfFiles(): string {
  const here = fileURLToPath(new URL('..', import.meta.url))
  const hash = createHash('sha256').update(process.version)
  for (const folder of ['compiler', 'dsl']) {
    for (const entry of readdirSync(join(here, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const file = join(entry.parentPath, entry.name)
      const { size, mtimeMs } = statSync(file)
      hash.update(`${file}:${size}:${mtimeMs}\n`)
    }
  }
  return hash.digest('hex')
}
