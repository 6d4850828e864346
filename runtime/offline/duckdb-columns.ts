/** Columns of tables that the runtime makes in DuckDB: their types, and values as its appender takes them. */
import {
  ARRAY,
  arrayValue,
  BIGINT,
  BLOB,
  BOOLEAN,
  blobValue,
  DECIMAL,
  DOUBLE,
  DuckDBDecimalValue,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  FLOAT,
  INTEGER,
  LIST,
  listValue,
  TIMESTAMP,
  VARCHAR,
} from '@duckdb/node-api'
import type { WireType } from '../contract.ts'
import type { StoredValue } from '../online/row.ts'

/** Of a column that is appended to. JSON is appended as text. */
export function columnType(type: WireType): DuckDBType {
  switch (type.type) {
    case 'boolean':
      return BOOLEAN
    case 'int32':
      return INTEGER
    case 'int64':
      return BIGINT
    case 'float64':
      return DOUBLE
    case 'decimal':
      return DECIMAL(type.precision, type.scale)
    case 'string':
    case 'json':
      return VARCHAR
    case 'timestamp':
      return TIMESTAMP
    case 'bytes':
      return BLOB
    case 'list':
      return LIST(columnType(type.element))
    case 'vector':
      return ARRAY(FLOAT, type.dimensions)
    default:
      return type satisfies never
  }
}

/** Null where values are appended as they are. */
export function columnValues(type: WireType): ((value: StoredValue) => DuckDBValue) | null {
  const convert = converted(type)
  return convert && (value => (value === null ? null : convert(value)))
}

function converted(type: WireType): ((value: StoredValue) => DuckDBValue) | null {
  switch (type.type) {
    case 'int64':
      return value => (typeof value === 'bigint' ? value : BigInt(value as number))
    case 'decimal':
      return value => new DuckDBDecimalValue(unscaled(value as string), type.precision, type.scale)
    case 'timestamp':
      return value => new DuckDBTimestampValue(value as bigint)
    case 'bytes':
      return value => blobValue(value as Uint8Array)
    case 'json':
      return value => JSON.stringify(value)
    case 'list': {
      const element = columnValues(type.element) ?? (value => value as DuckDBValue)
      return value => listValue((value as StoredValue[]).map(element))
    }
    case 'vector':
      return value => arrayValue([...(value as Float32Array)])
    default:
      return null
  }
}

/** The digits of a decimal that has all of them. */
function unscaled(text: string): bigint {
  return BigInt(text.replace('.', ''))
}
