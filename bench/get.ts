/** The getter of local mode: microseconds a read, from the call to the answer. */
import { connect } from 'meridian/runtime'
import { generated } from './flights.ts'
import { median } from './measure.ts'
import { buildProject } from './project.ts'

const at = new Date('2001-06-15T12:00:00Z')

function report(title: string, samples: readonly number[]): void {
  const sorted = [...samples].sort((a, b) => a - b)
  const p99 = sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN
  console.log(`${title.padEnd(44)} median ${median(samples).toFixed(2)} us, p99 ${p99.toFixed(2)} us`)
}

/** Each sample is the mean of ten reads: the clock is too coarse for one. */
async function time(title: string, read: () => Promise<unknown>): Promise<void> {
  for (let run = 0; run < 20_000; run += 1) await read()
  const samples: number[] = []
  for (let run = 0; run < 5_000; run += 1) {
    const started = process.hrtime.bigint()
    for (let repeat = 0; repeat < 10; repeat += 1) await read()
    samples.push(Number(process.hrtime.bigint() - started) / 10_000)
  }
  report(title, samples)
}

const folder = await buildProject(
  'get',
  `import { entity, featureView, source, sql, t } from 'meridian'
export const user = entity('user', { joinKeys: { user_id: t.int64() } })
export const events = source('events', {
  columns: { user_id: t.int64(), amount: t.decimal(12, 2), kind: t.string(), score: t.float64(), happened_at: t.timestamp() },
  eventTimestamp: 'happened_at', tieBreak: ['amount'],
  duckdb: sql\`SELECT 7::BIGINT AS user_id, 12.5::DECIMAL(12, 2) AS amount, 'card' AS kind, 0.5::DOUBLE AS score, TIMESTAMP '2001-06-15' AS happened_at\`,
})
export const twenty = featureView('twenty', { entity: user, source: events, ttl: '30d', refresh: '1h', materialize: true,
  features: ({ avg, count, last, max, sum }) => ({ ${Array.from({ length: 4 }, (_, index) => {
    const over = `${index + 1}d`
    return `n${index}: count().over('${over}'), s${index}: sum('amount').over('${over}'), a${index}: avg('score').over('${over}'), m${index}: max('score').over('${over}')`
  }).join(', ')}, kind: last('kind'), amount: last('amount'), score: last('score'), at: last('happened_at') }) })
`,
)
const small = await connect(folder)
await small.materialize(undefined, { at })
const twenty = small.view('twenty')
const key = { user_id: 7n }
await time('20 features of one view', () => twenty.get(key, { at }))
await time('20 features of one view, with status', () => twenty.get(key, { at, status: true }))

const store = await connect(generated)
await store.materialize(undefined, { at })
const service = store.service('late_flights')
const route = { origin: 'SEA', destination: 'SFO' }
await time('the flights service: 16 features of 4 views', () => service.get(route, { at }))
const routes = Array.from({ length: 100 }, () => route)
const hundred: number[] = []
for (let run = 0; run < 2_000; run += 1) {
  const started = process.hrtime.bigint()
  await service.getMany(routes, { at })
  hundred.push(Number(process.hrtime.bigint() - started) / 1000)
}
report('getMany of 100 routes', hundred.slice(500))
await small.close()
await store.close()
