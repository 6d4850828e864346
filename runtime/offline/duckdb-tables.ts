/** The tables that statements read, `spine` and `keys`, made for one session. */
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
import { resolve } from 'node:path'
import type { Field } from '../contract.ts'
import { MeridianError } from '../errors.ts'
import { type Instant, toMicroseconds } from '../instant.ts'
import { isInstantColumn, isKeyColumn, keyType, quote, quoteText } from './duckdb-text.ts'
import type { Spine, SpineRequest, SpineRow } from './engine.ts'
import { type SpineColumn, type SpineProblem, spineColumns, spineError } from './spine.ts'
import { toDuckDB } from './values.ts'

const chunkRows = 2048

/** @throws MeridianError `spine.invalid` */
export async function createDuckDBSpine(
  connection: DuckDBConnection,
  spine: Spine,
  request: SpineRequest,
  signal?: AbortSignal,
): Promise<number> {
  if (Symbol.iterator in spine || Symbol.asyncIterator in spine) return fromRows(connection, spine, request, signal)
  try {
    return await fromRelation(connection, await relationOf(connection, spine, request.keys), request)
  } catch (error) {
    if (error instanceof MeridianError) throw error
    const problem = error instanceof Error ? error.message : String(error)
    throw new MeridianError('spine.invalid', `the spine cannot be read: ${problem}`, { problem }, error)
  }
}

type Located = Exclude<Spine, Iterable<SpineRow> | AsyncIterable<SpineRow>>

async function relationOf(connection: DuckDBConnection, spine: Located, keys: readonly Field[]): Promise<string> {
  if ('parquet' in spine) return `read_parquet(${quoteText(located(spine.parquet))})`
  if ('table' in spine) return spine.table.split('.').map(quote).join('.')
  if ('sql' in spine) return `(\n${spine.sql.replace(/[;\s]+$/, '')}\n)`
  const path = quoteText(located(spine.csv))
  // What looks like a number in a file without types is text all the same where the join key is text.
  const columns = new Set((await describe(connection, `read_csv(${path})`)).map(({ name }) => name))
  const texts = keys.filter(({ name, type }) => type.type === 'string' && columns.has(name))
  if (texts.length === 0) return `read_csv(${path})`
  return `read_csv(${path}, types = {${texts.map(({ name }) => `${quoteText(name)}: 'VARCHAR'`).join(', ')}})`
}

/** Paths that callers give start where they are; DuckDB would look in the project's folder too. */
function located(path: string): string {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(path) ? path : resolve(path)
}

async function fromRelation(
  connection: DuckDBConnection,
  relation: string,
  { keys, features }: SpineRequest,
): Promise<number> {
  const columns = await describe(connection, relation)
  const problems: SpineProblem[] = [
    ...nameProblems(
      columns.map(({ name }) => name),
      keys,
      features,
    ),
  ]
  const types = new Map(columns.map(({ name, type }) => [name, type]))
  for (const key of keys) {
    const actual = types.get(key.name)
    if (actual !== undefined && !isKeyColumn(key.type, actual))
      problems.push({ kind: 'type', column: key.name, actual, wanted: key.type.type })
  }
  const instant = types.get('event_timestamp')
  if (instant !== undefined && !isInstantColumn(instant))
    problems.push({ kind: 'type', column: 'event_timestamp', actual: instant, wanted: 'timestamp' })
  if (problems.length > 0) throw spineError(problems)

  const cast = new Map(keys.map(key => [key.name, keyType(key.type)])).set('event_timestamp', 'TIMESTAMP')
  const selected = columns.map(({ name }) => {
    const type = cast.get(name)
    return type ? `${quote(name)}::${type} AS ${quote(name)}` : quote(name)
  })
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE spine AS SELECT row_number() OVER () - 1 AS __row, ${selected.join(', ')} FROM ${relation}`,
  )
  const reader = await connection.runAndReadAll(`
    SELECT
      count(*),
      count(*) FILTER (WHERE event_timestamp IS NULL),
      (SELECT list(__row) FROM (SELECT __row FROM spine WHERE event_timestamp IS NULL ORDER BY __row LIMIT 5))::VARCHAR[]
    FROM spine`)
  const [rows, nulls, first] = reader.getRowsJS()[0] as [bigint, bigint, string[] | null]
  if (nulls > 0n) throw spineError([{ kind: 'null', count: Number(nulls), rows: (first ?? []).map(Number) }])
  return Number(rows)
}

async function describe(connection: DuckDBConnection, relation: string): Promise<{ name: string; type: string }[]> {
  const reader = await connection.runAndReadAll(`DESCRIBE FROM ${relation}`)
  return reader.getRows().map(row => ({ name: String(row[0]), type: String(row[1]) }))
}

function nameProblems(columns: readonly string[], keys: readonly Field[], features: readonly string[]): SpineProblem[] {
  // DuckDB compares names without regard to capitals.
  const added = new Set(features.map(name => name.toLowerCase()))
  return [
    ...[...keys.map(key => key.name), 'event_timestamp']
      .filter(name => !columns.includes(name))
      .map(column => ({ kind: 'missing', column, available: columns }) as const),
    ...columns.filter(name => added.has(name.toLowerCase())).map(column => ({ kind: 'collision', column }) as const),
    ...columns.filter(name => name.startsWith('__')).map(column => ({ kind: 'reserved', column }) as const),
  ]
}

/** Rows go in chunk by chunk, so an endless stream of them needs no more memory than the table. */
async function fromRows(
  connection: DuckDBConnection,
  rows: Iterable<SpineRow> | AsyncIterable<SpineRow>,
  request: SpineRequest,
  signal?: AbortSignal,
): Promise<number> {
  const problems: SpineProblem[] = []
  const nulls: number[] = []
  let columns: readonly SpineColumn[] | null = null
  let appender: Awaited<ReturnType<DuckDBConnection['createAppender']>> | null = null
  let count = 0
  let nullCount = 0

  const append = async (batch: readonly SpineRow[]) => {
    if (!columns) {
      const found = spineColumns(batch, request.keys)
      problems.push(
        ...nameProblems(
          found.map(({ name }) => name),
          request.keys,
          request.features,
        ),
      )
      if (problems.length > 0) throw spineError(problems)
      columns = found
      const list = found.map(({ name, type }) => `${quote(name)} ${duckdbTypes[type].name}`)
      await connection.run(`CREATE OR REPLACE TEMP TABLE spine (__row BIGINT, ${list.join(', ')})`)
      appender = await connection.createAppender('spine', null, 'temp')
    }
    const chunk = DuckDBDataChunk.create([BIGINT, ...columns.map(({ type }) => duckdbTypes[type].type)], batch.length)
    const numbers = batch.map((_, index) => BigInt(count + index))
    const values = columns.map(column =>
      batch.map((row, index) => {
        const value = row[column.name]
        if (column.name === 'event_timestamp' && (value === null || value === undefined)) {
          nullCount += 1
          if (nulls.length < 5) nulls.push(count + index)
          return null
        }
        const converted = duckdbTypes[column.type].convert(value)
        if (converted !== undefined) return converted
        problems.push({ kind: 'value', column: column.name, row: count + index, value, wanted: column.type })
        return null
      }),
    )
    chunk.setColumns([numbers, ...values])
    if (problems.length === 0) appender?.appendDataChunk(chunk)
    count += batch.length
  }

  let batch: SpineRow[] = []
  for await (const row of rows) {
    batch.push(row)
    if (batch.length < chunkRows) continue
    await append(batch)
    batch = []
    if (problems.length >= 20) break
  }
  if (batch.length > 0 || !columns) await append(batch)
  ;(appender as { closeSync(): void } | null)?.closeSync()
  if (nullCount > 0) problems.push({ kind: 'null', count: nullCount, rows: nulls })
  if (problems.length > 0) throw spineError(problems)
  return count
}

interface ColumnType {
  readonly name: string
  readonly type: DuckDBType
  /** Undefined where the value is of another type. */
  readonly convert: (value: unknown) => DuckDBValue | undefined
}

const nullOr =
  (convert: (value: unknown) => DuckDBValue | undefined): ColumnType['convert'] =>
  value =>
    value === null || value === undefined ? null : convert(value)

const duckdbTypes: Readonly<Record<SpineColumn['type'], ColumnType>> = {
  boolean: {
    name: 'BOOLEAN',
    type: BOOLEAN,
    convert: nullOr(value => (typeof value === 'boolean' ? value : undefined)),
  },
  int64: { name: 'BIGINT', type: BIGINT, convert: nullOr(value => integer(value, 63n)) },
  int32: { name: 'INTEGER', type: INTEGER, convert: nullOr(value => smallInteger(value)) },
  float64: { name: 'DOUBLE', type: DOUBLE, convert: nullOr(value => (typeof value === 'number' ? value : undefined)) },
  string: { name: 'VARCHAR', type: VARCHAR, convert: nullOr(value => (typeof value === 'string' ? value : undefined)) },
  timestamp: { name: 'TIMESTAMP', type: TIMESTAMP, convert: nullOr(timestamp) },
}

function integer(value: unknown, bits: bigint): bigint | undefined {
  if (typeof value !== 'bigint' && !Number.isSafeInteger(value)) return undefined
  const exact = BigInt(value as bigint)
  return exact >= -(1n << bits) && exact < 1n << bits ? exact : undefined
}

function smallInteger(value: unknown): number | undefined {
  const exact = integer(value, 31n)
  return exact === undefined ? undefined : Number(exact)
}

function timestamp(value: unknown): DuckDBValue | undefined {
  try {
    return new DuckDBTimestampValue(toMicroseconds(value as Instant))
  } catch {
    return undefined
  }
}

export async function createDuckDBKeys(
  connection: DuckDBConnection,
  keys: readonly Field[],
  rows: readonly (readonly unknown[])[],
): Promise<void> {
  const list = keys.map(key => `${quote(key.name)} ${keyType(key.type)}`)
  await connection.run(`CREATE OR REPLACE TEMP TABLE keys (__row BIGINT, ${list.join(', ')})`)
  const appender = await connection.createAppender('keys', null, 'temp')
  const types = [BIGINT, ...keys.map(key => keyColumns[keyType(key.type)] as DuckDBType)]
  for (let start = 0; start < rows.length; start += chunkRows) {
    const batch = rows.slice(start, start + chunkRows)
    const chunk = DuckDBDataChunk.create(types, batch.length)
    const columns = keys.map((key, index) => batch.map(row => toDuckDB(row[index], key.type)))
    chunk.setColumns([batch.map((_, index) => BigInt(start + index)), ...columns])
    appender.appendDataChunk(chunk)
  }
  appender.closeSync()
}

const keyColumns: Readonly<Record<string, DuckDBType>> = { BOOLEAN, INTEGER, BIGINT, VARCHAR }
