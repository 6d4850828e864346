/** The tables that statements read, `spine` and `keys`, made for one session. */

import { resolve } from 'node:path'
import {
  BIGINT,
  BOOLEAN,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBType,
  INTEGER,
  VARCHAR,
} from '@duckdb/node-api'
import type { Field } from '../contract.ts'
import { MeridianError } from '../errors.ts'
import { spineFromRows } from './duckdb-rows.ts'
import { isInstantColumn, isKeyColumn, keyType } from './duckdb-text.ts'
import type { Spine, SpineRequest, SpineRow } from './engine.ts'
import { quote, quoteText } from './quote.ts'
import { columnProblems, spineError } from './spine.ts'
import { toDuckDB } from './values.ts'

const chunkRows = 2048

/** @throws MeridianError `spine.invalid` */
export async function createDuckDBSpine(
  connection: DuckDBConnection,
  spine: Spine,
  request: SpineRequest,
  signal?: AbortSignal,
): Promise<number> {
  if (Symbol.iterator in spine || Symbol.asyncIterator in spine)
    return spineFromRows(connection, spine, request, signal)
  try {
    return await fromRelation(connection, await duckDBRelation(connection, spine, request.keys), request)
  } catch (error) {
    if (error instanceof MeridianError) throw error
    const problem = error instanceof Error ? error.message : String(error)
    throw new MeridianError('spine.invalid', `the spine cannot be read: ${problem}`, { problem }, error)
  }
}

type Located = Exclude<Spine, Iterable<SpineRow> | AsyncIterable<SpineRow>>

/** What DuckDB reads the spine from. */
export async function duckDBRelation(
  connection: DuckDBConnection,
  spine: Located,
  keys: readonly Field[],
): Promise<string> {
  if ('parquet' in spine) return `read_parquet(${quoteText(located(spine.parquet))})`
  if ('table' in spine) return spine.table.split('.').map(quote).join('.')
  if ('sql' in spine) return `(\n${spine.sql.replace(/[;\s]+$/, '')}\n)`
  const path = quoteText(located(spine.csv))
  // What looks like a number in a file without types is text all the same where the join key is text.
  const columns = new Set((await describe(connection, `read_csv(${path})`)).map(({ name }) => name))
  const texts = keys.filter(({ name, type }) => type.type === 'string' && columns.has(name))
  if (texts.length === 0) return `read_csv(${path})`
  return `read_csv(${path}, types = {${texts.map(({ name }) => `${quoteText(name)}: 'VARCHAR'`).join(', ')}})`
}

/** Paths that callers give start where they are; DuckDB would look in the project's folder too. */
function located(path: string): string {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(path) ? path : resolve(path)
}

/** @throws MeridianError `spine.invalid` */
export async function duckDBColumns(
  connection: DuckDBConnection,
  relation: string,
  request: SpineRequest,
): Promise<{ name: string; type: string }[]> {
  const columns = await describe(connection, relation)
  const problems = columnProblems(columns, request, (wanted, { type }) =>
    wanted.type === 'timestamp' ? isInstantColumn(type) : isKeyColumn(wanted, type),
  )
  if (problems.length > 0) throw spineError(problems)
  return columns
}

async function fromRelation(connection: DuckDBConnection, relation: string, request: SpineRequest): Promise<number> {
  const { keys } = request
  const columns = await duckDBColumns(connection, relation, request)
  const cast = new Map(keys.map(key => [key.name, keyType(key.type)])).set('event_timestamp', 'TIMESTAMP')
  const selected = columns.map(({ name }) => {
    const type = cast.get(name)
    return type ? `${quote(name)}::${type} AS ${quote(name)}` : quote(name)
  })
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE spine AS SELECT row_number() OVER () - 1 AS __row, ${selected.join(', ')} FROM ${relation}`,
  )
  const reader = await connection.runAndReadAll(`
    SELECT
      count(*),
      count(*) FILTER (WHERE event_timestamp IS NULL),
      (SELECT list(__row) FROM (SELECT __row FROM spine WHERE event_timestamp IS NULL ORDER BY __row LIMIT 5))::VARCHAR[]
    FROM spine`)
  const [rows, nulls, first] = reader.getRowsJS()[0] as [bigint, bigint, string[] | null]
  if (nulls > 0n) throw spineError([{ kind: 'null', count: Number(nulls), rows: (first ?? []).map(Number) }])
  return Number(rows)
}

async function describe(connection: DuckDBConnection, relation: string): Promise<{ name: string; type: string }[]> {
  const reader = await connection.runAndReadAll(`DESCRIBE FROM ${relation}`)
  return reader.getRows().map(row => ({ name: String(row[0]), type: String(row[1]) }))
}

export async function createDuckDBKeys(
  connection: DuckDBConnection,
  keys: readonly Field[],
  rows: readonly (readonly unknown[])[],
): Promise<void> {
  const list = keys.map(key => `${quote(key.name)} ${keyType(key.type)}`)
  await connection.run(`CREATE OR REPLACE TEMP TABLE keys (__row BIGINT, ${list.join(', ')})`)
  const appender = await connection.createAppender('keys', null, 'temp')
  const types = [BIGINT, ...keys.map(key => keyColumns[keyType(key.type)] as DuckDBType)]
  for (let start = 0; start < rows.length; start += chunkRows) {
    const batch = rows.slice(start, start + chunkRows)
    const chunk = DuckDBDataChunk.create(types, batch.length)
    const columns = keys.map((key, index) => batch.map(row => toDuckDB(row[index], key.type)))
    chunk.setColumns([batch.map((_, index) => BigInt(start + index)), ...columns])
    appender.appendDataChunk(chunk)
  }
  appender.closeSync()
}

const keyColumns: Readonly<Record<string, DuckDBType>> = { BOOLEAN, INTEGER, BIGINT, VARCHAR }
