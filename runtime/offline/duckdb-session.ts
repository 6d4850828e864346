/** A session of DuckDB: a connection, with the relations and tables that are made in it. */
import { randomUUID } from 'node:crypto'
import { rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import {
  type DuckDBConnection,
  type DuckDBDataChunk,
  type DuckDBInstance,
  type DuckDBResult,
  DuckDBTimestampValue,
  type DuckDBValue,
} from '@duckdb/node-api'
import { MeridianError } from '../errors.ts'
import { ComputedTables } from './duckdb-computed.ts'
import { createDuckDBKeys, createDuckDBSpine } from './duckdb-tables.ts'
import { watched } from './duckdb-watch.ts'
import type {
  Chunk,
  ColumnTypes,
  ComputeRequest,
  LookupRequest,
  Parameters,
  Relation,
  RunOptions,
  Session,
  Spine,
  SpineRequest,
  Stream,
} from './engine.ts'
import { quote, quoteText } from './quote.ts'
import { fromDuckDB, fromDuckDBType } from './values.ts'

export class DuckDBSession implements Session {
  readonly #instance: DuckDBInstance
  readonly #connection: DuckDBConnection
  readonly #giveBack: (session: DuckDBSession) => void
  /** Their statements, by name. */
  readonly #relations = new Map<string, string>()
  #computed: ComputedTables | null = null
  holdsData = false

  constructor(instance: DuckDBInstance, connection: DuckDBConnection, giveBack: (session: DuckDBSession) => void) {
    this.#instance = instance
    this.#connection = connection
    this.#giveBack = giveBack
  }

  async ensure(relations: readonly Relation[], forTraining: boolean): Promise<void> {
    for (const { name, statement, snapshot } of relations) {
      const made = (forTraining && snapshot) || statement
      if (this.#relations.get(name) === made) continue
      try {
        await this.#connection.run(made)
      } catch (error) {
        const problem = firstLine(error)
        throw new MeridianError(
          'source.invalid',
          `source "${name}" cannot be read: ${problem}`,
          { source: name, problem },
          error,
        )
      }
      this.#relations.set(name, made)
    }
  }

  loadSpine(spine: Spine, request: SpineRequest, options: RunOptions = {}): Promise<number> {
    this.holdsData = true
    return this.#watched(options, () => createDuckDBSpine(this.#connection, spine, request, options.signal))
  }

  async lookup(
    sql: string,
    { keys, rows, asOf }: LookupRequest,
    types: ColumnTypes,
    options: RunOptions = {},
  ): Promise<Stream> {
    await createDuckDBKeys(this.#connection, keys, rows)
    return this.stream(sql, { as_of: asOf }, types, true, options)
  }

  async createTemporary(name: string, sql: string, parameters: Parameters, options: RunOptions = {}): Promise<void> {
    this.holdsData = true
    const create = `CREATE OR REPLACE TEMP TABLE ${quote(name)} AS\n${sql}`
    await this.#watched(options, async () => (await this.#prepare(create, parameters)).run())
  }

  async createComputed(name: string, request: ComputeRequest, options: RunOptions = {}): Promise<void> {
    this.holdsData = true
    this.#computed ??= await ComputedTables.open(this.#instance)
    const { sql, types, fields, compute } = request
    const result = await this.#watched(options, async () => (await this.#prepare(sql, {})).stream())
    const names = result.columnNames().slice(1)
    const converters = names.map((column, index) => {
      const type = types.get(column)
      return type ? fromDuckDB(type, column === 'event_timestamp') : fromDuckDBType(result.columnType(index + 1))
    })
    const table = await this.#computed.create(name, fields)
    try {
      for (;;) {
        const chunk = await this.#watched(options, () => result.fetchChunk())
        if (!chunk || chunk.rowCount === 0) break
        const [ordinals = [], ...columns] = valuesOf(chunk, [asIs, ...converters])
        table.append(ordinals, compute(names, { rowCount: chunk.rowCount, columns }))
      }
    } finally {
      table.close()
    }
    await this.#connection.run(`CREATE OR REPLACE TEMP VIEW ${quote(name)} AS FROM ${this.#computed.locate(name)}`)
  }

  async stream(
    sql: string,
    parameters: Parameters,
    types: ColumnTypes,
    stored: boolean,
    options: RunOptions = {},
  ): Promise<Stream> {
    const result = await this.#watched(options, async () => {
      const prepared = await this.#prepare(sql, parameters)
      return prepared.stream()
    })
    const names = result.columnNames()
    const converters = names.map((name, index) => {
      const type = types.get(name)
      return type ? fromDuckDB(type, stored) : fromDuckDBType(result.columnType(index))
    })
    return { names, chunks: this.#chunks(result, converters, options) }
  }

  async *#chunks(result: DuckDBResult, converters: readonly Converter[], options: RunOptions): AsyncGenerator<Chunk> {
    for (;;) {
      const chunk = await this.#watched(options, () => result.fetchChunk())
      if (!chunk || chunk.rowCount === 0) return
      yield { rowCount: chunk.rowCount, columns: valuesOf(chunk, converters) }
    }
  }

  async copy(
    sql: string,
    parameters: Parameters,
    path: string,
    format: 'parquet' | 'csv',
    options: RunOptions = {},
  ): Promise<number> {
    const target = resolve(path)
    const temporary = join(dirname(target), `.${randomUUID()}.${format}.tmp`)
    const settings = format === 'parquet' ? 'FORMAT parquet' : 'FORMAT csv, HEADER'
    try {
      const rows = await this.#watched(options, async () => {
        const prepared = await this.#prepare(`COPY (\n${sql}\n) TO ${quoteText(temporary)} (${settings})`, parameters)
        return (await prepared.run()).rowsChanged
      })
      await rename(temporary, target)
      return rows
    } finally {
      await rm(temporary, { force: true })
    }
  }

  async createTable(sql: string, parameters: Parameters, name: string, options: RunOptions = {}): Promise<number> {
    const table = `main.${quote(name)}`
    await this.#watched(options, async () =>
      (await this.#prepare(`CREATE TABLE ${table} AS\n${sql}`, parameters)).run(),
    )
    const reader = await this.#connection.runAndReadAll(`SELECT count(*) FROM ${table}`)
    return Number(reader.getRows()[0]?.[0])
  }

  release(): void {
    this.#giveBack(this)
  }

  close(): void {
    this.#connection.closeSync()
    this.#computed?.close()
  }

  /** Binds the parameters that the statement has: one without stored views has no accuracy to choose. */
  async #prepare(sql: string, parameters: Parameters) {
    const prepared = await this.#connection.prepare(sql)
    const values: Record<string, DuckDBValue> = {}
    for (let index = 1; index <= prepared.parameterCount; index += 1) {
      const name = prepared.parameterName(index)
      const value = parameters[name]
      if (value === undefined) throw new Error(`statement asks for $${name}`)
      values[name] = typeof value === 'bigint' ? new DuckDBTimestampValue(value) : value
    }
    if (prepared.parameterCount > 0) prepared.bind(values)
    return prepared
  }

  #watched<T>(options: RunOptions, work: () => Promise<T>): Promise<T> {
    return watched(this.#connection, options, work)
  }
}

type Converter = (value: DuckDBValue) => unknown

function asIs(value: DuckDBValue): unknown {
  return value
}

/** Column by column. */
function valuesOf(chunk: DuckDBDataChunk, converters: readonly Converter[]): unknown[][] {
  return converters.map((convert, index) => {
    const vector = chunk.getColumnVector(index)
    const values = new Array<unknown>(chunk.rowCount)
    for (let row = 0; row < values.length; row += 1) values[row] = convert(vector.getItem(row) as DuckDBValue)
    return values
  })
}

export function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
}
