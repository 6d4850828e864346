/**
 * Deciding on card payments, on synthetic data: `npm run demo:fraud`, or `npm run demo:fraud -- --production`.
 *
 * The first needs nothing but Node: DuckDB, and an online store in the process. The second runs the same code on Postgres and Redis:
 * those of `MERIDIAN_POSTGRES_URL` and `MERIDIAN_REDIS_URL`, or two servers that it starts. It loads the same data into Postgres, and
 * compares the training data of both.
 */
import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { DuckDBInstance } from '@duckdb/node-api'
import { build } from 'meridian/compiler'
import { count, indent, seconds, step } from '../show.ts'
import { differences } from './compare.ts'
import { folder, makeData } from './data.ts'
import { forget, loadTables, servers } from './production.ts'
import { outage, showStored } from './redis.ts'

const production = process.argv.includes('--production')
/** A thief has tried a card for eight minutes, and goes on. */
const moment = '2026-02-16T01:59:30Z'
const user = { user_id: 1417 }
const payment = { ...user, merchant_id: 'm000', device_id: 'd-stolen-32', amount: '12.34' }

step('1. Build: the same definitions for both modes')
const started = performance.now()
const { diagnostics, changes, artefacts } = await build({
  root: '.',
  name: 'fraud',
  definitions: 'examples/fraud/features.ts',
  output: 'generated/fraud',
})
if (diagnostics.length > 0) throw new Error(`the example does not build: ${diagnostics[0]?.message}`)
console.log(`${artefacts.length} files in generated/fraud, ${changes.length} of them changed, in ${seconds(started)}`)
const statement = `generated/fraud/${production ? 'postgres/merchant_chargebacks' : 'duckdb/merchant_days'}/point_in_time.sql`
for (const path of production ? [statement, 'generated/fraud/redis/merchant_risk.md'] : [statement])
  console.log(`\n${path}:\n\n${indent(readFileSync(path, 'utf8').trimEnd())}`)

step('2. Data: synthetic, the same in every run')
await makeData()
console.log(`Nobody's real payments: ${folder}/*.parquet have only the shape of some.`)
const running = production ? await servers() : null
if (running) {
  const loaded = performance.now()
  const { transactions, chargebacks, labels } = await loadTables(running.postgres)
  console.log(
    `${count(transactions)} attempts, ${count(chargebacks)} chargebacks and ${count(labels)} labels copied into Postgres, ` +
      `and its indexes made, in ${seconds(loaded)}`,
  )
  process.env.MERIDIAN_POSTGRES_URL = running.postgres
  process.env.MERIDIAN_REDIS_URL = running.redis
}
process.env.MERIDIAN_ENV = production ? 'production' : 'local'

// The client exists once the build has run. A machine that runs all of this beside its servers is slower than their bounds expect.
const { connect } = await import('../../generated/fraud/index.ts')
const patience = { readTimeout: 1_000, writeTimeout: 10_000, connectTimeout: 1_000 }
const store = await connect({ redis: patience })
const manifest = JSON.parse(readFileSync('generated/fraud/manifest.json', 'utf8')) as {
  readonly views: Record<string, { name: string; materialize: boolean; layout: { fingerprint: string } }>
}
const layouts = Object.values(manifest.views)
  .filter(view => view.materialize)
  .map(({ name, layout }) => ({ name, layout: layout.fingerprint }))
if (running) await forget(running.redis, layouts)

step('3. Training data: each payment with what was known while it waited')
const duckdb = await (await DuckDBInstance.create()).connect()
const query = async (sql: string) => (await duckdb.runAndReadAll(sql)).getRowObjectsJS()
const trained = performance.now()
const file = `${folder}/training${production ? '-production' : ''}.parquet`
// In production the labels are a table beside the data: nothing is uploaded.
const spine = production ? { table: 'fraud_example.labels' } : `${folder}/labels.parquet`
const { rows } = await store.fraud.trainingData({ spine }).toParquet(file)
console.log(`${count(rows)} rows in ${file}, in ${seconds(trained)}. On average, before a payment:\n`)
const means = await query(`
  SELECT
    fraud, avg(attempts_10m) AS attempts, avg(declined_1h) AS declined, avg(merchants_1h) AS merchants,
    avg(suspicion_points) AS points
  FROM '${file}' GROUP BY fraud ORDER BY fraud DESC`)
for (const { fraud, attempts, declined, merchants, points } of means as Record<string, number>[])
  console.log(
    `  ${fraud ? "a thief's:" : 'any other:'} ${attempts?.toFixed(2)} attempts in ten minutes, ` +
      `${declined?.toFixed(2)} declined and ${merchants?.toFixed(2)} merchants in an hour; ${points?.toFixed(1)} points`,
  )
if (production) {
  const local = await connect({ environment: 'local' })
  const again = `${folder}/training.parquet`
  await local.fraud.trainingData({ spine: `${folder}/labels.parquet` }).toParquet(again)
  await local.close()
  const different = await differences(query, file, again)
  console.log(`\nPostgres and DuckDB, the same ${count(rows)} payments: ${verdict(different)}`)
}

step(`4. Online: the features of every key as of ${moment}`)
await materialize(moment)
console.log(`\nawait store.fraud.get(${JSON.stringify(payment)})\n`)
console.log(await store.fraud.get(payment, { at: moment }))
const later = '2026-06-01T00:00:00Z'
const statuses = {
  'now                ': await store.userActivity.get(user, { at: moment, status: true }),
  'in June, ttl is 90d': await store.userActivity.get(user, { at: later, status: true }),
  'of nobody          ': await store.userActivity.get({ user_id: 999_999 }, { at: moment, status: true }),
}
const { times_usual, suspicion_points, spend_1d } = await store.fraud.get(payment, { at: moment, status: true })
console.log('\nWhere values come from:\n')
for (const [name, { value, source }] of Object.entries({ spend_1d, times_usual, suspicion_points }))
  console.log(`  ${name.padEnd(16)}  ${source.padEnd(8)} ${value}`)
console.log('\nlast_merchant with its status:\n')
for (const [when, { last_merchant }] of Object.entries(statuses))
  console.log(`  ${when}  ${last_merchant.status.padEnd(8)} ${last_merchant.value}`)

step('5. Minutes pass: only keys that can have changed are computed')
// Each view when its tick has come, as a scheduler does.
const minutes = [
  ['2026-02-16T02:00:30Z', ['user_activity', 'merchant_risk', 'merchant_chargebacks']],
  ['2026-02-16T02:01:30Z', ['user_activity']],
  ['2026-02-16T02:02:30Z', ['user_activity']],
  ['2026-02-16T02:05:30Z', ['user_activity', 'merchant_risk']],
] as const
for (const [at, due] of minutes) {
  await materialize(at, due)
  const { attempts_10m, declined_1h } = await store.userActivity.get(user, { at })
  console.log(`  user ${user.user_id}: ${attempts_10m} attempts in ten minutes, ${declined_1h} declined in an hour`)
}

step('6. Training and serving agree')
const at = minutes.at(-1)![0]
const users = await distinct('user_id::INTEGER')
const merchants = await distinct('merchant_id')
const devices = await distinct('device_id')
// Together they name every key of the data.
const keys = Array.from({ length: Math.max(users.length, devices.length) }, (_, n) => ({
  user_id: users[n % users.length] as number,
  merchant_id: merchants[n % merchants.length] as string,
  device_id: devices[n % devices.length] as string,
  amount: `${n % 90}.${String(n % 100).padStart(2, '0')}`,
}))
const served = await store.fraud.getMany(keys, { at })
const asServed = { spine: keys.map(key => ({ ...key, event_timestamp: at })), accuracy: 'as_served' } as const
const offline = await store.fraud.trainingData(asServed).toArray()
let different = 0
for (const [index, online] of served.entries())
  for (const [name, value] of Object.entries(online))
    if (!isDeepStrictEqual(value, offline[index]?.[name])) different += 1
const features = Object.keys(served[0] ?? {}).length
console.log(
  `${count(users.length)} users, ${merchants.length} merchants and ${count(devices.length)} devices x ` +
    `${features} features as of ${at}: ${verdict(different)}`,
)

if (running) {
  step('7. What Redis holds, and what a reader is told when it stops')
  await showStored(running.redis, layouts)
  await outage(running.own, () => store.userActivity.get(user, { at }))
}
await store.close()
await running?.stop()

async function materialize(at: string, due?: readonly string[]): Promise<void> {
  for (const { view, tick, full, rows } of await store.materialize(due, { at }))
    console.log(
      `${view.padEnd(22)} ${count(rows).padStart(6)} ${full ? 'keys, all' : 'keys     '} at ${tick.toISOString()}`,
    )
}

function verdict(different: number): string {
  return different === 0 ? 'no value differs' : `${count(different)} values differ`
}

async function distinct(column: string): Promise<unknown[]> {
  const found = await query(`SELECT DISTINCT ${column} AS key FROM '${folder}/transactions.parquet' ORDER BY key`)
  return found.map(({ key }) => key)
}
