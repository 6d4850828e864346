/** DuckDB's spelling of types, for tables that the runtime makes. */
import type { WireType } from '../contract.ts'

export function typeText(type: WireType): string {
  switch (type.type) {
    case 'boolean':
      return 'BOOLEAN'
    case 'int32':
      return 'INTEGER'
    case 'int64':
      return 'BIGINT'
    case 'float64':
      return 'DOUBLE'
    case 'decimal':
      return `DECIMAL(${type.precision},${type.scale})`
    case 'string':
      return 'VARCHAR'
    case 'timestamp':
      return 'TIMESTAMP'
    case 'bytes':
      return 'BLOB'
    case 'json':
      return 'JSON'
    case 'list':
      return `${typeText(type.element)}[]`
    case 'vector':
      return `FLOAT[${type.dimensions}]`
    default:
      return type satisfies never
  }
}

const integers = /^(U?TINYINT|U?SMALLINT|U?INTEGER|U?BIGINT|HUGEINT)$/
const floats = /^(FLOAT|DOUBLE|DECIMAL\(\d+,\d+\))$/
const texts = /^(VARCHAR|UUID|ENUM\(.*\))$/
const instants = /^(TIMESTAMP( WITH TIME ZONE|_S|_MS|_NS)?|DATE)$/

/** Whether a column of DuckDB type `actual` can be cast to a type exactly, or fails: the same kind, of any width. */
export function fitsType(type: WireType, actual: string): boolean {
  switch (type.type) {
    case 'boolean':
      return actual === 'BOOLEAN'
    case 'int32':
    case 'int64':
      return integers.test(actual)
    case 'float64':
      return integers.test(actual) || floats.test(actual)
    case 'decimal':
      // A cast to fewer digits after the point would round.
      return integers.test(actual) || Number(/^DECIMAL\(\d+,(\d+)\)$/.exec(actual)?.[1] ?? Infinity) <= type.scale
    case 'string':
      return texts.test(actual)
    case 'timestamp':
      return instants.test(actual)
    case 'bytes':
      return actual === 'BLOB'
    case 'json':
      return actual === 'JSON' || actual === 'VARCHAR'
    case 'list': {
      const element = /^(.*)\[\d*\]$/.exec(actual)?.[1]
      return element !== undefined && fitsType(type.element, element)
    }
    case 'vector':
      return new RegExp(`^(FLOAT|DOUBLE)\\[(${type.dimensions})?\\]$`).test(actual)
    default:
      return type satisfies never
  }
}
