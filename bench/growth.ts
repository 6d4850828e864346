/** How cost grows with events and with windows: the flights, a tenth and all of them, with and without a created timestamp. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connect } from 'meridian/runtime'
import { duckdb, flights } from './flights.ts'
import { inTurn, median, print } from './measure.ts'
import { buildProject } from './project.ts'

const lengths = ['1h', '2h', '6h', '1d', '3d', '7d', '14d', '30d']

/** Counts, means and exact sums over the first `windows` lengths, and a last value. */
async function project(name: string, events: string, windows: number, created: boolean): Promise<string> {
  const features = lengths
    .slice(0, windows)
    .flatMap(over => [
      `flights_${over}: count().over('${over}')`,
      `late_${over}: count().where(row => row.delay.gt(15)).over('${over}')`,
      `delay_${over}: avg('delay').over('${over}')`,
    ])
  return buildProject(
    name,
    `import { entity, featureService, featureView, source, sql, t } from 'meridian'
export const airport = entity('airport', { joinKeys: { origin: t.string() } })
export const landings = source('landings', {
  columns: { origin: t.string(), delay: t.int32(), distance: t.int32(), landed_at: t.timestamp(), known_at: t.timestamp() },
  eventTimestamp: 'landed_at', ${created ? "createdTimestamp: 'known_at'," : ''} tieBreak: ['distance'],
  duckdb: sql\`SELECT origin, delay, distance, date + to_seconds(1800 + 8 * distance) AS landed_at,
    date + to_seconds(1800 + 8 * distance) + to_seconds(hash(date, distance) % 10800) AS known_at FROM read_parquet('${resolve(events)}')\`,
})
export const stats = featureView('stats', { entity: airport, source: landings,
  features: ({ avg, count, last }) => ({ ${features.join(', ')}, last_delay: last('delay') }) })
export const service = featureService('service', [stats])
`,
  )
}

const tenth = 'data/bench/tenth.parquet'

async function training(name: string, events: string, windows: number, created: boolean) {
  const folder = await project(name, events, windows, created)
  if (!existsSync(tenth)) {
    const connection = await duckdb()
    await connection.run(
      `COPY (SELECT * EXCLUDE (n) FROM (SELECT *, row_number() OVER () AS n FROM read_parquet('${flights}')) WHERE n % 10 = 0) TO '${tenth}' (FORMAT parquet)`,
    )
  }
  const store = await connect(folder)
  const started = performance.now()
  const sql = `SELECT origin, date AS event_timestamp FROM read_parquet('${resolve(events)}') WHERE date >= TIMESTAMP '2001-06-01'`
  const { rows } = await store
    .service('service')
    .trainingData({ spine: { sql } })
    .toParquet(`data/bench/${name}.parquet`)
  const seconds = (performance.now() - started) / 1000
  await store.close()
  return { rows, seconds }
}

const cases = Object.fromEntries(
  [false, true].flatMap(created =>
    [
      { events: tenth, windows: 4 },
      { events: flights, windows: 1 },
      { events: flights, windows: 2 },
      { events: flights, windows: 4 },
      { events: flights, windows: 8 },
    ].map(({ events, windows }) => {
      const size = events === flights ? '3 M' : '300 k'
      const title = `${size}, ${windows} windows${created ? ', known late' : ''}`
      const name = title.replaceAll(/[^a-z0-9]+/gi, '_')
      return [title, () => training(name, events, windows, created)] as const
    }),
  ),
)

const samples = await inTurn(fileURLToPath(import.meta.url), cases, 3)
print('training data of one view', samples)
for (const late of ['', ', known late']) {
  const seconds = (title: string) => median(samples[`${title}${late}`]?.map(sample => sample.seconds) ?? [])
  const growth = Math.log10(seconds('3 M, 4 windows') / seconds('300 k, 4 windows'))
  const windows = (seconds('3 M, 8 windows') - seconds('3 M, 1 windows')) / 7 / seconds('3 M, 1 windows')
  console.log(
    `\n${late === '' ? 'known at once' : 'known late'}: ten times the rows cost 10^${growth.toFixed(2)}; each further window costs ${windows.toFixed(2)} of the first`,
  )
}
process.exit(0)
