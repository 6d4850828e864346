import { Client } from 'pg'
import { PostgresEngine } from '../../runtime/offline/postgres.ts'
import { postgresServer } from '../servers.ts'
import { postgres } from './offline-dialects.ts'
import { offlineEngineContract } from './offline-engine.ts'

const active = `SELECT count(*)::int AS n FROM pg_stat_activity
  WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()`

offlineEngineContract(postgres, async () => {
  const server = await postgresServer()
  const engine = await PostgresEngine.open({ url: server.url })
  const observer = new Client({ connectionString: server.url })
  await observer.connect()
  return {
    engine,
    running: async () => (await observer.query<{ n: number }>(active)).rows[0]?.n ?? -1,
    close: async () => {
      await observer.end()
      await engine.close()
      await server.stop()
    },
  }
})
