/** A spine of JavaScript rows, appended to a table of DuckDB in columns. */
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  TIMESTAMP,
  VARCHAR,
} from '@duckdb/node-api'
import type { SpineRequest, SpineRow } from './engine.ts'
import { quote } from './quote.ts'
import type { SpineColumn } from './spine.ts'
import { loadRows, type SpineTable, type SpineValue } from './spine-rows.ts'

/** @throws MeridianError `spine.invalid` */
export function spineFromRows(
  connection: DuckDBConnection,
  rows: Iterable<SpineRow> | AsyncIterable<SpineRow>,
  request: SpineRequest,
  signal?: AbortSignal,
): Promise<number> {
  return loadRows(rows, request, columns => createTable(connection, columns), signal)
}

async function createTable(connection: DuckDBConnection, columns: readonly SpineColumn[]): Promise<SpineTable> {
  const types = columns.map(({ type }) => columnTypes[type])
  const list = columns.map(({ name }, index) => `${quote(name)} ${types[index]}`)
  await connection.run(`CREATE OR REPLACE TEMP TABLE spine (__row BIGINT, ${list.join(', ')})`)
  const appender = await connection.createAppender('spine', null, 'temp')
  const chunkTypes = [BIGINT, ...types]
  return {
    append(first, values) {
      const rowCount = values[0]?.length ?? 0
      const chunk = DuckDBDataChunk.create(chunkTypes, rowCount)
      const ordinals = Array.from({ length: rowCount }, (_, index) => BigInt(first + index))
      chunk.setColumns([ordinals, ...values.map((column, index) => converted(column, types[index] as DuckDBType))])
      appender.appendDataChunk(chunk)
    },
    finish: () => appender.closeSync(),
    abandon: () => appender.closeSync(),
  }
}

function converted(values: readonly SpineValue[], type: DuckDBType): readonly DuckDBValue[] {
  if (type !== TIMESTAMP) return values
  return values.map(value => (value === null ? null : new DuckDBTimestampValue(value as bigint)))
}

const columnTypes: Readonly<Record<SpineColumn['type'], DuckDBType>> = {
  boolean: BOOLEAN,
  int64: BIGINT,
  int32: INTEGER,
  float64: DOUBLE,
  string: VARCHAR,
  timestamp: TIMESTAMP,
}
