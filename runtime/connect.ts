/** Which engine and which online store: local mode or production, as the environment says. */
import { resolve } from 'node:path'
import { Artefacts } from './artefacts.ts'
import { MeridianError } from './errors.ts'
import type { DuckDBOptions } from './offline/duckdb.ts'
import type { OfflineEngine } from './offline/engine.ts'
import type { PostgresOptions } from './offline/postgres.ts'
import type { Instants } from './online/codec.ts'
import { MemoryStore } from './online/memory.ts'
import type { RedisOptions } from './online/redis.ts'
import type { OnlineStore } from './online/store.ts'
import { memoryScheduling, redisScheduling, type Scheduling } from './schedule/scheduling.ts'
import { Store } from './store.ts'
import type { Environment } from './view-runtime.ts'

/** What `connect` takes; each wins over the environment. */
export interface ConnectOptions {
  /** `'local'`: DuckDB, and an online store in this process. `'production'`: Postgres and Redis. Default: `MERIDIAN_ENV`, else local. */
  readonly environment?: 'local' | 'production'
  /** Where relative paths of sources start. Default: the project's folder, as it lay to the generated one. */
  readonly root?: string
  /** The clock, which reads without `at` go by. For tests. */
  readonly now?: () => Date
  /** Milliseconds that a `get` or `getMany` may take unless it says otherwise. Default: the bounds of the store and of lookups. */
  readonly timeout?: number
  /** Of local mode. */
  readonly duckdb?: DuckDBOptions
  /** Its `url` is `MERIDIAN_POSTGRES_URL` by default. */
  readonly postgres?: Partial<PostgresOptions>
  /** Its `url` is `MERIDIAN_REDIS_URL` by default. */
  readonly redis?: Partial<RedisOptions>
}

/**
 * Opens the store of a generated folder: in local mode, or with `MERIDIAN_ENV=production` on the Postgres and the Redis
 * that `MERIDIAN_POSTGRES_URL` and `MERIDIAN_REDIS_URL` name.
 *
 * @throws MeridianError `artefacts.unreadable`, `artefacts.changed`, `environment.unsupported`, `database.unavailable`,
 * `store.unavailable`, `store.timeout`, `store.refused`
 * @example
 * const store = await connect(new URL('./generated/flights/', import.meta.url))
 */
export async function connect(folder: URL | string, options: ConnectOptions = {}): Promise<Store> {
  const { environment, scheduling } = await openEnvironment(folder, options)
  return new Store(environment, scheduling)
}

/** What a store runs on. `instants`: whether Dates of answers keep their microseconds. Throws what `connect` throws. */
export async function openEnvironment(
  folder: URL | string,
  options: ConnectOptions,
  instants?: Instants,
): Promise<{ readonly environment: Environment; readonly scheduling: Scheduling }> {
  const mode = modeOf(options.environment ?? (process.env.MERIDIAN_ENV || 'local'))
  const urls = mode === 'production' ? productionUrls(options) : null
  const artefacts = await Artefacts.open(folder, instants)
  artefacts.mustHave(urls ? 'postgres' : 'duckdb')
  const root = resolve(options.root ?? resolve(artefacts.folder, artefacts.manifest.root))
  const engine = urls ? await openPostgres(urls.postgres, options) : await openDuckDB(root, options)
  let online: OnlineStore
  try {
    online = urls ? await openRedis(urls.redis, options) : new MemoryStore()
  } catch (error) {
    await engine.close()
    throw error
  }
  const { timeout, now = () => new Date() } = options
  const { project } = artefacts.manifest
  const scheduling = urls ? redisScheduling({ ...options.redis, url: urls.redis }, project) : memoryScheduling(now)
  return { environment: { artefacts, engine, online, now, timeout }, scheduling }
}

function modeOf(environment: string): 'local' | 'production' {
  if (environment === 'local' || environment === 'production') return environment
  const message = `MERIDIAN_ENV is "${environment}": it is "local", which is the default, or "production"`
  throw new MeridianError('environment.unsupported', message, { environment })
}

/** What is missing is told at once. */
function productionUrls({ postgres, redis }: ConnectOptions): { readonly postgres: string; readonly redis: string } {
  const urls = {
    postgres: postgres?.url || process.env.MERIDIAN_POSTGRES_URL || '',
    redis: redis?.url || process.env.MERIDIAN_REDIS_URL || '',
  }
  const missing = [
    ...(urls.postgres === '' ? ['MERIDIAN_POSTGRES_URL (postgres://user:password@host:5432/database)'] : []),
    ...(urls.redis === '' ? ['MERIDIAN_REDIS_URL (redis://host:6379 or redis+cluster://host:6379,host:6379)'] : []),
  ]
  if (missing.length === 0) return urls
  throw new MeridianError('environment.unsupported', `production needs ${missing.join(' and ')}`, { missing })
}

// A process loads the clients of the mode it runs in, not those of the other.

async function openDuckDB(root: string, { duckdb }: ConnectOptions): Promise<OfflineEngine> {
  const { DuckDBEngine } = await import('./offline/duckdb.ts')
  return DuckDBEngine.open(root, duckdb)
}

async function openPostgres(url: string, { postgres }: ConnectOptions): Promise<OfflineEngine> {
  const { PostgresEngine } = await import('./offline/postgres.ts')
  return PostgresEngine.open({ ...postgres, url })
}

async function openRedis(url: string, { redis }: ConnectOptions): Promise<OnlineStore> {
  const { RedisStore } = await import('./online/redis.ts')
  return RedisStore.open({ ...redis, url })
}
