/** How each type passes between files and Postgres, as text that both sides read exactly. */
import type { FieldDef } from 'pg'
import { oids } from './postgres-values.ts'
import { quote } from './quote.ts'

/** A column of a result, as Postgres describes it. */
export interface ResultColumn {
  readonly name: string
  readonly oid: number
  /** With a numeric's precision and scale; -1 is none. */
  readonly modifier: number
}

export function resultColumn({ name, dataTypeID, dataTypeModifier }: FieldDef): ResultColumn {
  return { name, oid: dataTypeID, modifier: dataTypeModifier }
}

const scalars: Readonly<Record<string, string>> = {
  BOOLEAN: 'BOOLEAN',
  TINYINT: 'SMALLINT',
  SMALLINT: 'SMALLINT',
  UTINYINT: 'SMALLINT',
  INTEGER: 'INTEGER',
  USMALLINT: 'INTEGER',
  BIGINT: 'BIGINT',
  UINTEGER: 'BIGINT',
  UBIGINT: 'NUMERIC(20,0)',
  HUGEINT: 'NUMERIC',
  UHUGEINT: 'NUMERIC',
  FLOAT: 'REAL',
  DOUBLE: 'DOUBLE PRECISION',
  VARCHAR: 'TEXT',
  JSON: 'JSON',
  UUID: 'UUID',
  DATE: 'DATE',
  TIME: 'TIME',
  TIMESTAMP: 'TIMESTAMP',
  TIMESTAMP_S: 'TIMESTAMP',
  TIMESTAMP_MS: 'TIMESTAMP',
  TIMESTAMP_NS: 'TIMESTAMP',
  'TIMESTAMP WITH TIME ZONE': 'TIMESTAMPTZ',
  BLOB: 'BYTEA',
}

/**
 * The type in Postgres of a column of a file, and what DuckDB selects for it; a structure becomes text. `column`: what
 * DuckDB has as this type.
 */
export function fromFile(
  name: string,
  type: string,
  column: string = quote(name),
): { name: string; type: string; read: string } {
  const element = /^([A-Z_ ]+(?:\(\d+,\d+\))?)\[\d*\]$/.exec(type)?.[1]
  const scalar = scalarOf(element ?? type)
  if (scalar === undefined) return { name, type: 'TEXT', read: `${column}::VARCHAR` }
  if (element === undefined) return { name, type: scalar, read: textOf(column, type) }
  const escaped = `replace(replace(${textOf('x', element)}::VARCHAR, '\\', '\\\\'), '"', '\\"')`
  const items = `[CASE WHEN x IS NULL THEN 'NULL' ELSE '"' || ${escaped} || '"' END FOR x IN ${column}]`
  return { name, type: `${scalar}[]`, read: `'{' || array_to_string(${items}, ',') || '}'` }
}

function scalarOf(type: string): string | undefined {
  return type.startsWith('DECIMAL(') ? type.replace('DECIMAL', 'NUMERIC') : scalars[type]
}

function textOf(value: string, type: string): string {
  if (type === 'BLOB') return `'\\x' || hex(${value})`
  return /^TIMESTAMP_/.test(type) ? `${value}::TIMESTAMP` : value
}

const files: Readonly<Record<number, string>> = {
  [oids.boolean]: 'BOOLEAN',
  [oids.bytea]: 'BLOB',
  [oids.int8]: 'BIGINT',
  [oids.int2]: 'SMALLINT',
  [oids.int4]: 'INTEGER',
  [oids.json]: 'JSON',
  [oids.jsonb]: 'JSON',
  [oids.float4]: 'FLOAT',
  [oids.float8]: 'DOUBLE',
  [oids.date]: 'DATE',
  [oids.time]: 'TIME',
  [oids.timestamp]: 'TIMESTAMP',
  [oids.timestamptz]: 'TIMESTAMP WITH TIME ZONE',
  [oids.uuid]: 'UUID',
}

/** Arrays of them, with the type of their elements. */
const elements: Readonly<Record<number, number>> = {
  1000: oids.boolean,
  1001: oids.bytea,
  1016: oids.int8,
  1005: oids.int2,
  1007: oids.int4,
  199: oids.json,
  3807: oids.jsonb,
  1021: oids.float4,
  1022: oids.float8,
  1182: oids.date,
  1183: oids.time,
  1115: oids.timestamp,
  1185: oids.timestamptz,
  1231: oids.numeric,
  2951: oids.uuid,
  // text, varchar, char
  1009: 25,
  1015: 1043,
  1014: 1042,
}

/** What Postgres selects of a column for a Parquet file: an array as JSON of texts, which any value survives. */
export function forParquet({ name, oid }: ResultColumn): string {
  const column = quote(name)
  return elements[oid] === undefined ? column : `to_json(${column}::text[]) AS ${column}`
}

/** What Postgres selects of a column for a CSV file: booleans are words, as elsewhere. */
export function forCsv({ name, oid }: ResultColumn): string {
  const column = quote(name)
  return oid === oids.boolean ? `${column}::text AS ${column}` : column
}

/** What DuckDB makes of the text of a column; a type it has not stays text. */
export function toFile({ oid, modifier }: ResultColumn, text: string): string {
  const element = elements[oid]
  if (element === undefined) return cast(text, fileType(oid, modifier))
  const items = `from_json(${text}, '["VARCHAR"]')`
  return `[${cast('x', fileType(element, modifier))} FOR x IN ${items}]`
}

function cast(text: string, type: string): string {
  if (type === 'BLOB') return `unhex(substr(${text}, 3))`
  const scale = /^DECIMAL\((?:19|[23]\d),(\d+)\)$/.exec(type)?.[1]
  if (scale === undefined || Number(scale) > 18) return `${text}::${type}`
  // DuckDB takes five microseconds for a text that may have more than 18 digits, and a hundredth of that for one that has not.
  return `CASE WHEN strlen(${text}) <= 18 THEN ${text}::DECIMAL(18,${scale})::${type} ELSE ${text}::${type} END`
}

function fileType(oid: number, modifier: number): string {
  if (oid !== oids.numeric) return files[oid] ?? 'VARCHAR'
  // Precision and scale share the modifier; without one, or with more digits than DuckDB has, it is text.
  const precision = (modifier - 4) >> 16
  return modifier < 0 || precision > 38 ? 'VARCHAR' : `DECIMAL(${precision},${(modifier - 4) & 0x7ff})`
}
