/**
 * Parquet and CSV files, which DuckDB reads and writes: between it and Postgres' COPY, rows are a CSV file in which every
 * value has the form that the reader casts exactly. Only this file loads DuckDB where Postgres is the engine.
 */
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { MeridianError } from '../errors.ts'
import { duckDBColumns, duckDBRelation } from './duckdb-tables.ts'
import { typeText as duckDBType } from './duckdb-text.ts'
import { watched } from './duckdb-watch.ts'
import type { RunOptions, SpineRequest } from './engine.ts'
import { fromFile, type ResultColumn, toFile } from './postgres-file-types.ts'
import { typeText } from './postgres-text.ts'
import { quote, quoteText } from './quote.ts'
import { requiredColumns } from './spine.ts'

/** A column of Postgres. */
export interface Column {
  readonly name: string
  readonly type: string
}

/** Null is nothing between commas, and empty text is in quotes. */
export const copyOptions = "FORMAT csv, DELIMITER ',', QUOTE '\"', ESCAPE '\"', NULL ''"

/**
 * Writes the rows of a spine for `COPY`, numbered; returns the columns after the number.
 *
 * @throws MeridianError `spine.invalid`
 */
export async function spineToCsv(
  spine: { readonly parquet: string } | { readonly csv: string },
  request: SpineRequest,
  path: string,
  options: RunOptions,
): Promise<readonly Column[]> {
  return withDuckDB(async connection => {
    try {
      const relation = await duckDBRelation(connection, spine, request)
      const columns = await duckDBColumns(connection, relation, request)
      const required = new Map(requiredColumns(request).map(({ name, type }) => [name, type]))
      const described = columns.map(({ name, type }) => {
        const wanted = required.get(name)
        if (!wanted) return fromFile(name, type)
        const cast = duckDBType(wanted)
        // Lists and bytes are written as Postgres reads them.
        return { name, type: typeText(wanted), read: fromFile(name, cast, `${quote(name)}::${cast}`).read }
      })
      const list = described.map(({ name, read }) => `${read} AS ${quote(name)}`)
      const select = `SELECT row_number() OVER () - 1 AS __row, ${list.join(', ')} FROM ${relation}`
      const settings = `FORMAT csv, HEADER false, DELIMITER ',', QUOTE '"', ESCAPE '"', NULLSTR '', FORCE_QUOTE *`
      await watched(connection, { signal: options.signal }, () =>
        connection.run(`COPY (${select}) TO ${quoteText(path)} (${settings})`),
      )
      return described
    } catch (error) {
      if (error instanceof MeridianError) throw error
      const problem = error instanceof Error ? error.message : String(error)
      throw new MeridianError('spine.invalid', `the spine cannot be read: ${problem}`, { problem }, error)
    }
  })
}

/** Makes a Parquet file of what `COPY` wrote. */
export async function csvToParquet(
  csv: string,
  columns: readonly ResultColumn[],
  path: string,
  options: RunOptions,
): Promise<void> {
  await withDuckDB(async connection => {
    const texts = columns.map((_, index) => `'c${index}': 'VARCHAR'`)
    const selected = columns.map((column, index) => `${toFile(column, `c${index}`)} AS ${quote(column.name)}`)
    // One value may be long; a row must fit into the reader's buffer.
    const settings = `delim = ',', quote = '"', escape = '"', new_line = '\\n', nullstr = '', allow_quoted_nulls = false, max_line_size = 134217728`
    const read = `read_csv(${quoteText(csv)}, auto_detect = false, header = false, columns = {${texts.join(', ')}}, ${settings})`
    await watched(connection, options, () =>
      connection.run(`COPY (SELECT ${selected.join(', ')} FROM ${read}) TO ${quoteText(path)} (FORMAT parquet)`),
    )
  })
}

async function withDuckDB<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:')
  try {
    const connection = await instance.connect()
    await connection.run("SET TimeZone = 'UTC'")
    await connection.run('SET enable_progress_bar = true')
    await connection.run('SET enable_progress_bar_print = false')
    return await work(connection)
  } finally {
    instance.closeSync()
  }
}
