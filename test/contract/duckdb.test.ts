import { DuckDBEngine } from '../../runtime/offline/duckdb.ts'
import { duckdb } from './offline-dialects.ts'
import { offlineEngineContract } from './offline-engine.ts'

offlineEngineContract(duckdb, async () => {
  const engine = await DuckDBEngine.open('.')
  return { engine, close: () => engine.close() }
})
