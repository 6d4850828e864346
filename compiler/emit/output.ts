/** The generated folder on disk: what is there, what a build would change, and writing exactly that. */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Manifest } from '../../runtime/contract.ts'
import type { Artefact } from './artefact.ts'

export interface Change {
  readonly path: string
  /** `stale`: differs; `missing`: not on disk; `orphan`: on disk, but no longer made. */
  readonly kind: 'stale' | 'missing' | 'orphan'
  readonly before: string | null
  readonly after: string | null
}

/**
 * What must change on disk so that the folder holds exactly these artefacts.
 *
 * Orphans are the files that the last manifest lists and this build does not make; with `strict`, every other file too.
 */
export function changesOf(folder: string, artefacts: readonly Artefact[], strict: boolean): Change[] {
  const made = new Map(artefacts.map(({ path, text }) => [path, text]))
  const changes: Change[] = []
  for (const [path, after] of made) {
    const before = read(join(folder, path))
    if (before === after) continue
    changes.push({ path, kind: before === null ? 'missing' : 'stale', before, after })
  }
  const listed = strict ? filesBelow(folder) : lastArtefacts(folder)
  for (const path of listed) {
    if (made.has(path)) continue
    const before = read(join(folder, path))
    if (before !== null) changes.push({ path, kind: 'orphan', before, after: null })
  }
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/**
 * Applies the changes. New text goes to a temporary name beside its place first, and only when all of it is on disk is
 * anything renamed, the manifest last: a build that is cut off leaves the old files, or old and new with the old manifest.
 */
export function applyChanges(folder: string, changes: readonly Change[]): void {
  const written: { from: string; to: string }[] = []
  try {
    for (const { path, after } of changes) {
      if (after === null) continue
      const to = join(folder, path)
      const from = `${to}.${process.pid}.tmp`
      mkdirSync(dirname(to), { recursive: true })
      writeFileSync(from, after)
      written.push({ from, to })
    }
  } catch (error) {
    for (const { from } of written) rmSync(from, { force: true })
    throw error
  }
  const isManifest = ({ to }: { to: string }) => to === join(folder, 'manifest.json')
  for (const { from, to } of written.filter(file => !isManifest(file))) renameSync(from, to)
  for (const { path, kind } of changes) if (kind === 'orphan') removeWithEmptyFolders(folder, path)
  for (const { from, to } of written.filter(isManifest)) renameSync(from, to)
}

/** Maps help editors, and nothing else: a folder that cannot be written is no reason to fail. */
export function writeMaps(folder: string, maps: readonly Artefact[]): void {
  try {
    const known = new Set(maps.map(({ path }) => path))
    mkdirSync(folder, { recursive: true })
    const ignored = join(folder, '../..', '.gitignore')
    if (read(ignored) === null) writeFileSync(ignored, '*\n')
    for (const { path, text } of maps) if (read(join(folder, path)) !== text) writeFileSync(join(folder, path), text)
    for (const path of filesBelow(folder)) if (!known.has(path)) rmSync(join(folder, path))
  } catch {
    // Editors then stay in the generated folder.
  }
}

function removeWithEmptyFolders(folder: string, path: string): void {
  rmSync(join(folder, path), { force: true })
  for (let parent = dirname(path); parent !== '.'; parent = dirname(parent)) {
    if (readdirSync(join(folder, parent)).length > 0) return
    rmdirSync(join(folder, parent))
  }
}

function lastArtefacts(folder: string): string[] {
  const text = read(join(folder, 'manifest.json'))
  if (text === null) return []
  try {
    const { artefacts } = JSON.parse(text) as Manifest
    // A path that leaves the folder is not ours to delete, whoever wrote it there.
    return Object.keys(artefacts ?? {}).filter(path => !path.startsWith('/') && !path.split('/').includes('..'))
  } catch {
    return []
  }
}

function filesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry =>
        join(entry.parentPath, entry.name)
          .slice(folder.length + 1)
          .replaceAll('\\', '/'),
      )
  } catch {
    return []
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return null
    throw error
  }
}
