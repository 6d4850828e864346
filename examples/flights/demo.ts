/**
 * Meridian's main job on three million real flights: `npm run demo`.
 *
 * Builds the features beside this file, makes a training set of every departure of June 2001, stores the features as of a
 * moment, reads them back, and shows that both ways agree, and what a naive join would have leaked.
 */
import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { DuckDBInstance } from '@duckdb/node-api'
import { SingleBar } from 'cli-progress'
import { build } from 'meridian/compiler'
import { count, indent, seconds, step } from '../show.ts'

const flights = 'node_modules/vega-datasets/data/flights-3m.parquet'
const moment = '2001-06-15T12:00:00Z'

/** Every departure of June 2001, and whether it landed more than a quarter of an hour late. */
const departures = `
  SELECT origin, destination, distance, date AS event_timestamp, delay > 15 AS late
  FROM read_parquet('${flights}')
  WHERE date >= TIMESTAMP '2001-06-01' AND date < TIMESTAMP '2001-07-01'`

step('1. Build: definitions become files that people review')
const started = performance.now()
const { diagnostics, changes, artefacts } = await build({
  root: '.',
  name: 'flights',
  definitions: 'examples/flights/features.ts',
  output: 'generated/flights',
})
if (diagnostics.length > 0) throw new Error(`the example does not build: ${diagnostics[0]?.message}`)
console.log(`${artefacts.length} files in generated/flights, ${changes.length} of them changed, in ${seconds(started)}`)
console.log('\ngenerated/flights/duckdb/origin_days/point_in_time.sql:\n')
console.log(indent(readFileSync('generated/flights/duckdb/origin_days/point_in_time.sql', 'utf8')))

// The client exists once the build has run.
const { connect } = await import('../../generated/flights/index.ts')
const store = await connect()

step('2. Training data: each departure with its features as of that instant')
mkdirSync('data', { recursive: true })
const trained = performance.now()
const bar = process.stderr.isTTY ? new SingleBar({ format: '{bar} {percentage}% {duration}s', hideCursor: true }) : null
bar?.start(1, 0)
const { rows } = await store.lateFlights
  .trainingData({ spine: { sql: departures }, onProgress: ({ fraction }) => bar?.update(fraction) })
  .toParquet('data/late_flights.parquet')
bar?.update(1)
bar?.stop()
const megabytes = statSync('data/late_flights.parquet').size / 1e6
console.log(`${count(rows)} rows in data/late_flights.parquet (${megabytes.toFixed(0)} MB), in ${seconds(trained)}`)

step(`3. Online: the features of every key as of ${moment}`)
for (const { view, tick, rows: keys } of await store.materialize(undefined, { at: moment }))
  console.log(`${view.padEnd(18)} ${count(keys).padStart(6)} keys at tick ${tick.toISOString()}`)
console.log("\nawait store.lateFlights.get({ origin: 'SEA', destination: 'SFO' })\n")
const seattle = await store.lateFlights.get({ origin: 'SEA', destination: 'SFO' }, { at: moment })
console.log(seattle)

step('4. Training and serving agree')
const duckdb = await (await DuckDBInstance.create()).connect()
const routes = (
  await duckdb.runAndReadAll(`SELECT DISTINCT origin, destination FROM read_parquet('${flights}') ORDER BY ALL`)
).getRowObjectsJS() as { origin: string; destination: string }[]
const served = await store.lateFlights.getMany(routes, { at: moment })
const spine = routes.map(route => ({ ...route, event_timestamp: moment }))
const offline = await store.lateFlights.trainingData({ spine, accuracy: 'as_served' }).toArray()
const names = Object.keys(seattle) as (keyof typeof seattle)[]
let different = 0
for (const [index, online] of served.entries())
  for (const name of names) if (!isDeepStrictEqual(online[name], offline[index]?.[name])) different += 1
console.log(
  `${count(routes.length)} routes x ${names.length} features: ${different === 0 ? 'no value differs' : `${count(different)} values differ`}`,
)

step('5. SQL and TypeScript together: one call to train, one to serve')
const functions = performance.now()
await store.departures.trainingData({ spine: { sql: departures } }).toParquet('data/departures.parquet')
console.log(
  `The functions of flight_risk on ${count(rows)} joined rows: data/departures.parquet, in ${seconds(functions)}`,
)
const flight = { origin: 'SEA', destination: 'SFO', distance: 679 }
const [online, trainedOn] = [
  await store.departures.get(flight, { at: moment, status: true }),
  (await store.departures.trainingData({ spine: [{ ...flight, event_timestamp: moment }] }).toArray())[0],
]
console.log(`\nawait store.departures.get(${JSON.stringify(flight)}, { status: true })\n`)
for (const name of ['route_avg_delay_30d', 'delay_per_100mi', 'worse_than_usual', 'evening'] as const) {
  const { value, source } = online[name]
  const same = isDeepStrictEqual(value, trainedOn?.[name]) ? 'the same in training data' : 'another in training data'
  console.log(`  ${name.padEnd(20)} ${String(value).padEnd(20)} ${source.padEnd(9)} ${same}`)
}

step('6. What a naive join leaks')
const honest = await areaUnderCurve("SELECT late, last_delay AS score FROM read_parquet('data/late_flights.parquet')")
const naive = await areaUnderCurve(`
  SELECT spine.late, flight.delay AS score
  FROM (${departures}) AS spine
  ASOF LEFT JOIN (
    -- One flight for each instant, the same in every run.
    SELECT origin, date, arg_max(delay, {'to': destination, 'miles': distance, 'delay': delay}) AS delay
    FROM read_parquet('${flights}')
    GROUP BY ALL
  ) AS flight
    ON flight.origin = spine.origin
   AND flight.date <= spine.event_timestamp`)
console.log(`How well "delay of the last flight from here" tells late flights from the others (AUC, 0.5 is a coin):

  ${honest.toFixed(3)}  as Meridian joins it: the last flight that had landed by the departure
  ${naive.toFixed(3)}  as a join on the departure time does: flights still in the air, the very flight among them

A model trained on the second would look splendid, and know nothing on the day.`)

await store.close()

/** The chance that a late flight scores higher than another one, ties counting half. */
async function areaUnderCurve(query: string): Promise<number> {
  const reader = await duckdb.runAndReadAll(`
    SELECT (sum(place) FILTER (WHERE late) - count(*) FILTER (WHERE late) * (count(*) FILTER (WHERE late) + 1) / 2)
      / (count(*) FILTER (WHERE late) * count(*) FILTER (WHERE NOT late)::DOUBLE)
    FROM (
      SELECT late, rank() OVER (ORDER BY score) + (count(*) OVER (PARTITION BY score) - 1) / 2 AS place
      FROM (${query})
      WHERE score IS NOT NULL AND late IS NOT NULL
    )`)
  return Number(reader.getRows()[0]?.[0])
}
