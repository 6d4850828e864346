/** The tables that statements read, `spine` and `keys`, made for one session. */

import { resolve } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { Field } from '../contract.ts'
import { MeridianError } from '../errors.ts'
import type { StoredValue } from '../online/row.ts'
import { appendTo, spineFromRows } from './duckdb-rows.ts'
import { fitsType, typeText } from './duckdb-text.ts'
import type { Spine, SpineRequest, SpineRow } from './engine.ts'
import { quote, quoteText } from './quote.ts'
import { columnProblems, columnsWithoutNull, requiredColumns, type SpineProblem, spineError } from './spine.ts'

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
    return await fromRelation(connection, await duckDBRelation(connection, spine, request), request)
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
  request: SpineRequest,
): Promise<string> {
  if ('parquet' in spine) return `read_parquet(${quoteText(located(spine.parquet))})`
  if ('table' in spine) return tableNamed(spine.table)
  if ('sql' in spine) return `(\n${spine.sql.replace(/[;\s]+$/, '')}\n)`
  const path = quoteText(located(spine.csv))
  // What looks like a number in a file without types is text all the same where the column must be text.
  const columns = new Set((await describe(connection, `read_csv(${path})`)).map(({ name }) => name))
  const typed = requiredColumns(request).filter(({ name, type }) => inFiles.has(type.type) && columns.has(name))
  if (typed.length === 0) return `read_csv(${path})`
  const types = typed.map(({ name, type }) => `${quoteText(name)}: ${quoteText(typeText(type))}`)
  return `read_csv(${path}, types = {${types.join(', ')}})`
}

/** In the project's database: a source's relation of the same name must not hide it. */
function tableNamed(name: string): string {
  const parts = name.split('.')
  const path = parts.length === 1 ? ['project', 'main', name] : parts.length === 2 ? ['project', ...parts] : parts
  return path.map(quote).join('.')
}

/** Types that a file without types does not show. */
const inFiles = new Set(['string', 'decimal', 'json', 'list', 'vector'])

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
  const problems = columnProblems(columns, request, (wanted, { type }) => fitsType(wanted, type))
  if (problems.length > 0) throw spineError(problems)
  return columns
}

async function fromRelation(connection: DuckDBConnection, relation: string, request: SpineRequest): Promise<number> {
  const columns = await duckDBColumns(connection, relation, request)
  const cast = new Map(requiredColumns(request).map(({ name, type }) => [name, typeText(type)]))
  const selected = columns.map(({ name }) => {
    const type = cast.get(name)
    return type ? `${quote(name)}::${type} AS ${quote(name)}` : quote(name)
  })
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE spine AS SELECT row_number() OVER () - 1 AS __row, ${selected.join(', ')} FROM ${relation}`,
  )
  const problems: SpineProblem[] = []
  let count = 0
  for (const column of columnsWithoutNull(request)) {
    const nulls = `${quote(column)} IS NULL`
    const reader = await connection.runAndReadAll(`
      SELECT
        count(*),
        count(*) FILTER (WHERE ${nulls}),
        (SELECT list(__row) FROM (SELECT __row FROM spine WHERE ${nulls} ORDER BY __row LIMIT 5))::VARCHAR[]
      FROM spine`)
    const [rows, missing, first] = reader.getRowsJS()[0] as [bigint, bigint, string[] | null]
    if (missing > 0n) problems.push({ kind: 'null', column, count: Number(missing), rows: (first ?? []).map(Number) })
    count = Number(rows)
  }
  if (problems.length > 0) throw spineError(problems)
  return count
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
  const list = keys.map(key => `${quote(key.name)} ${typeText(key.type)}`)
  await connection.run(`CREATE OR REPLACE TEMP TABLE keys (__row BIGINT, ${list.join(', ')})`)
  const table = await appendTo(connection, { name: 'keys', catalog: 'temp' }, keys)
  for (let start = 0; start < rows.length; start += chunkRows) {
    const batch = rows.slice(start, start + chunkRows)
    const ordinals = batch.map((_, index) => BigInt(start + index))
    table.append(
      ordinals,
      keys.map((_, index) => batch.map(row => (row[index] ?? null) as StoredValue)),
    )
  }
  table.close()
}
