/**
 * Training data on Postgres, spine file to Parquet: counts, sums and declined counts over four windows, for sparse and dense keys
 * and for a tenth of the rows; against the same SQL with COPY, and against what one would write by hand. `--full`: a million rows
 * of a spine over ten million payments.
 */
import { createReadStream, createWriteStream, mkdirSync, readFileSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { from, to } from 'pg-copy-streams'
import { Artefacts } from '../runtime/artefacts.ts'
import { PostgresEngine } from '../runtime/offline/postgres.ts'
import { MemoryStore } from '../runtime/online/memory.ts'
import { Store } from '../runtime/store.ts'
import { ownPostgresServer } from '../test/servers.ts'
import { duckdb, statement } from './flights.ts'
import { lateral, log, prefix, windows } from './hand-written/postgres-windows.ts'
import { inTurn, median, print } from './measure.ts'
import { builtOnce } from './project.ts'

if (process.argv[2] === '--full') {
  process.argv.splice(2, 1)
  process.env.MERIDIAN_BENCH_FULL = '1'
}
const full = process.env.MERIDIAN_BENCH_FULL === '1'
const events = Number(process.env.MERIDIAN_BENCH_EVENTS ?? (full ? 10_000_000 : 2_000_000))
const runs = Number(process.env.MERIDIAN_BENCH_RUNS ?? 3)
const folder = 'data/bench/postgres-training'

/** `keys` for so many payments: ten, a hundred or four hundred of a key, in 90 days. */
const datasets = {
  sparse: { events, keys: events / 10 },
  usual: { events, keys: events / 100 },
  dense: { events, keys: events / 400 },
  tenth: { events: events / 10, keys: events / 1000 },
} as const
type Dataset = keyof typeof datasets

const features = windows.map(
  ([over]) =>
    `payments_${over}: count().over('${over}'), spent_${over}: sum('amount').over('${over}'), declined_${over}: count().where(row => row.status.eq('declined')).over('${over}')`,
)
const generated = await builtOnce(
  'postgres-training',
  `import { entity, featureView, source, t } from 'meridian'
export const user = entity('user', { joinKeys: { user_id: t.int64() } })
export const payments = source('payments', {
  columns: { user_id: t.int64(), payment_id: t.int64(), amount: t.decimal(12, 2), status: t.string(), paid_at: t.timestamp() },
  eventTimestamp: 'paid_at', tieBreak: ['payment_id'],
})
export const spending = featureView('spending', { entity: user, source: payments,
  features: ({ count, sum }) => ({ ${features.join(', ')} }) })
`,
)

async function client(dataset: string): Promise<pg.Client> {
  const url = new URL(process.env.MERIDIAN_BENCH_POSTGRES_URL ?? '')
  url.pathname = `/${dataset}`
  const connection = new pg.Client(url.href)
  await connection.connect()
  await connection.query("SET TimeZone = 'UTC'")
  return connection
}

const spine = (dataset: Dataset, format: 'parquet' | 'csv') => `${folder}/${dataset}.${format}`

/** A tenth as many rows in the spine as payments. Few keys have many of both. In Postgres they lie in the order of time. */
async function prepare(dataset: Dataset): Promise<void> {
  const { events, keys } = datasets[dataset]
  const postgres = await client('postgres')
  await postgres.query(`CREATE DATABASE ${dataset}`)
  await postgres.end()
  const connection = await client(dataset)
  await connection.query('SELECT setseed(0.5)')
  await connection.query(`CREATE TABLE payments AS
    SELECT n AS payment_id, floor(${keys} * power(random(), 2))::BIGINT AS user_id, (random() * 1000)::NUMERIC(12, 2) AS amount,
      CASE WHEN random() < 0.1 THEN 'declined' ELSE 'approved' END AS status,
      TIMESTAMP '2026-01-01' + n * INTERVAL '90 days' / ${events} AS paid_at
    FROM generate_series(1, ${events}) AS numbers(n)`)
  await connection.query(statement('postgres/indexes.sql', generated))
  await connection.query('VACUUM ANALYZE payments')
  await connection.end()
  const local = await duckdb()
  await local.run(`CREATE TABLE spine AS
    SELECT floor(${keys} * pow(hash(n) % 1000003 / 1000003.0, 2))::BIGINT AS user_id,
      TIMESTAMP '2026-02-15' + to_microseconds((hash(n, 1) % 3888000000000)::BIGINT) AS event_timestamp, n % 100 = 0 AS fraud
    FROM range(${events / 10}) AS numbers(n)`)
  await local.run(`COPY spine TO '${spine(dataset, 'parquet')}' (FORMAT parquet)`)
  await local.run(
    `COPY (SELECT row_number() OVER () - 1 AS __row, * FROM '${spine(dataset, 'parquet')}') TO '${spine(dataset, 'csv')}' (HEADER false)`,
  )
}

async function meridian(dataset: Dataset) {
  const url = new URL(process.env.MERIDIAN_BENCH_POSTGRES_URL ?? '')
  url.pathname = `/${dataset}`
  const artefacts = await Artefacts.open(generated)
  const engine = await PostgresEngine.open({ url: url.href })
  const store = new Store({ artefacts, engine, online: new MemoryStore(), now: () => new Date() })
  const started = performance.now()
  const { rows } = await store
    .view('spending')
    .trainingData({ spine: spine(dataset, 'parquet') })
    .toParquet(`${folder}/${dataset}-meridian.parquet`)
  const seconds = (performance.now() - started) / 1000
  await store.close()
  return { rows, seconds }
}

/** The spine in by COPY, the statements, and the last of them out by COPY. */
async function copied(dataset: Dataset, name: string, statements: readonly string[]) {
  const connection = await client(dataset)
  const started = performance.now()
  await connection.query('BEGIN')
  await connection.query(
    'CREATE TEMP TABLE spine (__row BIGINT, user_id BIGINT, event_timestamp TIMESTAMP, fraud BOOLEAN) ON COMMIT DROP',
  )
  await pipeline(createReadStream(spine(dataset, 'csv')), connection.query(from('COPY spine FROM STDIN (FORMAT csv)')))
  await connection.query('ANALYZE spine')
  for (const sql of statements.slice(0, -1)) await connection.query(sql)
  const out = connection.query(to(`COPY (${statements.at(-1)}) TO STDOUT (FORMAT csv, HEADER)`))
  await pipeline(out, createWriteStream(`${folder}/${dataset}-${name}.csv`))
  await connection.query('COMMIT')
  const seconds = (performance.now() - started) / 1000
  await connection.end()
  return { seconds }
}

const emitted = () => [
  readFileSync(`${generated}/postgres/sources/payments.sql`, 'utf8'),
  "SELECT set_config('meridian.as_served', 'false', true)",
  `CREATE TEMP TABLE spending__features ON COMMIT DROP AS ${statement('postgres/spending/point_in_time.sql', generated)}`,
  'ANALYZE spending__features (__row)',
  statement('postgres/spending/training.sql', generated),
]

const byHand = { lateral, log, prefix } as const
const chosen = (process.env.MERIDIAN_BENCH_DATASETS?.split(',') ?? Object.keys(datasets)) as Dataset[]
const variants = Object.fromEntries(
  chosen.flatMap(dataset => [
    [`${dataset}: meridian`, () => meridian(dataset)] as const,
    [`${dataset}: emitted SQL, COPY`, () => copied(dataset, 'emitted', emitted())] as const,
    ...Object.entries(byHand).map(
      ([name, statements]) => [`${dataset}: ${name} by hand`, () => copied(dataset, name, statements)] as const,
    ),
  ]),
)

if (process.argv[2] === undefined) {
  mkdirSync(folder, { recursive: true })
  process.env.MERIDIAN_BENCH_POSTGRES_URL ||= (await ownPostgresServer()).url
  for (const dataset of chosen) await prepare(dataset)
}
const samples = await inTurn(fileURLToPath(import.meta.url), variants, runs)
for (const dataset of chosen) {
  const { events, keys } = datasets[dataset]
  const connection = await client(dataset)
  const { rows } = await connection.query(
    `SELECT round(avg(n), 1) AS average FROM (SELECT user_id, count(*) AS n FROM payments WHERE paid_at > '2026-03-01' GROUP BY user_id) AS months`,
  )
  await connection.end()
  const own = Object.fromEntries(Object.entries(samples).filter(([name]) => name.startsWith(`${dataset}:`)))
  print(
    `${dataset}: ${events / 10} rows of a spine over ${events} payments of ${keys} keys; ${rows[0].average} in a month of a key that has one`,
    own,
    `${dataset}: emitted SQL, COPY`,
  )
  const local = await duckdb()
  for (const name of ['emitted', ...Object.keys(byHand)]) {
    const columns = windows
      .map(([w]) => `payments_${w}::BIGINT, spent_${w}::DECIMAL(38, 2), declined_${w}::BIGINT`)
      .join(', ')
    const [own, other] = [`'${folder}/${dataset}-meridian.parquet'`, `'${folder}/${dataset}-${name}.csv'`].map(
      file => `SELECT user_id, event_timestamp, ${columns} FROM ${file}`,
    )
    const result = await local.runAndReadAll(`SELECT count(*) FROM (${own} EXCEPT ALL ${other})`)
    if (result.getRows()[0]?.[0] !== 0n) console.log(`  ${name}: ${result.getRows()[0]?.[0]} ROWS DIFFER`)
  }
}
if (chosen.includes('tenth') && chosen.includes('usual')) {
  const seconds = (dataset: Dataset) => median(samples[`${dataset}: meridian`]?.map(one => one.seconds) ?? [])
  console.log(`\nten times the rows cost 10^${Math.log10(seconds('usual') / seconds('tenth')).toFixed(2)}`)
}
process.exit(0)
