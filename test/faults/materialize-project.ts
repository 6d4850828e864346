/** A project on servers that may be killed: what every customer ordered, materialized at one hour and the next. */
import { type ChildProcess, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'meridian/compiler'
import { connect, MeridianError, type Store } from 'meridian/runtime'
import pg from 'pg'
import * as assert from 'uvu/assert'
import { RedisStore } from '../../runtime/online/redis.ts'

/** So many that a run takes long enough to be met in the midst of it. */
export const customers = 60_000
const keys = Array.from({ length: customers }, (_, index) => ({ customer: BigInt(index) }))

export const noon = '2001-06-15T12:00:00Z'
export const one = '2001-06-15T13:00:00Z'
export const two = '2001-06-15T14:00:00Z'
export const three = '2001-06-15T15:00:00Z'

/** Every customer orders half an hour before noon, for 1, and half an hour after it, for 2. */
const tables = `
DROP TABLE IF EXISTS orders;
CREATE TABLE orders AS
SELECT customer, amount, TIMESTAMP '2001-06-15 10:30:00' + amount * INTERVAL '1 hour' AS ordered_at
FROM generate_series(0::bigint, ${customers - 1}) AS c(customer), generate_series(1::bigint, 2) AS a(amount);
CREATE INDEX ON orders (ordered_at);
CREATE INDEX ON orders (customer, ordered_at);
ANALYZE orders;`

const features = (changed: boolean) => `
import { entity, featureView, source, t } from 'meridian'
export const customer = entity('customer', { joinKeys: { customer: t.int64() } })
export const orders = source('orders', {
  columns: { customer: t.int64(), amount: t.int64(), ordered_at: t.timestamp() },
  eventTimestamp: 'ordered_at', tieBreak: ['amount'],
})
export const ever = featureView('ever', {
  entity: customer, source: orders, refresh: '1h', materialize: true,
  features: ({ count, last, sum }) => ({ orders: ${changed ? "sum('amount')" : 'count()'}, last_amount: last('amount') }),
})
export const recent = featureView('recent', {
  entity: customer, source: orders, refresh: '1h', materialize: true,
  features: ({ count, sum }) => ({ orders_2h: count().over('2h'), amount_2h: sum('amount').over('2h') }),
})
`

/** So that a busy machine is not taken for a fault. */
const patient = { readTimeout: 1000, writeTimeout: 3000, connectTimeout: 1000 }

export class Project {
  readonly #postgres: string
  readonly #redis: string
  readonly #folders: readonly [string, string]

  private constructor(postgres: string, redis: string, folders: readonly [string, string]) {
    this.#postgres = postgres
    this.#redis = redis
    this.#folders = folders
  }

  /** Builds it twice, the second time with another meaning of a feature, and makes its table anew. */
  static async make(postgres: string, redis: string): Promise<Project> {
    const client = new pg.Client(postgres)
    await client.connect()
    await client.query(tables)
    await client.end()
    return new Project(postgres, redis, [await built(false), await built(true)])
  }

  async connect({ changed = false } = {}): Promise<Store> {
    return connect(join(this.#folders[changed ? 1 : 0], 'generated'), {
      environment: 'production',
      postgres: { url: this.#postgres, connectTimeout: 2000 },
      redis: { url: this.#redis, ...patient },
    })
  }

  /** A process of its own that materializes a view. */
  process(view: string, at: string): ChildProcess {
    const node = ['--import', 'tsx', '-C', 'meridian-source']
    const script = fileURLToPath(new URL('materialize-process.ts', import.meta.url))
    const urls = { MERIDIAN_POSTGRES_URL: this.#postgres, MERIDIAN_REDIS_URL: this.#redis }
    return spawn(process.execPath, [...node, script, join(this.#folders[0], 'generated'), view, at], {
      env: { ...process.env, MERIDIAN_ENV: 'production', ...urls },
      stdio: 'inherit',
    })
  }

  /** The tick that is recorded as completed. */
  async completed(store: Store, view: string): Promise<Date | null> {
    const online = await RedisStore.open({ url: this.#redis, ...patient })
    const { fingerprint } = store.manifest.views[view]!.layout
    const completed = await online.completedTick(view, fingerprint)
    await online.close()
    return completed && new Date(Number(completed.tick / 1000n))
  }
}

async function built(changed: boolean): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'meridian-faults-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'features.ts'), features(changed))
  const options = { root: folder, definitions: 'features.ts', output: 'generated', name: 'shop' }
  assert.equal((await build(options)).diagnostics, [])
  return folder
}

/** How many customers have which values of `ever`, as `orders/last_amount`. */
export async function everOf(store: Store, of = keys): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (let start = 0; start < of.length; start += 20_000) {
    for (const row of await store.view('ever').getMany(of.slice(start, start + 20_000))) {
      const value = `${row.orders}/${row.last_amount}`
      counts[value] = (counts[value] ?? 0) + 1
    }
  }
  return counts
}

const some = keys.filter((_, index) => index % 97 === 0)

/** Waits until some rows of a run are written, which still goes on. */
export async function inTheMidst(store: Store, value = '2/2'): Promise<void> {
  const until = performance.now() + 20_000
  for (;;) {
    const { [value]: written = 0 } = await everOf(store, some)
    if (written > 0) return assert.ok(written < some.length, 'the run was over before anybody looked')
    assert.ok(performance.now() < until, 'nothing was written')
    await sleep(2)
  }
}

/** The error of work, which must end in time and must be one of ours. */
export async function failureOf(work: Promise<unknown>, milliseconds = 15_000): Promise<MeridianError> {
  const result = await within(
    milliseconds,
    work.then(
      () => null,
      (error: unknown) => error,
    ),
  )
  assert.instance(result, MeridianError, `${result}`)
  return result as MeridianError
}

export async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it hangs for ${milliseconds} ms`)), milliseconds)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
