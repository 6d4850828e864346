/** A spine of JavaScript rows: checked, converted, and handed on batch by batch to whatever the engine makes of it. */
import type { Field, WireType } from '../contract.ts'
import { type Instant, toMicroseconds } from '../instant.ts'
import { converter, toStored, typeName } from '../on-demand/values.ts'
import type { StoredValue } from '../online/row.ts'
import type { SpineRequest, SpineRow } from './engine.ts'
import { columnsWithoutNull, nameProblems, type SpineProblem, spineColumns, spineError } from './spine.ts'

const batchRows = 2048
/** Enough to see what is wrong, where every row is. */
const problemsShown = 20

/** Where rows go. */
export interface SpineTable {
  /** Values column by column; `first` is the number of the first row. Resolves when there is room for more. */
  append(first: number, columns: readonly (readonly StoredValue[])[]): void | Promise<void>
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
  create: (columns: readonly Field[]) => Promise<SpineTable>,
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
  readonly #create: (columns: readonly Field[]) => Promise<SpineTable>
  #table: SpineTable | null = null
  #columns: readonly Column[] = []
  #names: ReadonlySet<string> = new Set()
  #rows = 0

  constructor(request: SpineRequest, create: (columns: readonly Field[]) => Promise<SpineTable>) {
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
    if (this.problems.length === 0 && !this.#columns.some(hasNulls)) await this.#table.append(first, values)
  }

  /** The first rows decide which columns there are. */
  #open(rows: readonly SpineRow[]): Promise<SpineTable> {
    const columns = spineColumns(rows, this.#request)
    const names = columns.map(({ name }) => name)
    const problems = nameProblems(names, this.#request)
    if (problems.length > 0) throw spineError(problems)
    this.#names = new Set(names)
    const full = new Set(columnsWithoutNull(this.#request))
    const fit = new Set(this.#request.request?.map(({ name }) => name))
    this.#columns = columns.map(field => ({
      ...field,
      convert: fit.has(field.name) ? requestConverter(field.type) : convert(field.type),
      nulls: full.has(field.name) ? { count: 0, rows: [] } : null,
    }))
    return this.#create(columns)
  }

  /** The number of rows. */
  async finish(): Promise<number> {
    const problems = [
      ...this.problems,
      ...this.#columns
        .filter(hasNulls)
        .map(({ name, nulls }): SpineProblem => ({ kind: 'null', column: name, ...nulls })),
    ]
    if (problems.length > 0) throw spineError(problems)
    await this.#table?.finish()
    return this.#rows
  }

  abandon(): void {
    this.#table?.abandon()
  }

  #convert({ name, type, convert, nulls }: Column, row: SpineRow, number: number): StoredValue {
    const value = row[name]
    if (value === null || value === undefined) {
      if (nulls === null) return null
      nulls.count += 1
      if (nulls.rows.length < 5) nulls.rows.push(number)
      return null
    }
    const converted = convert(value)
    if (converted !== undefined) return converted
    this.#add({ kind: 'value', column: name, row: number, value, wanted: typeName(type) })
    return null
  }

  #add(problem: SpineProblem): void {
    if (this.problems.length < problemsShown) this.problems.push(problem)
  }
}

interface Nulls {
  count: number
  readonly rows: number[]
}

interface Column extends Field {
  /** Undefined where the value is of another type. */
  readonly convert: (value: unknown) => StoredValue | undefined
  /** Where null is a mistake: the rows that have it. */
  readonly nulls: Nulls | null
}

function hasNulls(column: Column): column is Column & { readonly nulls: Nulls } {
  return column.nulls !== null && column.nulls.count > 0
}

/** The columns of a spine are not strict about what JavaScript has for an integer or an instant. */
function convert(type: WireType): (value: unknown) => StoredValue | undefined {
  switch (type.type) {
    case 'boolean':
      return value => (typeof value === 'boolean' ? value : undefined)
    case 'int64':
      return value => integer(value, 63n)
    case 'int32':
      return smallInteger
    case 'float64':
      return value => (typeof value === 'number' ? value : undefined)
    case 'string':
      return value => (typeof value === 'string' ? value : undefined)
    case 'timestamp':
      return microseconds
    default:
      return requestConverter(type)
  }
}

/** What a function would be given by a getter, and nothing else. */
function requestConverter(type: WireType): (value: unknown) => StoredValue | undefined {
  if (type.type === 'timestamp' || type.type === 'int64' || type.type === 'int32') return convert(type)
  const convertValue = converter(type)
  return value => {
    try {
      return toStored(convertValue(value), type)
    } catch {
      return undefined
    }
  }
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
