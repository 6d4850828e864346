/** Local mode: a project's rows in a DuckDB file, an online store in memory. */
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { connect } from 'meridian/runtime'
import { DuckDBEngine } from '../../runtime/offline/duckdb.ts'
import type { Mode } from './mode.ts'
import { tableOf, valuesOf } from './tables.ts'
import { duckdbLiteral, duckdbType, quoteName } from './values.ts'

export async function localMode(folder: string): Promise<Mode> {
  const path = join(folder, 'data.duckdb')
  const inDatabase = async (work: (connection: DuckDBConnection) => Promise<void>): Promise<void> => {
    const instance = await DuckDBInstance.create(path)
    const connection = await instance.connect()
    await connection.run("SET TimeZone = 'UTC'")
    await work(connection)
    connection.closeSync()
    instance.closeSync()
  }
  return {
    name: 'local',
    createTables: ({ sources }) =>
      inDatabase(async connection => {
        for (const source of sources) {
          const columns = Object.entries(source.columns).map(([name, type]) => `${quoteName(name)} ${duckdbType(type)}`)
          await connection.run(`CREATE TABLE ${tableOf(source)} (${columns.join(', ')})`)
        }
      }),
    replaceRows: ({ sources }, rows) =>
      inDatabase(async connection => {
        for (const source of sources) {
          await connection.run(`DELETE FROM ${tableOf(source)}`)
          const values = valuesOf(source, rows, duckdbLiteral)
          if (values !== null) await connection.run(`INSERT INTO ${tableOf(source)} VALUES ${values}`)
        }
      }),
    async replaceTicks(ticks) {
      await inDatabase(async connection => {
        await connection.run('DROP TABLE IF EXISTS meridian_ticks')
      })
      const engine = await DuckDBEngine.open(folder, { path, threads: 1 })
      await engine.recordTicks(ticks)
      await engine.close()
    },
    connect: generated => connect(generated, { environment: 'local', duckdb: { path, threads: 1 } }),
    engine: root => DuckDBEngine.open(root, { path, threads: 1 }),
    close: async () => {},
  }
}
