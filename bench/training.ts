/**
 * Training data of the flights service, spine file to Parquet: through the runtime, the same statements by hand, and the
 * best statements by hand for the same values.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { connect } from 'meridian/runtime'
import { duckdb, generated, loadSpine, spineFile, statement, views, writeSpine } from './flights.ts'
import { inTurn, print } from './measure.ts'

const output = (name: string) => `data/bench-${name}.parquet`
const join = statement('duckdb/late_flights/training.sql')

await writeSpine()

const samples = await inTurn(fileURLToPath(import.meta.url), {
  meridian: async () => {
    const store = await connect(generated)
    const { rows } = await store
      .service('late_flights')
      .trainingData({ spine: spineFile })
      .toParquet(output('meridian'))
    await store.close()
    return { rows }
  },
  'emitted SQL by hand': async () => {
    const connection = await duckdb()
    await connection.run(statement('duckdb/sources/landings.sql'))
    await connection.run(statement('duckdb/sources/origin_days.sql'))
    await connection.run(statement('duckdb/ticks/none.sql'))
    await loadSpine(connection)
    for (const view of views) {
      const sql = statement(`duckdb/${view}/point_in_time.sql`)
      await connection.run(`CREATE TEMP TABLE ${view}__features AS ${sql}`, { as_served: false, recorded: false })
    }
    const { rowsChanged } = await connection.run(`COPY (${join}) TO '${output('emitted')}' (FORMAT parquet)`)
    return { rows: rowsChanged }
  },
  'best SQL by hand': async () => {
    const connection = await duckdb()
    await loadSpine(connection)
    for (const sql of readFileSync('bench/hand-written/late_flights.sql', 'utf8').split('\n;\n'))
      await connection.run(sql)
    const { rowsChanged } = await connection.run(`COPY (${join}) TO '${output('best')}' (FORMAT parquet)`)
    return { rows: rowsChanged }
  },
})
print('training data, 502,222 rows x 16 features', samples, 'emitted SQL by hand')
print('the same', samples, 'best SQL by hand')

const connection = await duckdb()
const differences = await connection.runAndReadAll(`
  SELECT
    (SELECT count(*) FROM (FROM '${output('meridian')}' EXCEPT ALL FROM '${output('best')}')),
    (SELECT count(*) FROM (FROM '${output('best')}' EXCEPT ALL FROM '${output('meridian')}'))`)
console.log(`\nrows that differ between meridian and the best SQL by hand: ${differences.getRows()[0]?.join(' and ')}`)
process.exit(0)
