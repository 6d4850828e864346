/**
 * Ten functions: applied to a million joined rows, against the same functions in a loop by hand over the same columns; the
 * whole step, from the joined rows to the table that training data join, against the same by hand; and in a getter.
 */
import { fileURLToPath } from 'node:url'
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  INTEGER,
} from '@duckdb/node-api'
import { connect } from 'meridian/runtime'
import { Artefacts } from '../runtime/artefacts.ts'
import type { Field } from '../runtime/contract.ts'
import { DuckDBEngine } from '../runtime/offline/duckdb.ts'
import { OnDemandRuntime } from '../runtime/on-demand/view.ts'
import { duckdb } from './flights.ts'
import { inTurn, median, print } from './measure.ts'
import { builtOnce } from './project.ts'

const rows = 1_000_000
const at = new Date('2001-06-15T12:00:00Z')

const folder = await builtOnce(
  'on-demand',
  `import { entity, featureService, featureView, onDemandFeatureView, source, sql, t } from 'meridian'
export const user = entity('user', { joinKeys: { user_id: t.int64({ as: 'number' }) } })
export const payments = source('payments', {
  columns: { user_id: t.int64({ as: 'number' }), score: t.float64(), paid_at: t.timestamp() },
  eventTimestamp: 'paid_at', tieBreak: ['score'],
  duckdb: sql\`SELECT n AS user_id, n / 7.0 AS score, TIMESTAMP '2001-06-15' AS paid_at FROM range(1000) AS numbers(n)\`,
})
export const spending = featureView('spending', { entity: user, source: payments, refresh: '1h', materialize: true,
  features: ({ avg, count, last, max }) => ({
    payments_1d: count().over('1d'), mean_1d: avg('score').over('1d'), largest: max('score'), last_score: last('score') }) })
export const risk = onDemandFeatureView('risk', {
  request: { amount: t.float64(), items: t.int32() },
  inputs: { spending },
  features: ({ feature }) => ({
    times_mean: feature(t.float64(), ({ request, spending }) => request.amount / (spending.mean_1d ?? 1)),
    times_largest: feature(t.float64(), ({ request, spending }) => request.amount / (spending.largest ?? 1)),
    each: feature(t.float64(), ({ request }) => request.amount / request.items),
    is_largest: feature(t.boolean(), ({ request, spending }) => request.amount > (spending.largest ?? 0)),
    hour: feature(t.int32(), ({ now }) => now.getUTCHours()),
    log_amount: feature(t.float64(), ({ request }) => Math.log1p(request.amount)),
    change: feature(t.float64(), ({ request, spending }) => request.amount - (spending.last_score ?? 0)),
    busy: feature(t.boolean(), ({ spending }) => spending.payments_1d > 3),
    weighted: feature(t.float64(), ({ request, spending }) => request.items * 0.3 + spending.payments_1d * 0.7),
    band: feature(t.int32(), ({ request }) => (request.amount < 10 ? 0 : request.amount < 100 ? 1 : 2)),
  }) })
export const stored = featureService('stored', [spending])
export const both = featureService('both', [spending, risk])
`,
)

/** What the functions are given, as the join has it. */
const joined = `
  SELECT
    n AS __row, TIMESTAMP '2001-06-15' + to_seconds(n % 86400) AS event_timestamp, n % 1000 AS user_id,
    (n % 1009) / 3.0 AS amount, (1 + n % 9)::INTEGER AS items,
    CASE WHEN n % 50 > 0 THEN n % 83 / 7.0 END AS spending__largest,
    CASE WHEN n % 50 > 0 THEN n % 89 / 7.0 END AS spending__last_score,
    CASE WHEN n % 50 > 0 THEN n % 97 / 7.0 END AS spending__mean_1d,
    (n % 7)::BIGINT AS spending__payments_1d
  FROM range(${rows}) AS numbers(n)`

interface Given {
  readonly now: Date
  readonly amount: number
  readonly items: number
  readonly largest: number | null
  readonly last: number | null
  readonly mean: number | null
  readonly payments: number
}

/** As somebody would write it who needs these ten and nothing else. */
const byHand: readonly ((given: Given) => number | boolean)[] = [
  ({ amount, mean }) => amount / (mean ?? 1),
  ({ amount, largest }) => amount / (largest ?? 1),
  ({ amount, items }) => amount / items,
  ({ amount, largest }) => amount > (largest ?? 0),
  ({ now }) => now.getUTCHours(),
  ({ amount }) => Math.log1p(amount),
  ({ amount, last }) => amount - (last ?? 0),
  ({ payments }) => payments > 3,
  ({ items, payments }) => items * 0.3 + payments * 0.7,
  ({ amount }) => (amount < 10 ? 0 : amount < 100 ? 1 : 2),
]
const [times, timesLargest, each, isLargest, hour, log, change, busy, weighted, band] = byHand as [
  (given: Given) => number,
  (given: Given) => number,
  (given: Given) => number,
  (given: Given) => boolean,
  (given: Given) => number,
  (given: Given) => number,
  (given: Given) => number,
  (given: Given) => boolean,
  (given: Given) => number,
  (given: Given) => number,
]

type Columns = readonly (readonly unknown[])[]

/** Of microseconds, amount, items, largest, last, mean, payments. */
function loop([instants, amounts, items, largest, last, means, payments]: Columns): unknown[][] {
  const count = instants?.length ?? 0
  const results = Array.from({ length: 10 }, () => new Array<unknown>(count))
  const [r0, r1, r2, r3, r4, r5, r6, r7, r8, r9] = results as [
    unknown[],
    unknown[],
    unknown[],
    unknown[],
    unknown[],
    unknown[],
    unknown[],
    unknown[],
    unknown[],
    unknown[],
  ]
  for (let row = 0; row < count; row += 1) {
    const given: Given = {
      now: new Date(Number((instants?.[row] as bigint) / 1000n)),
      amount: amounts?.[row] as number,
      items: items?.[row] as number,
      largest: largest?.[row] as number | null,
      last: last?.[row] as number | null,
      mean: means?.[row] as number | null,
      payments: payments?.[row] as number,
    }
    r0[row] = times(given)
    r1[row] = timesLargest(given)
    r2[row] = each(given)
    r3[row] = isLargest(given)
    r4[row] = hour(given)
    r5[row] = log(given)
    r6[row] = change(given)
    r7[row] = busy(given)
    r8[row] = weighted(given)
    r9[row] = band(given)
  }
  return results
}

async function chunks(connection: DuckDBConnection): Promise<Columns[]> {
  const found: Columns[] = []
  const result = await connection.stream(joined)
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk())
    found.push(columnsOf(chunk))
  return found
}

/** As the loop takes them. */
function columnsOf(chunk: DuckDBDataChunk): Columns {
  const [, instants = [], , ...rest] = chunk.getColumns()
  const payments = (rest.pop() ?? []).map(Number)
  return [instants.map(instant => (instant as { readonly micros: bigint }).micros), ...rest, payments]
}

async function applied(): Promise<{ seconds: number; checksum: number }> {
  const artefacts = await Artefacts.open(folder)
  const manifest = artefacts.manifest.onDemandViews.risk
  if (!manifest) throw new Error('risk was not built')
  const view = new OnDemandRuntime(manifest, artefacts.applyRows('risk'))
  const wanted = manifest.features.map(() => true)
  const all = await chunks(await duckdb())
  const started = performance.now()
  let checksum = 0
  for (const [instants = [], ...columns] of all) {
    const given = { instants: instants as bigint[], columns, keysOf: () => [] }
    const results = view.apply(given, wanted, () => null, true)
    checksum += results[5]?.[0] as number
  }
  return { seconds: (performance.now() - started) / 1000, checksum }
}

async function appliedByHand(): Promise<{ seconds: number; checksum: number }> {
  const all = await chunks(await duckdb())
  const started = performance.now()
  let checksum = 0
  for (const columns of all) checksum += loop(columns)[5]?.[0] as number
  return { seconds: (performance.now() - started) / 1000, checksum }
}

const types = [DOUBLE, DOUBLE, DOUBLE, BOOLEAN, INTEGER, DOUBLE, DOUBLE, BOOLEAN, DOUBLE, INTEGER]

async function step(): Promise<{ seconds: number }> {
  const artefacts = await Artefacts.open(folder)
  const manifest = artefacts.manifest.onDemandViews.risk
  if (!manifest) throw new Error('risk was not built')
  const view = new OnDemandRuntime(manifest, artefacts.applyRows('risk'))
  const wanted = manifest.features.map(() => true)
  const engine = await DuckDBEngine.open('.')
  const session = await engine.session([])
  const declared: Record<string, Field['type']> = {
    event_timestamp: { type: 'timestamp' },
    spending__payments_1d: { type: 'int64', as: 'number' },
    user_id: { type: 'int64', as: 'number' },
  }
  const started = performance.now()
  await session.createComputed('risk__features', {
    sql: joined,
    types: new Map(Object.entries(declared)),
    fields: manifest.features,
    compute: (names, { columns }) => {
      const of = (name: string) => columns[names.indexOf(name)] ?? []
      const given = view.columns.map(({ column }) => of(column))
      const instants = of('event_timestamp') as bigint[]
      return view.apply({ instants, columns: given, keysOf: () => [] }, wanted, () => null, true) as never
    },
  })
  const seconds = (performance.now() - started) / 1000
  session.release()
  await engine.close()
  return { seconds }
}

async function stepByHand(): Promise<{ seconds: number }> {
  const instance = await DuckDBInstance.create(':memory:')
  const [connection, other] = [await instance.connect(), await instance.connect()]
  const list = types.map((type, index) => `f${index} ${type}`).join(', ')
  const started = performance.now()
  await connection.run(`CREATE TABLE features (__row BIGINT, ${list})`)
  const result = await connection.stream(joined)
  const appender = await other.createAppender('features')
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const made = DuckDBDataChunk.create([BIGINT, ...types], chunk.rowCount)
    made.setColumns([chunk.getColumnVector(0).toArray() as never[], ...(loop(columnsOf(chunk)) as never[])])
    appender.appendDataChunk(made)
  }
  appender.closeSync()
  return { seconds: (performance.now() - started) / 1000 }
}

/** Microseconds that functions add to a getter, at the median. */
async function getter(): Promise<void> {
  const store = await connect(folder, { environment: 'local' })
  await store.materialize(undefined, { at })
  const key = { user_id: 7 }
  const request = { ...key, amount: 12.5, items: 3 }
  const [stored, both] = [store.service('stored'), store.service('both')]
  const reads = {
    'stored features alone': () => stored.get(key, { at }),
    'with ten functions': () => both.get(request, { at }),
  }
  const samples = new Map(Object.keys(reads).map(name => [name, [] as number[]]))
  for (let round = 0; round < 6_000; round += 1)
    for (const [name, read] of Object.entries(reads)) {
      const started = process.hrtime.bigint()
      for (let repeat = 0; repeat < 10; repeat += 1) await read()
      // The first ones are slow until they are compiled.
      if (round >= 1_000) samples.get(name)?.push(Number(process.hrtime.bigint() - started) / 10_000)
    }
  console.log('\nA getter in memory')
  for (const [name, own] of samples) console.log(`  ${name.padEnd(34)} ${median(own).toFixed(2)} us`)
  await store.close()
}

const script = fileURLToPath(import.meta.url)
const samples = await inTurn(script, {
  'the emitted loop': applied,
  'a loop by hand': appliedByHand,
  'the step of training data': step,
  'the step by hand': stepByHand,
})
const pick = (...names: string[]) => Object.fromEntries(names.map(name => [name, samples[name] ?? []]))
print('Ten functions on 1,000,000 rows of columns', pick('the emitted loop', 'a loop by hand'), 'a loop by hand')
print('From the joined rows to the table', pick('the step of training data', 'the step by hand'), 'the step by hand')
await getter()
