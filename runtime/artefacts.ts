/** The generated folder: its manifest, and statements and codecs that are exactly what was built. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Manifest, ViewManifest } from './contract.ts'
import { MeridianError } from './errors.ts'
import type { ApplyRows } from './on-demand/view.ts'
import { type CodecRuntime, codecRuntimes, type Instants } from './online/codec.ts'
import type { StoredCodec, ValuesCodec } from './online/read.ts'

interface CodecModule {
  readonly default: (runtime: CodecRuntime) => StoredCodec & ValuesCodec
}

interface FunctionsModule {
  readonly default: Readonly<Record<string, ApplyRows>>
}

/** The functions of all on-demand views. */
const functionsPath = 'on-demand.mjs'

export class Artefacts {
  readonly folder: string
  readonly manifest: Manifest
  readonly #texts = new Map<string, string>()
  readonly #codecs = new Map<string, StoredCodec & ValuesCodec>()
  #functions: Readonly<Record<string, ApplyRows>> = {}

  /** @throws MeridianError `artefacts.unreadable`, `artefacts.changed` */
  static async open(folder: URL | string, instants: Instants = 'milliseconds'): Promise<Artefacts> {
    const artefacts = new Artefacts(folder)
    const { views, onDemandViews } = artefacts.manifest
    await Promise.all(Object.values(views).map(view => artefacts.#loadCodec(view, instants)))
    if (Object.keys(onDemandViews).length > 0) await artefacts.#loadFunctions()
    return artefacts
  }

  private constructor(folder: URL | string) {
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

  /** @throws MeridianError `artefacts.unreadable` where the build left a dialect out. */
  mustHave(dialect: string): void {
    const without = Object.values(this.manifest.views).filter(view => !view.statements[dialect])
    if (without.length === 0) return
    const message = `${this.folder} was not built for ${dialect}: add it to \`dialects\` in meridian.config.ts, and run \`meridian build\``
    throw new MeridianError('artefacts.unreadable', message, { dialect, views: without.map(({ name }) => name) })
  }

  /**
   * The text of a statement. What runs is what was reviewed: a file that is not the build's is refused.
   *
   * @throws MeridianError `artefacts.unreadable`, `artefacts.changed`
   */
  statement(path: string): string {
    const known = this.#texts.get(path)
    if (known !== undefined) return known
    const text = this.#read(path)
    this.#texts.set(path, text)
    return text
  }

  /** The codec of a materialized view. */
  storedCodec(path: string): StoredCodec {
    return this.#codec(path)
  }

  /** The codec of a view that is computed when it is read. */
  valuesCodec(path: string): ValuesCodec {
    return this.#codec(path)
  }

  /** What applies the functions of an on-demand view to rows. */
  applyRows(view: string): ApplyRows {
    const apply = Object.hasOwn(this.#functions, view) ? this.#functions[view] : undefined
    if (!apply) throw new Error(`${functionsPath} has no ${view}`)
    return apply
  }

  #codec(path: string): StoredCodec & ValuesCodec {
    const codec = this.#codecs.get(path)
    if (!codec) throw new Error(`the codec ${path} is not loaded`)
    return codec
  }

  async #loadCodec({ codec: path, materialize }: ViewManifest, instants: Instants): Promise<void> {
    const { default: codec } = (await this.#import(path)) as CodecModule
    this.#codecs.set(path, codec(codecRuntimes[instants][materialize ? 'stored' : 'computed']))
  }

  async #loadFunctions(): Promise<void> {
    const { default: functions } = (await this.#import(functionsPath)) as FunctionsModule
    this.#functions = functions
  }

  async #import(path: string): Promise<unknown> {
    this.#read(path)
    const url = pathToFileURL(join(this.folder, path))
    // Node keeps modules by their address: the hash makes that of another build another one.
    url.search = this.manifest.artefacts[path] ?? ''
    return import(url.href)
  }

  #read(path: string): string {
    const file = join(this.folder, path)
    let text: string
    try {
      text = readFileSync(file, 'utf8')
    } catch (error) {
      const message = `cannot read ${file}: run \`meridian build\``
      throw new MeridianError('artefacts.unreadable', message, { path: file }, error)
    }
    if (createHash('sha256').update(text).digest('hex') !== this.manifest.artefacts[path]) {
      const message = `${file} is not the file that manifest.json lists: it was edited, or belongs to another build. Run \`meridian build\``
      throw new MeridianError('artefacts.changed', message, { path: file })
    }
    return text
  }
}
