/** Production: a project's rows in Postgres, an online store in Redis. */
import { Redis } from 'ioredis'
import { connect } from 'meridian/runtime'
import pg from 'pg'
import { PostgresEngine } from '../../runtime/offline/postgres.ts'
import { postgresServer, redisServer } from '../servers.ts'
import type { Mode } from './mode.ts'
import { tableOf, valuesOf } from './tables.ts'
import { postgresLiteral, postgresType, quoteName } from './values.ts'

export async function productionMode(): Promise<Mode> {
  const database = await postgresServer()
  const { url } = await redisServer()
  const client = new pg.Client(database.url)
  await client.connect()
  const redis = new Redis(url)
  const recorder = await PostgresEngine.open({ url: database.url, poolSize: 1 })
  return {
    name: 'production',
    async createTables({ sources }) {
      for (const source of sources) {
        // Half of the instants have a time zone, as many tables do.
        const zoned = (name: string) => source.tieBreak.length > 0 && name === source.eventTimestamp
        const columns = Object.entries(source.columns).map(
          ([name, type]) => `${quoteName(name)} ${zoned(name) ? 'TIMESTAMPTZ' : postgresType(type)}`,
        )
        await client.query(`CREATE TABLE ${tableOf(source)} (${columns.join(', ')})`)
      }
    },
    async replaceRows({ sources }, rows) {
      await client.query("SET TimeZone = 'UTC'")
      for (const source of sources) {
        await client.query(`TRUNCATE ${tableOf(source)}`)
        const values = valuesOf(source, rows, postgresLiteral)
        if (values !== null) await client.query(`INSERT INTO ${tableOf(source)} VALUES ${values}`)
      }
    },
    async replaceTicks(ticks) {
      await client.query('DROP TABLE IF EXISTS meridian_ticks')
      await recorder.recordTicks(ticks)
    },
    async connect(generated) {
      await redis.flushdb()
      // A machine that is busy with a test is slower than what the usual bounds are made for.
      const patience = { readTimeout: 5_000, writeTimeout: 10_000, connectTimeout: 5_000 }
      return connect(generated, {
        environment: 'production',
        postgres: { url: database.url, poolSize: 2 },
        redis: { url, ...patience },
      })
    },
    engine: () => PostgresEngine.open({ url: database.url, poolSize: 2 }),
    async close() {
      redis.disconnect()
      await recorder.close()
      await client.end()
      await database.stop()
    },
  }
}
