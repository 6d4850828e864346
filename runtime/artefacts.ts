/** The generated folder: its manifest, and statements that are exactly what was built. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Manifest } from './contract.ts'
import { MeridianError } from './errors.ts'

export class Artefacts {
  readonly folder: string
  readonly manifest: Manifest
  readonly #texts = new Map<string, string>()

  /** @throws MeridianError `artefacts.unreadable` */
  constructor(folder: URL | string) {
    this.folder = folder instanceof URL ? fileURLToPath(folder) : resolve(folder)
    const path = join(this.folder, 'manifest.json')
    try {
      this.manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest
    } catch (error) {
      throw new MeridianError('artefacts.unreadable', `cannot read ${path}: run \`meridian build\``, { path }, error)
    }
    const version: number = this.manifest.manifestVersion
    if (version !== 1) {
      const message = `${path} is of manifest version ${version}, and this runtime reads 1: build with the same version of meridian`
      throw new MeridianError('artefacts.unreadable', message, { path, version })
    }
  }

  /**
   * The text of a statement. What runs is what was reviewed: a file that is not the build's is refused.
   *
   * @throws MeridianError `artefacts.unreadable`, `artefacts.changed`
   */
  statement(path: string): string {
    const known = this.#texts.get(path)
    if (known !== undefined) return known
    const file = join(this.folder, path)
    let text: string
    try {
      text = readFileSync(file, 'utf8')
    } catch (error) {
      throw new MeridianError(
        'artefacts.unreadable',
        `cannot read ${file}: run \`meridian build\``,
        { path: file },
        error,
      )
    }
    if (createHash('sha256').update(text).digest('hex') !== this.manifest.artefacts[path]) {
      const message = `${file} is not the file that manifest.json lists: it was edited, or belongs to another build. Run \`meridian build\``
      throw new MeridianError('artefacts.changed', message, { path: file })
    }
    this.#texts.set(path, text)
    return text
  }
}
