/** Prints what a store finds, for a test that runs this under another time zone: `node zone-probe.ts <generated folder>`. */
import { connect } from 'meridian/runtime'

const store = await connect(process.argv[2] as string, { duckdb: { path: process.argv[3] as string } })
const at = '2001-06-15 12:15:00'
const key = { id: 1n, live: true }
const materialized = await store.materialize('stored', { at })
const spine = { sql: "SELECT 1 AS id, true AS live, TIMESTAMPTZ '2001-06-15 14:15:00+02' AS event_timestamp" }
const training = store.view('stored').trainingData({ spine })
const found = {
  tick: materialized[0]?.tick,
  rows: materialized[0]?.rows,
  stored: (await store.view('stored').get(key, { at })).last_at,
  computed: (await store.view('computed').get(key, { at })).hour_of_last,
  training: (await training.toArray()).map(row => [row.event_timestamp, row.last_at]),
}
console.log(JSON.stringify(found))
await store.close()
