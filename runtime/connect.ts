import { resolve } from 'node:path'
import { Artefacts } from './artefacts.ts'
import { MeridianError } from './errors.ts'
import { DuckDBEngine, type DuckDBOptions } from './offline/duckdb.ts'
import { MemoryStore } from './online/memory.ts'
import { Store } from './store.ts'

export interface ConnectOptions {
  /** Where relative paths of sources start. Default: the project's folder, as it lay to the generated one. */
  readonly root?: string
  /** The clock. */
  readonly now?: () => Date
  readonly duckdb?: DuckDBOptions
}

/**
 * Opens the store of a generated folder: DuckDB, and an online store in this process.
 *
 * @throws MeridianError `artefacts.unreadable`, `artefacts.changed`, `environment.unsupported`, `database.unavailable`
 * @example
 * const store = await connect(new URL('./generated/flights/', import.meta.url))
 */
export async function connect(folder: URL | string, options: ConnectOptions = {}): Promise<Store> {
  const environment = process.env.MERIDIAN_ENV
  if (environment !== undefined && environment !== '' && environment !== 'local') {
    const message = `MERIDIAN_ENV is "${environment}", and this version runs in local mode only: unset it, or set it to "local"`
    throw new MeridianError('environment.unsupported', message, { environment })
  }
  const artefacts = await Artefacts.open(folder)
  const root = resolve(options.root ?? resolve(artefacts.folder, artefacts.manifest.root))
  const engine = await DuckDBEngine.open(root, options.duckdb)
  return new Store({ artefacts, engine, online: new MemoryStore(), now: options.now ?? (() => new Date()) })
}
