/** JavaScript rows, appended to a table of DuckDB in columns. */
import { BIGINT, type DuckDBConnection, DuckDBDataChunk, type DuckDBValue } from '@duckdb/node-api'
import type { Field } from '../contract.ts'
import type { StoredValue } from '../online/row.ts'
import { columnType, columnValues } from './duckdb-columns.ts'
import { typeText } from './duckdb-text.ts'
import type { SpineRequest, SpineRow } from './engine.ts'
import { quote } from './quote.ts'
import { loadRows, type SpineTable } from './spine-rows.ts'

/** @throws MeridianError `spine.invalid` */
export function spineFromRows(
  connection: DuckDBConnection,
  rows: Iterable<SpineRow> | AsyncIterable<SpineRow>,
  request: SpineRequest,
  signal?: AbortSignal,
): Promise<number> {
  return loadRows(rows, request, columns => createTable(connection, columns), signal)
}

async function createTable(connection: DuckDBConnection, columns: readonly Field[]): Promise<SpineTable> {
  const list = columns.map(({ name, type }) => `${quote(name)} ${typeText(type)}`)
  await connection.run(`CREATE OR REPLACE TEMP TABLE spine (__row BIGINT, ${list.join(', ')})`)
  const table = await appendTo(connection, { name: 'spine', catalog: 'temp' }, columns)
  return {
    append(first, values) {
      const rowCount = values[0]?.length ?? 0
      const ordinals = Array.from({ length: rowCount }, (_, index) => BigInt(first + index))
      table.append(ordinals, values)
    },
    finish: () => table.close(),
    abandon: () => table.close(),
  }
}

export interface Appended {
  /** At most 2,048 rows: the numbers in `__row`, and the values of the other columns. */
  append(ordinals: readonly unknown[], columns: readonly (readonly StoredValue[])[]): void
  close(): void
}

/** The end of a table that has the column `__row`, then those of the fields. */
export async function appendTo(
  connection: DuckDBConnection,
  { name, catalog }: { readonly name: string; readonly catalog: string },
  fields: readonly Field[],
): Promise<Appended> {
  const appender = await connection.createAppender(name, null, catalog)
  const types = [BIGINT, ...fields.map(({ type }) => columnType(type))]
  const converters = fields.map(({ type }) => columnValues(type))
  return {
    append(ordinals, columns) {
      const chunk = DuckDBDataChunk.create(types, ordinals.length)
      const values = columns.map((column, index) => {
        const convert = converters[index]
        return convert ? column.map(convert) : (column as readonly DuckDBValue[])
      })
      chunk.setColumns([ordinals as readonly DuckDBValue[], ...values])
      appender.appendDataChunk(chunk)
    },
    close: () => appender.closeSync(),
  }
}
