/** A spine of JavaScript rows: checked, converted, and handed on batch by batch to whatever the engine makes of it. */
import { type Instant, toMicroseconds } from '../instant.ts'
import type { SpineRequest, SpineRow } from './engine.ts'
import { nameProblems, type SpineColumn, type SpineProblem, spineColumns, spineError } from './spine.ts'

const batchRows = 2048
/** Enough to see what is wrong, where every row is. */
const problemsShown = 20

/** A timestamp is its microseconds, an int64 a bigint. */
export type SpineValue = boolean | number | bigint | string | null

/** Where rows go. */
export interface SpineTable {
  /** Values column by column; `first` is the number of the first row. Resolves when there is room for more. */
  append(first: number, columns: readonly (readonly SpineValue[])[]): void | Promise<void>
  /** All rows were given. */
  finish(): void | Promise<void>
  /** No more rows will come, and those given are not needed. */
  abandon(): void
}

/**
 * Reads no further than the first problems, and no more rows at a time than a batch. Returns the number of rows.
 *
 * @throws MeridianError `spine.invalid`
 */
export async function loadRows(
  rows: Iterable<SpineRow> | AsyncIterable<SpineRow>,
  request: SpineRequest,
  create: (columns: readonly SpineColumn[]) => Promise<SpineTable>,
  signal?: AbortSignal,
): Promise<number> {
  const loader = new Loader(request, create)
  try {
    let batch: SpineRow[] = []
    for await (const row of rows) {
      batch.push(row)
      if (batch.length < batchRows) continue
      signal?.throwIfAborted()
      await loader.append(batch)
      if (loader.problems.length > 0) break
      batch = []
    }
    signal?.throwIfAborted()
    await loader.append(batch)
    return await loader.finish()
  } catch (error) {
    loader.abandon()
    throw error
  }
}

class Loader {
  readonly problems: SpineProblem[] = []
  readonly #request: SpineRequest
  readonly #create: (columns: readonly SpineColumn[]) => Promise<SpineTable>
  #table: SpineTable | null = null
  #columns: readonly SpineColumn[] = []
  #names: ReadonlySet<string> = new Set()
  readonly #nulls: number[] = []
  #nullCount = 0
  #rows = 0

  constructor(request: SpineRequest, create: (columns: readonly SpineColumn[]) => Promise<SpineTable>) {
    this.#request = request
    this.#create = create
  }

  async append(batch: readonly SpineRow[]): Promise<void> {
    this.#table ??= await this.#open(batch)
    if (batch.length === 0 || this.problems.length > 0) return
    const first = this.#rows
    for (const [index, row] of batch.entries())
      for (const name in row) if (!this.#names.has(name)) this.#add({ kind: 'late', column: name, row: first + index })
    const values = this.#columns.map(column => batch.map((row, index) => this.#convert(column, row, first + index)))
    this.#rows += batch.length
    if (this.problems.length === 0 && this.#nullCount === 0) await this.#table.append(first, values)
  }

  /** The first rows decide which columns there are. */
  #open(rows: readonly SpineRow[]): Promise<SpineTable> {
    this.#columns = spineColumns(rows, this.#request.keys)
    const names = this.#columns.map(({ name }) => name)
    const problems = nameProblems(names, this.#request)
    if (problems.length > 0) throw spineError(problems)
    this.#names = new Set(names)
    return this.#create(this.#columns)
  }

  /** The number of rows. */
  async finish(): Promise<number> {
    const nulls = { kind: 'null', count: this.#nullCount, rows: this.#nulls } as const
    const problems = this.#nullCount > 0 ? [...this.problems, nulls] : this.problems
    if (problems.length > 0) throw spineError(problems)
    await this.#table?.finish()
    return this.#rows
  }

  abandon(): void {
    this.#table?.abandon()
  }

  #convert({ name, type }: SpineColumn, row: SpineRow, number: number): SpineValue {
    const value = row[name]
    if (value === null || value === undefined) {
      if (name !== 'event_timestamp') return null
      this.#nullCount += 1
      if (this.#nulls.length < 5) this.#nulls.push(number)
      return null
    }
    const converted = convert[type](value)
    if (converted !== undefined) return converted
    this.#add({ kind: 'value', column: name, row: number, value, wanted: type })
    return null
  }

  #add(problem: SpineProblem): void {
    if (this.problems.length < problemsShown) this.problems.push(problem)
  }
}

/** Undefined where the value is of another type. */
const convert: Readonly<Record<SpineColumn['type'], (value: unknown) => SpineValue | undefined>> = {
  boolean: value => (typeof value === 'boolean' ? value : undefined),
  int64: value => integer(value, 63n),
  int32: smallInteger,
  float64: value => (typeof value === 'number' ? value : undefined),
  string: value => (typeof value === 'string' ? value : undefined),
  timestamp: microseconds,
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

function microseconds(value: unknown): bigint | undefined {
  try {
    return toMicroseconds(value as Instant)
  } catch {
    return undefined
  }
}
