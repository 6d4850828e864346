/** Values between DuckDB and JavaScript. */
import {
  type DuckDBArrayValue,
  type DuckDBBlobValue,
  type DuckDBListValue,
  type DuckDBTimestampValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
} from '@duckdb/node-api'
import type { WireType } from '../contract.ts'
import { MeridianError } from '../errors.ts'
import { toDate } from '../instant.ts'

export type Convert = (value: DuckDBValue) => unknown

/** From DuckDB to what getters and training rows hold, or, with `stored`, to what the row codec takes. */
export function fromDuckDB(type: WireType, stored = false): Convert {
  const convert = plain(type, stored)
  return value => (value === null ? null : convert(value))
}

function plain(type: WireType, stored: boolean): Convert {
  switch (type.type) {
    case 'int64':
      return type.as === 'number' ? safeNumber : value => BigInt(value as bigint)
    case 'decimal':
      return value => String(value)
    case 'timestamp':
      return value => {
        const { micros } = value as DuckDBTimestampValue
        return stored ? micros : toDate(micros)
      }
    case 'bytes':
      return value => Uint8Array.from((value as DuckDBBlobValue).bytes)
    case 'json':
      return value => JSON.parse(value as string)
    case 'list': {
      const element = fromDuckDB(type.element, stored)
      return value => (value as DuckDBListValue).items.map(element)
    }
    case 'vector':
      return value => Float32Array.from((value as DuckDBArrayValue).items as number[])
    default:
      return value => value
  }
}

function safeNumber(value: DuckDBValue): number {
  const number = Number(value)
  if (Number.isSafeInteger(number)) return number
  throw new MeridianError(
    'value.out-of-range',
    `${value} is beyond the integers a number holds exactly: declare it as bigint`,
    {
      value: String(value),
    },
  )
}

/** For columns of the spine that no definition types: by what DuckDB calls them. */
export function fromDuckDBType(type: DuckDBType): Convert {
  const convert = (value: DuckDBValue): unknown => {
    switch (type.typeId) {
      case DuckDBTypeId.TIMESTAMP:
      case DuckDBTypeId.TIMESTAMP_TZ:
        return toDate((value as { micros: bigint }).micros)
      case DuckDBTypeId.BLOB:
        return Uint8Array.from((value as DuckDBBlobValue).bytes)
      default:
        return typeof value === 'object' && value !== null ? String(value) : value
    }
  }
  return value => (value === null ? null : convert(value))
}
