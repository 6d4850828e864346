/** DuckDB's spelling of types, for tables that the runtime makes. */
import type { WireType } from '../contract.ts'

/** The type of a join key. */
export function keyType(type: WireType): string {
  switch (type.type) {
    case 'boolean':
      return 'BOOLEAN'
    case 'int32':
      return 'INTEGER'
    case 'int64':
      return 'BIGINT'
    case 'string':
      return 'VARCHAR'
    default:
      throw new TypeError(`${type.type} is no type of a join key`)
  }
}

const integers = /^(U?TINYINT|U?SMALLINT|U?INTEGER|U?BIGINT|HUGEINT)$/
const texts = /^(VARCHAR|UUID|ENUM\(.*\))$/

/** Whether a column of DuckDB type `actual` can be a join key of this type: the same kind, of any width. */
export function isKeyColumn(type: WireType, actual: string): boolean {
  if (type.type === 'boolean') return actual === 'BOOLEAN'
  return (type.type === 'string' ? texts : integers).test(actual)
}

/** Whether a column is an instant. */
export function isInstantColumn(actual: string): boolean {
  return /^(TIMESTAMP( WITH TIME ZONE|_S|_MS|_NS)?|DATE)$/.test(actual)
}
