/** A spine of JavaScript rows, made into the session's table chunk by chunk. */
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  TIMESTAMP,
  VARCHAR,
} from '@duckdb/node-api'
import { type Instant, toMicroseconds } from '../instant.ts'
import { quote } from './duckdb-text.ts'
import type { SpineRequest, SpineRow } from './engine.ts'
import { nameProblems, type SpineColumn, type SpineProblem, spineColumns, spineError } from './spine.ts'

const chunkRows = 2048
/** Enough to see what is wrong, where every row is. */
const problemsShown = 20

/**
 * Reads no further than the first problems, and no more rows at a time than a chunk.
 *
 * @throws MeridianError `spine.invalid`
 */
export async function spineFromRows(
  connection: DuckDBConnection,
  rows: Iterable<SpineRow> | AsyncIterable<SpineRow>,
  request: SpineRequest,
  signal?: AbortSignal,
): Promise<number> {
  let table: SpineTable | null = null
  const append = async (batch: readonly SpineRow[]): Promise<SpineTable> => {
    signal?.throwIfAborted()
    table ??= await createTable(connection, batch, request)
    table.append(batch)
    return table
  }
  try {
    let batch: SpineRow[] = []
    for await (const row of rows) {
      batch.push(row)
      if (batch.length < chunkRows) continue
      const { problems } = await append(batch)
      if (problems.length > 0) break
      batch = []
    }
    return (await append(batch)).finish()
  } finally {
    ;(table as SpineTable | null)?.close()
  }
}

/** The first rows decide which columns there are. */
async function createTable(
  connection: DuckDBConnection,
  rows: readonly SpineRow[],
  request: SpineRequest,
): Promise<SpineTable> {
  const columns = spineColumns(rows, request.keys)
  const problems = nameProblems(
    columns.map(({ name }) => name),
    request,
  )
  if (problems.length > 0) throw spineError(problems)
  const list = columns.map(({ name, type }) => `${quote(name)} ${columnTypes[type].name}`)
  await connection.run(`CREATE OR REPLACE TEMP TABLE spine (__row BIGINT, ${list.join(', ')})`)
  return new SpineTable(await connection.createAppender('spine', null, 'temp'), columns)
}

class SpineTable {
  readonly problems: SpineProblem[] = []
  readonly #appender: DuckDBAppender
  readonly #columns: readonly SpineColumn[]
  readonly #names: ReadonlySet<string>
  readonly #types: readonly DuckDBType[]
  readonly #nulls: number[] = []
  #nullCount = 0
  #rows = 0

  constructor(appender: DuckDBAppender, columns: readonly SpineColumn[]) {
    this.#appender = appender
    this.#columns = columns
    this.#names = new Set(columns.map(({ name }) => name))
    this.#types = [BIGINT, ...columns.map(({ type }) => columnTypes[type].type)]
  }

  append(batch: readonly SpineRow[]): void {
    if (batch.length === 0 || this.problems.length > 0) return
    const first = this.#rows
    for (const [index, row] of batch.entries())
      for (const name in row) if (!this.#names.has(name)) this.#add({ kind: 'late', column: name, row: first + index })
    const values = this.#columns.map(column => batch.map((row, index) => this.#convert(column, row, first + index)))
    this.#rows += batch.length
    if (this.problems.length > 0 || this.#nullCount > 0) return
    const chunk = DuckDBDataChunk.create(this.#types, batch.length)
    chunk.setColumns([batch.map((_, index) => BigInt(first + index)), ...values])
    this.#appender.appendDataChunk(chunk)
  }

  /** The number of rows. */
  finish(): number {
    const nulls = { kind: 'null', count: this.#nullCount, rows: this.#nulls } as const
    const problems = this.#nullCount > 0 ? [...this.problems, nulls] : this.problems
    if (problems.length > 0) throw spineError(problems)
    return this.#rows
  }

  close(): void {
    this.#appender.closeSync()
  }

  #convert({ name, type }: SpineColumn, row: SpineRow, number: number): DuckDBValue {
    const value = row[name]
    if (value === null || value === undefined) {
      if (name !== 'event_timestamp') return null
      this.#nullCount += 1
      if (this.#nulls.length < 5) this.#nulls.push(number)
      return null
    }
    const converted = columnTypes[type].convert(value)
    if (converted !== undefined) return converted
    this.#add({ kind: 'value', column: name, row: number, value, wanted: type })
    return null
  }

  #add(problem: SpineProblem): void {
    if (this.problems.length < problemsShown) this.problems.push(problem)
  }
}

interface ColumnType {
  readonly name: string
  readonly type: DuckDBType
  /** Undefined where the value is of another type. */
  readonly convert: (value: unknown) => DuckDBValue | undefined
}

const columnTypes: Readonly<Record<SpineColumn['type'], ColumnType>> = {
  boolean: { name: 'BOOLEAN', type: BOOLEAN, convert: value => (typeof value === 'boolean' ? value : undefined) },
  int64: { name: 'BIGINT', type: BIGINT, convert: value => integer(value, 63n) },
  int32: { name: 'INTEGER', type: INTEGER, convert: smallInteger },
  float64: { name: 'DOUBLE', type: DOUBLE, convert: value => (typeof value === 'number' ? value : undefined) },
  string: { name: 'VARCHAR', type: VARCHAR, convert: value => (typeof value === 'string' ? value : undefined) },
  timestamp: { name: 'TIMESTAMP', type: TIMESTAMP, convert: timestamp },
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
