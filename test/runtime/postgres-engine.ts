/** An engine on an empty database, for the tests of the Postgres engine. */
import { Client } from 'pg'
import type { Relation } from '../../runtime/offline/engine.ts'
import { PostgresEngine, type PostgresOptions } from '../../runtime/offline/postgres.ts'
import { postgresServer } from '../servers.ts'

export interface Given {
  readonly engine: PostgresEngine
  readonly url: string
  /** Runs a statement on a connection of its own. */
  readonly run: (sql: string) => Promise<Record<string, unknown>[]>
}

/** Runs `work` on an engine and a database of its own. */
export const given =
  (work: (given: Given) => Promise<void>, options: Omit<PostgresOptions, 'url'> = {}) =>
  async () => {
    const server = await postgresServer()
    const client = new Client({ connectionString: server.url })
    await client.connect()
    const engine = await PostgresEngine.open({ url: server.url, ...options })
    try {
      await work({ engine, url: server.url, run: async sql => (await client.query(sql)).rows })
    } finally {
      await engine.close()
      await client.end()
      await server.stop()
    }
  }

export const key = { name: 'k', type: { type: 'string' } } as const
export const request = { keys: [key], features: ['f'] }
export const instant = '2001-06-15T12:00:00Z'

export const source = (name: string, sql: string, snapshot: string | null = null): Relation => ({
  name,
  statement: `CREATE OR REPLACE TEMP VIEW ${name} AS ${sql}`,
  snapshot,
})
