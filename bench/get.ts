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

/** So many features of each kind: windows over as many days, and the last row. */
const windows = (count: number, first = 1, prefix = '') =>
  Array.from({ length: count }, (_, index) => {
    const day = first + index
    return `${prefix}n${day}: count().over('${day}d'), ${prefix}s${day}: sum('amount').over('${day}d'), ${prefix}a${day}: avg('score').over('${day}d'), ${prefix}m${day}: max('score').over('${day}d')`
  }).join(', ')
const latest = "kind: last('kind'), amount: last('amount'), score: last('score'), at: last('happened_at')"
const view = (name: string, features: string) => `
export const ${name} = featureView('${name}', { entity: user, source: events, ttl: '30d', refresh: '1h', materialize: true,
  features: ({ avg, count, last, max, sum }) => ({ ${features} }) })`

const folder = await buildProject(
  'get',
  `import { entity, featureService, featureView, source, sql, t } from 'meridian'
export const user = entity('user', { joinKeys: { user_id: t.int64() } })
export const events = source('events', {
  columns: { user_id: t.int64(), amount: t.decimal(12, 2), kind: t.string(), score: t.float64(), happened_at: t.timestamp() },
  eventTimestamp: 'happened_at', tieBreak: ['amount'],
  duckdb: sql\`SELECT 7::BIGINT AS user_id, 12.5::DECIMAL(12, 2) AS amount, 'card' AS kind, 0.5::DOUBLE AS score, TIMESTAMP '2001-06-15' AS happened_at\`,
})
${view('twenty', `${windows(4)}, ${latest}`)}
${view('hundreds', `${windows(49)}, ${latest}`)}
${Array.from({ length: 4 }, (_, index) => view(`fifty${index}`, windows(12, 1, `f${index}`))).join('')}
export const four = featureService('four', [fifty0, fifty1, fifty2, fifty3])
`,
)
const small = await connect(folder)
await small.materialize(undefined, { at })
const twenty = small.view('twenty')
const hundreds = small.view('hundreds')
const four = small.service('four')
const key = { user_id: 7n }
await time('20 features of one view', () => twenty.get(key, { at }))
await time('20 features of one view, with status', () => twenty.get(key, { at, status: true }))
await time('20 features of a key that is not there', () => twenty.get({ user_id: 8n }, { at }))
await time('200 features of one view', () => hundreds.get(key, { at }))
await time('200 features of one view, with status', () => hundreds.get(key, { at, status: true }))
await time('192 features of four views', () => four.get(key, { at }))

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
