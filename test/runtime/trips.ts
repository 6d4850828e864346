/** A project whose service has on-demand views, in both modes: what each test gets is a store of it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { build } from 'meridian/compiler'
import { type ConnectOptions, connect, type Store } from 'meridian/runtime'
import pg from 'pg'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { postgresServer, redisServer, type Server } from '../servers.ts'

const features = `
import { entity, featureService, featureView, onDemandFeatureView, source, sql, sqlFeatureView, t } from 'meridian'
export const airport = entity('airport', { joinKeys: { airport: t.string() } })
export const carrier = entity('carrier', { joinKeys: { carrier_id: t.int64({ as: 'number' }) } })
export const landings = source('landings', {
  columns: {
    landing_id: t.int64(), airport: t.string(), carrier_id: t.int64({ as: 'number' }), delay: t.int32(),
    fare: t.decimal(12, 2), landed_at: t.timestamp(),
  },
  eventTimestamp: 'landed_at', tieBreak: ['landing_id'], duckdb: { csv: 'landings.csv' },
})
export const airportStats = featureView('airport_stats', {
  entity: airport, source: landings, ttl: '7d', refresh: '5m', materialize: true,
  features: ({ avg, count, last }) => ({
    landings_2h: count().over('2h'), avg_delay_1d: avg('delay').over('1d'), last_fare: last('fare').default('0.00'),
    last_at: last('landed_at'),
  }),
})
export const carrierNow = featureView('carrier_now', {
  entity: carrier, source: landings,
  features: ({ count, last }) => ({ flights_1d: count().over('1d'), carrier_fare: last('fare') }),
})
export const slowRows = source('slow_rows', {
  columns: { airport: t.string(), slow_at: t.timestamp(), n: t.int64() },
  eventTimestamp: 'slow_at', tieBreak: ['n'],
  duckdb: sql\`SELECT 'SEA' AS airport, TIMESTAMP '2001-01-01' AS slow_at, a.i AS n
    FROM range(1000000000) AS a(i), range(1000) AS b(j) WHERE a.i % 7 = b.j % 11\`,
  postgres: sql\`SELECT 'SEA' AS airport, TIMESTAMP '2001-01-01' AS slow_at, pg_sleep(20)::text::bigint AS n\`,
})
export const slow = featureView('slow', {
  entity: airport, source: slowRows, features: ({ count }) => ({ slow_rows: count() }),
})
export const risk = onDemandFeatureView('risk', {
  request: { distance: t.int32(), price: t.decimal(12, 2) },
  inputs: {
    origin: airportStats.as('origin', { joinKeys: { airport: 'origin' } }),
    destination: airportStats.pick('landings_2h').as('destination', { joinKeys: { airport: 'destination' } }),
    carrierNow,
  },
  features: ({ feature }) => ({
    per_100mi: feature(t.float64(), ({ request, origin }) => (origin.avg_delay_1d ?? 0) / (request.distance / 100)),
    busier: feature(t.boolean(), ({ origin, destination }) => destination.landings_2h > origin.landings_2h),
    dearer: feature(t.decimal(12, 2), ({ request, carrierNow }) =>
      (Number(request.price) - Number(carrierNow.carrier_fare ?? 0)).toFixed(2)),
    since: feature(t.float64(), ({ now, origin }) =>
      origin.last_at === null ? null : now.getTime() - origin.last_at.getTime()),
    chance: feature(t.float64(), ({ random }) => random() + 10 * random()),
    picky: feature(t.int32(), ({ request }) => {
      if (request.distance === 13) throw new RangeError('not thirteen')
      return request.distance === 14 ? 1.5 : request.distance
    }),
    picky_or_zero: feature(t.int32(), ({ request }) => {
      if (request.distance === 13) throw new RangeError('not thirteen')
      return request.distance === 15 ? null : 1
    }).default(0),
  }),
})
export const score = onDemandFeatureView('score', {
  request: { distance: t.int32() },
  inputs: { risk: risk.pick('picky', 'per_100mi'), carrierNow },
  features: ({ feature }) => ({
    doubled: feature(t.int32(), ({ risk }) => (risk.picky ?? 0) * 2),
    per_mile: feature(t.float64(), ({ risk, carrierNow }) => (risk.per_100mi ?? 0) / 100 + carrierNow.flights_1d),
  }),
})
export const waiting = onDemandFeatureView('waiting', {
  request: { loops: t.int32() },
  features: ({ feature }) => ({
    first: feature(t.float64(), ({ request }) => {
      let sum = 0
      for (let index = 0; index < request.loops; index += 1) sum += Math.sqrt(index)
      return sum
    }),
    second: feature(t.float64(), ({ request }) => request.loops),
  }),
})
export const trips = featureService('trips', [
  airportStats.as('origin', { joinKeys: { airport: 'origin' } }),
  airportStats.as('destination', { joinKeys: { airport: 'destination' } }).pick('avg_delay_1d'),
  risk,
  score,
])
export const doubled = featureService('doubled', [score.pick('doubled')])
export const lateness = featureService('lateness', [slow, airportStats.pick('landings_2h')])
const everything = {
  b: t.boolean(), i: t.int32(), l: t.int64(), n: t.int64({ as: 'number' }), f: t.float64(), d: t.decimal(12, 2),
  s: t.string(), at: t.timestamp(), x: t.bytes(), j: t.json(), fs: t.list(t.float64()), ats: t.list(t.timestamp()),
  ss: t.list(t.string()), v: t.vector(3),
}
export const echo = onDemandFeatureView('echo', {
  request: everything,
  features: ({ feature }) => ({
    echo_b: feature(everything.b, ({ request }) => request.b),
    echo_i: feature(everything.i, ({ request }) => request.i),
    echo_l: feature(everything.l, ({ request }) => request.l),
    echo_n: feature(everything.n, ({ request }) => request.n),
    echo_f: feature(everything.f, ({ request }) => request.f),
    echo_d: feature(everything.d, ({ request }) => request.d),
    echo_s: feature(everything.s, ({ request }) => request.s),
    echo_at: feature(everything.at, ({ request }) => request.at),
    echo_x: feature(everything.x, ({ request }) => request.x),
    echo_j: feature(everything.j, ({ request }) => request.j),
    echo_fs: feature(everything.fs, ({ request }) => request.fs),
    echo_ats: feature(everything.ats, ({ request }) => request.ats),
    echo_ss: feature(everything.ss, ({ request }) => request.ss),
    echo_v: feature(everything.v, ({ request }) => request.v),
  }),
})
export const again = onDemandFeatureView('again', {
  inputs: { echo },
  features: ({ feature }) => ({
    again: feature(t.string(), ({ echo }) => Object.entries(echo).map(([name, value]) =>
      name + '=' + (typeof value === 'bigint' ? value + 'n'
        : value instanceof Date ? value.toISOString()
        : typeof value === 'number' ? (Object.is(value, -0) ? '-0' : String(value))
        : JSON.stringify(value, (_, inner) => (inner instanceof Date ? inner.toISOString() : inner)))).sort().join(' ')),
  }),
})
export const echoes = featureService('echoes', [airportStats, echo, again])
`

/** Of Seattle at ten, noon and ten past; of Portland at noon. */
const landings: readonly (readonly (string | number)[])[] = [
  [1, 'SEA', 7, 10, '100.00', '2001-06-15 10:00:00'],
  [2, 'SEA', 7, 20, '120.50', '2001-06-15 12:00:00'],
  [3, 'SEA', 8, 33, '99.99', '2001-06-15 12:10:00.000001'],
  [4, 'PDX', 7, -5, '80.00', '2001-06-15 12:00:00'],
]

export interface Trips {
  readonly store: Store
  /** Another store of the project. */
  readonly open: (options?: Partial<ConnectOptions>) => Promise<Store>
  /** Where the servers are; null in local mode. */
  readonly servers: { readonly postgres: string; readonly redis: string } | null
  readonly folder: string
}

let built: Promise<string> | null = null

async function buildOnce(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'meridian-trips-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'features.ts'), features)
  const lines = landings.map(row => row.join(','))
  const header = 'landing_id,airport,carrier_id,delay,fare,landed_at'
  await writeFile(join(folder, 'landings.csv'), `${[header, ...lines].join('\n')}\n`)
  const { diagnostics } = await build({ root: folder, definitions: 'features.ts', output: 'generated', name: 'trips' })
  assert.equal(diagnostics, [])
  return folder
}

async function landingsTable(url: string): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  await client.query(`CREATE TABLE landings (
    landing_id BIGINT, airport TEXT, carrier_id BIGINT, delay INTEGER, fare NUMERIC(12, 2), landed_at TIMESTAMP
  )`)
  for (const row of landings) await client.query('INSERT INTO landings VALUES ($1, $2, $3, $4, $5, $6)', [...row])
  await client.end()
}

/** A machine that is busy with tests is slower than what the usual bounds are made for. */
const patience = { readTimeout: 5_000, writeTimeout: 10_000, connectTimeout: 5_000 }

/** Registers tests that run in local mode and in production. */
export function inBothModes(
  register: (test: (name: string, work: (trips: Trips) => Promise<void>) => void) => void,
): void {
  for (const mode of ['local', 'production'] as const) {
    const tests = suite(mode)
    let database: Server | null = null
    let redis: Server | null = null
    tests.before(async () => {
      if (mode === 'local') return
      ;[database, redis] = await Promise.all([postgresServer(), redisServer()])
      await landingsTable(database.url)
    })
    tests.after(async () => database?.stop())
    register((name, work) =>
      tests(name, async () => {
        built ??= buildOnce()
        const folder = await built
        const servers = database && redis && { postgres: database.url, redis: redis.url }
        if (servers) await emptied(servers.redis)
        const opened: Store[] = []
        const open = async (options: Partial<ConnectOptions> = {}) => {
          const settings = servers && {
            postgres: { url: servers.postgres, ...options.postgres },
            redis: { url: servers.redis, ...patience },
          }
          const environment = servers ? 'production' : 'local'
          const store = await connect(join(folder, 'generated'), { environment, ...options, ...settings })
          opened.push(store)
          return store
        }
        try {
          await work({ store: await open(), open, servers, folder })
        } finally {
          for (const store of opened) await store.close()
        }
      }),
    )
    tests.run()
  }
}

async function emptied(url: string): Promise<void> {
  const redis = new Redis(url)
  await redis.flushdb()
  redis.disconnect()
}
