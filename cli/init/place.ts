/** Puts files into a folder: all of them, over nothing that is there, or none. */
import { closeSync, lstatSync, mkdirSync, openSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'

/** Contents by path below the folder, with slashes. */
export type Files = ReadonlyMap<string, string | Uint8Array>

/**
 * What of these is there already, each once: a file, what is no folder where one has to be, or a folder in place of a file. An
 * empty folder is in nobody's way.
 */
export function inTheWay(folder: string, paths: Iterable<string>): string[] {
  const found = new Set<string>()
  for (const path of paths) {
    const above = ancestors(path).find(part => kindOf(join(folder, part)) === 'file')
    if (above !== undefined) found.add(above)
    else if (kindOf(join(folder, path)) === 'file') found.add(path)
    else if (kindOf(join(folder, path)) === 'folder') found.add(`${path}/`)
  }
  return [...found]
}

/**
 * Writes all files, and the folders they need. Where one cannot be written, what was written before is removed again.
 *
 * @throws what the file system says; `EEXIST` where something is there
 */
export function place(folder: string, files: Files): void {
  const made: string[] = []
  try {
    for (const [path, content] of files) {
      const file = join(folder, path)
      makeFolders(dirname(file), made)
      // Never over a file, whoever made it since we looked.
      const open = openSync(file, 'wx')
      made.push(file)
      try {
        writeFileSync(open, content)
      } finally {
        closeSync(open)
      }
    }
  } catch (error) {
    for (const path of made.reverse()) remove(path)
    throw error
  }
}

function ancestors(path: string): string[] {
  const parent = posix.dirname(path)
  return parent === '.' ? [] : [...ancestors(parent), parent]
}

function kindOf(path: string): 'nothing' | 'file' | 'empty' | 'folder' {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (!found) return 'nothing'
  if (!found.isDirectory()) return 'file'
  return readdirSync(path).length === 0 ? 'empty' : 'folder'
}

function makeFolders(folder: string, made: string[]): void {
  if (lstatSync(folder, { throwIfNoEntry: false })) return
  makeFolders(dirname(folder), made)
  mkdirSync(folder)
  made.push(folder)
}

function remove(path: string): void {
  try {
    if (lstatSync(path).isDirectory()) rmdirSync(path)
    else rmSync(path)
  } catch {
    // Somebody else put something into it: it is not ours to remove.
  }
}
