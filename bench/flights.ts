/** The flights of the example, for benchmarks: where they are, a spine of one month, and DuckDB by hand. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'

export const flights = 'node_modules/vega-datasets/data/flights-3m.parquet'
export const spineFile = 'data/bench-spine.parquet'
export const generated = 'generated/flights'

export async function duckdb(): Promise<DuckDBConnection> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  await connection.run("SET TimeZone = 'UTC'")
  return connection
}

/** Every departure of June 2001 as a file. */
export async function writeSpine(): Promise<void> {
  if (existsSync(spineFile)) return
  mkdirSync('data', { recursive: true })
  const connection = await duckdb()
  await connection.run(`
    COPY (
      SELECT origin, destination, date AS event_timestamp, delay > 15 AS late
      FROM read_parquet('${flights}')
      WHERE date >= TIMESTAMP '2001-06-01' AND date < TIMESTAMP '2001-07-01'
    ) TO '${spineFile}' (FORMAT parquet)`)
}

export function statement(path: string, folder = generated): string {
  return readFileSync(`${folder}/${path}`, 'utf8')
}

export async function loadSpine(connection: DuckDBConnection): Promise<void> {
  await connection.run(`
    CREATE TEMP TABLE spine AS
    SELECT row_number() OVER () - 1 AS __row, origin, destination, event_timestamp::TIMESTAMP AS event_timestamp, late
    FROM read_parquet('${spineFile}')`)
}

export const views = ['origin_stats', 'destination_stats', 'route_stats', 'origin_days'] as const
