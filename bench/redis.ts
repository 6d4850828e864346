/**
 * For benchmarks of Redis: a server of their own that keeps nothing on the disk, and a store of DuckDB and Redis, since it is
 * not Postgres that they measure.
 */
import { resolve } from 'node:path'
import { Artefacts } from '../runtime/artefacts.ts'
import { DuckDBEngine } from '../runtime/offline/duckdb.ts'
import { RedisStore } from '../runtime/online/redis.ts'
import { Store } from '../runtime/store.ts'
import { ownRedisServer } from '../test/servers.ts'
import { builtOnce } from './project.ts'

export const at = new Date('2001-06-15T12:00:00Z')
export const entities = 10_000

/** The address of the server, which the script starts and its variants find in their environment. */
export async function benchServer(): Promise<string> {
  const known = process.env.MERIDIAN_BENCH_REDIS_URL
  if (known) return known
  const { url } = await ownRedisServer({ args: () => ['--appendonly', 'no'] })
  process.env.MERIDIAN_BENCH_REDIS_URL = url
  return url
}

/** All of a store but where rows are kept. */
export async function localEnvironment(folder: string) {
  const artefacts = await Artefacts.open(folder)
  const engine = await DuckDBEngine.open(resolve(artefacts.folder, artefacts.manifest.root))
  return { artefacts, engine, now: () => at }
}

export async function openStore(folder: string): Promise<Store> {
  const online = await RedisStore.open({
    url: await benchServer(),
    readTimeout: 2000,
    writeTimeout: 5000,
    connectTimeout: 2000,
  })
  return new Store({ ...(await localEnvironment(folder)), online })
}

/**
 * `numbers`: a quarter counts, the others float64 means, maxima and sums, as most rows of models are. `texts`: the sums are decimals
 * and a quarter are last values of texts, so that half of the fields are texts.
 */
export type Mix = 'numbers' | 'texts'

/** So many features, a multiple of four. */
function features(mix: Mix, count: number): string {
  return Array.from({ length: count / 4 }, (_, index) => {
    const hours = `${index + 1}h`
    const over = `over('${hours}')`
    const common = `payments_${hours}: count().${over}, mean_score_${hours}: avg('score').${over}`
    return mix === 'numbers'
      ? `${common}, largest_score_${hours}: max('score').${over}, total_score_${hours}: sum('score').${over}`
      : `${common}, kind_above_${index}: last('kind').where(row => row.score.gt(${index})), spent_${hours}: sum('amount').${over}`
  }).join(', ')
}

/** Views `<mix>_<count>` of ten thousand entities, whose rows are in Redis; their generated folder. */
export async function project(
  name: string,
  wanted: readonly { readonly mix: Mix; readonly count: number }[],
): Promise<string> {
  const views = wanted.map(
    ({ mix, count }) =>
      `export const ${mix}${count} = featureView('${mix}_${count}', { entity: user, source: events, ttl: '30d', refresh: '1h', materialize: true,
  features: ({ avg, count, last, max, sum }) => ({ ${features(mix, count)} }) })`,
  )
  return builtOnce(
    name,
    `import { entity, featureView, source, sql, t } from 'meridian'
export const user = entity('user', { joinKeys: { user_id: t.int64() } })
export const events = source('events', {
  columns: { user_id: t.int64(), amount: t.decimal(12, 2), kind: t.string(), score: t.float64(), happened_at: t.timestamp() },
  eventTimestamp: 'happened_at', tieBreak: ['amount'],
  duckdb: sql\`SELECT n % ${entities} AS user_id, (n % 10007 / 7)::DECIMAL(12, 2) AS amount, 'kind ' || n % 31 AS kind, n % 1009 / 3 AS score,
    TIMESTAMP '2001-06-15 12:00:00' - to_minutes(n % 3001) AS happened_at FROM range(${3 * entities}) AS numbers(n)\`,
})
${views.join('\n')}
`,
  )
}

/** The keys of a view's rows as Redis knows them, in the order of entities. */
export function rowKeys(store: Store, view: string): string[] {
  const manifest = store.manifest.views[view]
  if (!manifest) throw new Error(`there is no view ${view}`)
  return Array.from(
    { length: entities },
    (_, number) => `{${manifest.entity}:${number}}:${view}:${manifest.layout.fingerprint}`,
  )
}

/** Numbers from 0 to `below`, the same in every run, each at some distance from the one before. */
export function scattered(count: number, below: number): number[] {
  return Array.from({ length: count }, (_, index) => (index * 7919 + 13) % below)
}
