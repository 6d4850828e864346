/** Postgres' names of value types, and its spelling of names, constants and durations. */
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
      return 'DOUBLE PRECISION'
    case 'decimal':
      return `NUMERIC(${type.precision}, ${type.scale})`
    case 'string':
      return 'TEXT'
    case 'timestamp':
      return 'TIMESTAMP'
    case 'bytes':
      return 'BYTEA'
    case 'json':
      return 'JSON'
    case 'list':
      return `${typeName(type.element)}[]`
    case 'vector':
      return 'REAL[]'
    default:
      return type satisfies never
  }
}

/** Whether a query's column of Postgres type `actual` is of the declared type. Sessions run in UTC. */
export function isType(type: ValueType, actual: string): boolean {
  return (
    actual === catalogueName(type) ||
    (type.type === 'timestamp' && /^timestamp(\(\d\))? with(out)? time zone$/.test(actual))
  )
}

/** A type as the catalogue names it. */
function catalogueName(type: ValueType): string {
  switch (type.type) {
    case 'timestamp':
      return 'timestamp without time zone'
    case 'decimal':
      return `numeric(${type.precision},${type.scale})`
    case 'list':
      // However many dimensions an array has, its type has none.
      return type.element.type === 'list' ? catalogueName(type.element) : `${catalogueName(type.element)}[]`
    default:
      return typeName(type).toLowerCase()
  }
}

/** Types that Postgres may hold a declared type in; reading them as the declared type loses nothing or fails loudly. */
const families: Readonly<Record<string, RegExp>> = {
  boolean: /^boolean$/,
  int32: /^(smallint|integer|bigint)$/,
  int64: /^(smallint|integer|bigint|numeric(\(\d+,0\))?)$/,
  float64: /^(double precision|real|smallint|integer|numeric.*)$/,
  string: /^(text|character.*|uuid|citext|name)$/,
  timestamp: /^(timestamp.*|date)$/,
  bytes: /^bytea$/,
  json: /^jsonb?$/,
  decimal: /^(numeric.*|smallint|integer|bigint)$/,
}

/** Whether a column of Postgres type `actual` can be read as `type`. */
export function accepts(type: ValueType, actual: string): boolean {
  if (type.type === 'vector') return /^(real|double precision|numeric.*)\[\]$/.test(actual)
  if (type.type === 'list') return actual.endsWith('[]') && accepts(innermost(type.element), actual.slice(0, -2))
  return families[type.type]?.test(actual) ?? false
}

function innermost(type: ValueType): ValueType {
  return type.type === 'list' ? innermost(type.element) : type
}

/** Words that Postgres does not take as a bare name everywhere. */
const reserved = new Set(
  `all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast char
  character check coalesce collate collation column concurrently constraint create cross current_catalog current_date
  current_role current_schema current_time current_timestamp current_user dec decimal default deferrable desc distinct do
  else end except exists extract false fetch float for foreign freeze from full grant greatest group grouping having ilike
  in initially inner inout int integer intersect interval into is isnull join json lateral leading least left like limit
  localtime localtimestamp national natural nchar none normalize not notnull null nullif numeric offset on only or order out
  outer overlaps overlay placing position precision primary real references returning right row select session_user setof
  similar smallint some substring symmetric system_user table tablesample then time timestamp to trailing treat trim true
  union unique user using values varchar variadic verbose when where window with xmlattributes xmlconcat xmlelement
  xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable keys spine`.split(/\s+/),
)

/** Quotes a name when it must be: Postgres folds bare names to small letters. */
export function identifier(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !reserved.has(name) ? name : `"${name.replaceAll('"', '""')}"`
}

export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

/** A canonical constant as Postgres writes it, of exactly the given type. */
export function literal(value: WireLiteral, type: ValueType): string {
  if (value === null) return `CAST(NULL AS ${typeName(type)})`
  switch (type.type) {
    case 'boolean':
      return value === true ? 'TRUE' : 'FALSE'
    case 'int32':
      // The least integer has no positive of its own type, whose sign could be changed.
      return Number(value) < 0 ? `${text(String(value))}::INTEGER` : String(value)
    case 'int64':
    case 'decimal':
      return `${text(String(value))}::${typeName(type)}`
    case 'float64':
      return `${text(Object.is(value, -0) ? '-0' : String(value))}::DOUBLE PRECISION`
    case 'string':
      return text(String(value))
    case 'timestamp':
      return timestamp(BigInt(value as string))
    default:
      throw new TypeError(`no constant of type ${type.type}`)
  }
}

/** To the microsecond; a year that ISO 8601 does not write in four digits is counted from the epoch. */
function timestamp(microseconds: bigint): string {
  const fraction = ((microseconds % 1_000_000n) + 1_000_000n) % 1_000_000n
  const date = new Date(Number((microseconds - fraction) / 1000n))
  const iso = Number.isNaN(date.getTime()) ? '' : date.toISOString()
  if (!/^\d{4}-/.test(iso) || iso.startsWith('0000')) return `(TIMESTAMP 'epoch' + ${inDaysAndSeconds(microseconds)})`
  const digits = fraction === 0n ? '' : `.${String(fraction).padStart(6, '0')}`
  return `TIMESTAMP '${iso.slice(0, 10)} ${iso.slice(11, 19)}${digits}'`
}

const units = [
  ['day', 86_400_000_000],
  ['hour', 3_600_000_000],
  ['minute', 60_000_000],
  ['second', 1_000_000],
  ['millisecond', 1_000],
  ['microsecond', 1],
] as const

/** A fixed length of time. Sessions run in UTC, where a day is 24 hours; months never appear. */
export function interval(microseconds: number): string {
  for (const [unit, size] of units) {
    const count = microseconds / size
    if (Number.isInteger(count) && count <= 2_147_483_647) return `INTERVAL '${count} ${unit}${count === 1 ? '' : 's'}'`
  }
  return inDaysAndSeconds(BigInt(microseconds))
}

/** Before version 15, a whole number in an interval has at most 32 bits. */
function inDaysAndSeconds(microseconds: bigint): string {
  const size = 86_400_000_000n
  const [days, rest] = [microseconds / size, microseconds % size]
  const digits = String(rest < 0n ? -rest : rest).padStart(7, '0')
  return `INTERVAL '${days} days ${rest < 0n ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)} seconds'`
}
