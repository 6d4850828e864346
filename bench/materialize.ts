/** Materialization against the bare SQL run to its end: the flights, and a million keys with twenty features. */
import { existsSync, mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { DuckDBTimestampValue } from '@duckdb/node-api'
import { connect } from 'meridian/runtime'
import { duckdb, generated, statement, views } from './flights.ts'
import { inTurn, median, print, type Sample } from './measure.ts'
import { buildProject } from './project.ts'

const at = '2001-06-15T12:00:00Z'
const instant = new DuckDBTimestampValue(BigInt(Date.parse(at)) * 1000n)

const lengths = ['1h', '6h', '1d', '7d', '30d']
const large = `import { entity, featureView, source, t } from 'meridian'
export const user = entity('user', { joinKeys: { user_id: t.int64() } })
export const payments = source('payments', {
  columns: { user_id: t.int64(), amount: t.decimal(12, 2), merchant: t.string(), paid_at: t.timestamp(), payment_id: t.int64() },
  eventTimestamp: 'paid_at', tieBreak: ['payment_id'], duckdb: { parquet: 'payments.parquet' },
})
export const spending = featureView('spending', { entity: user, source: payments, refresh: '1h', materialize: true,
  features: ({ avg, count, last, max, sum }) => ({ ${lengths
    .map(
      over =>
        `payments_${over}: count().over('${over}'), spent_${over}: sum('amount').over('${over}'), mean_${over}: avg('amount').over('${over}')`,
    )
    .join(', ')},
    largest: max('amount'), last_merchant: last('merchant'), last_amount: last('amount'), payments: count(), spent: sum('amount') }) })
`

async function largeProject(): Promise<string> {
  mkdirSync('data/bench/large', { recursive: true })
  const file = 'data/bench/large/payments.parquet'
  if (!existsSync(file)) {
    const connection = await duckdb()
    await connection.run(`
      COPY (
        SELECT n % 1000000 AS user_id, ((hash(n) % 100000) / 100)::DECIMAL(12, 2) AS amount, 'merchant ' || hash(n, 1) % 5000 AS merchant,
          TIMESTAMP '2001-05-15' + to_seconds(hash(n, 2) % 2678400) AS paid_at, n AS payment_id
        FROM range(3000000) AS numbers(n)
      ) TO '${file}' (FORMAT parquet)`)
  }
  return buildProject('large', large)
}

async function bare(
  folder: string,
  relations: readonly string[],
  names: readonly string[],
): Promise<{ rows: number; seconds: number }> {
  const connection = await duckdb()
  await connection.run("SET VARIABLE project = 'data/bench/large'")
  for (const relation of relations) await connection.run(statement(`duckdb/sources/${relation}.sql`, folder))
  const started = performance.now()
  let rows = 0
  for (const name of names) {
    const result = await connection.stream(statement(`duckdb/${name}/materialize.sql`, folder), { as_of: instant })
    for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk())
      rows += chunk.rowCount
  }
  return { rows, seconds: (performance.now() - started) / 1000 }
}

async function stored(folder: string): Promise<{ rows: number; seconds: number }> {
  const store = await connect(folder)
  const started = performance.now()
  const done = await store.materialize(undefined, { at })
  return { rows: done.reduce((sum, { rows }) => sum + rows, 0), seconds: (performance.now() - started) / 1000 }
}

const samples = await inTurn(fileURLToPath(import.meta.url), {
  'flights: meridian': () => stored(generated),
  'flights: bare SQL': () => bare(generated, ['landings', 'origin_days'], views),
  'a million keys: meridian': async () => stored(await largeProject()),
  'a million keys: bare SQL': async () => bare(await largeProject(), ['payments'], ['spending']),
})
const rate = (own: readonly Sample[] = []) => median(own.map(({ facts, seconds }) => Number(facts.rows) / seconds))
for (const [title, name] of [
  ['all keys of all flights views', 'flights'],
  ['1,000,000 keys x 20 features', 'a million keys'],
] as const) {
  const pair = Object.fromEntries(Object.entries(samples).filter(([key]) => key.startsWith(name)))
  print(title, pair, `${name}: bare SQL`)
  for (const [key, own] of Object.entries(pair))
    console.log(`  ${key}: ${Math.round(rate(own)).toLocaleString('en-US')} rows a second`)
}
process.exit(0)
