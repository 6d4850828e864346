/** DuckDB's names of value types, and its spelling of names, constants and durations. */
import type { ValueType } from '../../../dsl/index.ts'
import type { WireLiteral } from '../../../runtime/contract.ts'

export function typeName(type: ValueType): string {
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
      return `${typeName(type.element)}[]`
    case 'vector':
      return `FLOAT[${type.dimensions}]`
    default:
      return type satisfies never
  }
}

/** Types that DuckDB may hold a declared type in; reading them as the declared type loses nothing or fails loudly. */
const families: Readonly<Record<string, RegExp>> = {
  BOOLEAN: /^BOOLEAN$/,
  INTEGER: /^(U?TINYINT|U?SMALLINT|U?INTEGER|U?BIGINT)$/,
  BIGINT: /^(U?TINYINT|U?SMALLINT|U?INTEGER|U?BIGINT|HUGEINT)$/,
  DOUBLE: /^(DOUBLE|FLOAT|U?TINYINT|U?SMALLINT|U?INTEGER|DECIMAL\(.*\))$/,
  VARCHAR: /^(VARCHAR|UUID|ENUM\(.*\))$/,
  TIMESTAMP: /^(TIMESTAMP( WITH TIME ZONE)?|TIMESTAMP_(S|MS|NS)|DATE)$/,
  BLOB: /^BLOB$/,
  JSON: /^(JSON|VARCHAR)$/,
}

const integerDigits: Readonly<Record<string, number>> = { TINYINT: 3, UTINYINT: 3, SMALLINT: 5, USMALLINT: 5 }

/** Whether a column of DuckDB type `actual` can be read as `type`. */
export function accepts(type: ValueType, actual: string): boolean {
  const wanted = typeName(type)
  if (wanted === actual) return true
  if (type.type === 'decimal') {
    const [, precision, scale] = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(actual) ?? []
    if (precision === undefined) {
      const digits = integerDigits[actual] ?? (/^U?INTEGER$/.test(actual) ? 10 : /^U?BIGINT$/.test(actual) ? 20 : null)
      return digits !== null && digits <= type.precision - type.scale
    }
    return Number(scale) <= type.scale && Number(precision) - Number(scale) <= type.precision - type.scale
  }
  if (type.type === 'list') return actual.endsWith('[]') && accepts(type.element, actual.slice(0, -2))
  if (type.type === 'vector') return /^(FLOAT|DOUBLE)\[\d*\]$/.test(actual)
  return families[wanted]?.test(actual) ?? false
}

/** Words that DuckDB does not take as a bare column or table name. */
const reserved = new Set(
  `all analyse analyze and any array as asc asymmetric asof at both case cast check collate column constraint create cross
  default deferrable desc describe distinct do else end except false fetch for foreign from full group having in initially
  inner intersect into is isnull join lambda lateral leading left like limit natural not notnull null offset on only or order
  outer overlaps pivot pivot_longer pivot_wider positional primary qualify references returning right row rows select semi
  show similar some summarize symmetric table tablesample then to trailing true union unique unpivot using variadic when
  where window with try_cast anti glob ilike keys spine`.split(/\s+/),
)

/** Quotes a name when it must be: DuckDB folds case when it compares, so capitals alone need no quotes but get them. */
export function identifier(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !reserved.has(name) ? name : `"${name.replaceAll('"', '""')}"`
}

export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

/** A canonical constant as DuckDB writes it, of exactly the given type. */
export function literal(value: WireLiteral, type: ValueType): string {
  if (value === null) return `CAST(NULL AS ${typeName(type)})`
  switch (type.type) {
    case 'boolean':
      return value === true ? 'TRUE' : 'FALSE'
    case 'int32':
      return String(value)
    case 'int64':
      return String(value)
    case 'float64':
      return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 1e15 && !Object.is(value, -0)
        ? `${value}::DOUBLE`
        : `${text(Object.is(value, -0) ? '-0' : String(value))}::DOUBLE`
    case 'decimal':
      return `${text(String(value))}::${typeName(type)}`
    case 'string':
      return text(String(value))
    case 'timestamp':
      return `make_timestamp(${value})`
    default:
      throw new TypeError(`no constant of type ${type.type}`)
  }
}

const units = [
  ['DAY', 86_400_000_000],
  ['HOUR', 3_600_000_000],
  ['MINUTE', 60_000_000],
  ['SECOND', 1_000_000],
  ['MILLISECOND', 1_000],
] as const

/** A fixed length of time. DuckDB adds a day as 24 hours to a TIMESTAMP; months never appear. */
export function interval(microseconds: number): string {
  for (const [unit, size] of units) {
    const count = microseconds / size
    if (Number.isInteger(count) && count <= 2_147_483_647) return `INTERVAL ${count} ${unit}${count === 1 ? '' : 'S'}`
  }
  return `INTERVAL '${microseconds} microseconds'`
}
