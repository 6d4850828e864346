/** A session of Postgres: a connection, and one transaction in it, which sees one state of the data. */
import { randomUUID } from 'node:crypto'
import { rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { MeridianError } from '../errors.ts'
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
import { computedBatches } from './postgres-computed.ts'
import { copyComputed, copyOut } from './postgres-copy.ts'
import { Rows } from './postgres-cursor.ts'
import { connectionLost, isConnectionLost } from './postgres-errors.ts'
import { forCsv, forParquet, type ResultColumn, resultColumn } from './postgres-file-types.ts'
import { cancelLast, cancellable, cancelRest, within } from './postgres-guard.ts'
import { grace, lookup } from './postgres-lookup.ts'
import type { PostgresConnection } from './postgres-pool.ts'
import { takeSnapshots } from './postgres-relations.ts'
import { type Converter, chunkOf, convertersOf, only } from './postgres-rows.ts'
import { createPostgresSpine } from './postgres-spine.ts'
import { bare, instantText, quoteTable } from './postgres-text.ts'
import { quote, quoteText } from './quote.ts'

export interface SessionSettings {
  /** Queries that the transaction begins with. */
  readonly snapshots: readonly Relation[]
  /** Milliseconds, for a lookup and for statements that take no time. */
  readonly lookupTimeout: number
  /** Milliseconds, for a statement of the transaction; 0 is no bound. */
  readonly statementTimeout: number
  /** Called once. A connection whose state is not known must not be used again. */
  readonly giveBack: (session: PostgresSession, known: boolean) => void
}

export class PostgresSession implements Session {
  readonly #connection: PostgresConnection
  readonly #settings: SessionSettings
  #inTransaction = false
  /** False from the first failure on, and while rows of a statement are still to come. */
  #known = true
  #rows: Rows | null = null
  #released = false
  #closed = false
  #working = false

  constructor(connection: PostgresConnection, settings: SessionSettings) {
    this.#connection = connection
    this.#settings = settings
  }

  loadSpine(spine: Spine, request: SpineRequest, options: RunOptions = {}): Promise<number> {
    return this.#work(options, async () => {
      try {
        await this.#begin()
        const load = () => createPostgresSpine(this.#connection.client, spine, request, options)
        // Rows of the caller and files come in their own time.
        return await ('table' in spine || 'sql' in spine ? this.#bounded(load) : load())
      } catch (error) {
        if (!isConnectionLost(error)) throw error
        const { message } = connectionLost(this.#connection.place, error)
        throw new MeridianError('training.failed', `the spine could not be loaded: ${message}`, {}, error)
      }
    })
  }

  async lookup(sql: string, request: LookupRequest, types: ColumnTypes, { signal }: RunOptions = {}): Promise<Stream> {
    this.#mustBeOpen()
    try {
      const work = () => lookup(this.#connection, sql, request, this.#settings.lookupTimeout)
      const { fields, rows } = await cancellable(this.#connection, signal, work)
      const chunk = chunkOf(rows, convertersOf(fields, types, true))
      return { names: fields.map(({ name }) => name), chunks: only(chunk) }
    } catch (error) {
      // A statement that merely failed leaves the connection as it was, outside of a transaction.
      const merely = error instanceof MeridianError && error.code === 'lookup.failed'
      this.#known &&= merely && !this.#inTransaction && error.details.code !== changedPlan
      throw this.#failure(error)
    }
  }

  createTemporary(name: string, sql: string, parameters: Parameters, options: RunOptions = {}): Promise<void> {
    return this.#work(options, async () => {
      await this.#begin(parameters)
      const table = quote(name)
      const create = `CREATE TEMP TABLE ${table} ON COMMIT DROP AS\n${bare(sql)}`
      await this.#run(`DROP TABLE IF EXISTS pg_temp.${table}`)
      await this.#run(create)
      // Enough for joins, which are by this column; statistics of hundreds of features would take as long as the join.
      await this.#run(`ANALYZE pg_temp.${table} (__row)`)
    })
  }

  createComputed(name: string, request: ComputeRequest, options: RunOptions = {}): Promise<void> {
    return this.#work(options, async () => {
      await this.#begin()
      await this.#bounded(() =>
        copyComputed(
          this.#connection.client,
          name,
          request.fields,
          computedBatches(this.#connection.client, request, options),
        ),
      )
      await this.#run(`ANALYZE pg_temp.${quote(name)} (__row)`)
    })
  }

  async stream(
    sql: string,
    parameters: Parameters,
    types: ColumnTypes,
    stored: boolean,
    options: RunOptions = {},
  ): Promise<Stream> {
    const rows = await this.#work(options, async () => {
      await this.#begin(parameters)
      return this.#bounded(() => Rows.open(this.#connection.client, sql))
    })
    this.#known = false
    this.#rows = rows
    // Without the number of a spine's row, which its order is told by.
    const places = rows.fields.flatMap(({ name }, place) => (name === rowNumber ? [] : [place]))
    const fields = places.map(place => rows.fields[place] as (typeof rows.fields)[number])
    const converters = convertersOf(fields, types, stored)
    return { names: fields.map(({ name }) => name), chunks: this.#chunks(rows, places, converters, options) }
  }

  async *#chunks(
    rows: Rows,
    places: readonly number[],
    converters: readonly Converter[],
    options: RunOptions,
  ): AsyncGenerator<Chunk> {
    for (;;) {
      const batch = await this.#work(options, () => this.#bounded(() => rows.next()))
      if (batch.length === 0) break
      yield chunkOf(batch, converters, places)
    }
    this.#known = true
  }

  async copy(
    sql: string,
    parameters: Parameters,
    path: string,
    format: 'parquet' | 'csv',
    options: RunOptions = {},
  ): Promise<number> {
    const target = resolve(path)
    const temporary = (kind: string) => join(dirname(target), `.${randomUUID()}.${kind}.tmp`)
    const [csv, parquet] = [temporary('csv'), temporary('parquet')]
    try {
      return await this.#work(options, async () => {
        await this.#begin(parameters)
        const columns = await this.#columnsOf(sql)
        const list = columns.map(format === 'csv' ? forCsv : forParquet).join(', ')
        const settings = `FORMAT csv, HEADER ${format === 'csv'}, ENCODING 'UTF8'`
        const source = `COPY (SELECT ${list} FROM (\n${bare(sql)}\n) AS result) TO STDOUT (${settings})`
        const rows = await this.#bounded(() => copyOut(this.#connection.client, source, csv))
        if (format === 'parquet') {
          const { csvToParquet } = await import('./postgres-files.ts')
          await csvToParquet(csv, columns, parquet, options)
        }
        options.signal?.throwIfAborted()
        await rename(format === 'csv' ? csv : parquet, target)
        return rows
      })
    } finally {
      await Promise.all([rm(csv, { force: true }), rm(parquet, { force: true })])
    }
  }

  createTable(sql: string, parameters: Parameters, name: string, options: RunOptions = {}): Promise<number> {
    return this.#work(options, async () => {
      await this.#begin(parameters)
      const list = (await this.#columnsOf(sql)).map(({ name: column }) => quote(column)).join(', ')
      const create = `CREATE TABLE ${quoteTable(name)} AS\nSELECT ${list} FROM (\n${bare(sql)}\n) AS result`
      const { rowCount } = await this.#run(create)
      await this.#run('COMMIT')
      // Views that snapshots stood in for are gone for good on this connection.
      this.#inTransaction = false
      this.#known = false
      return rowCount ?? 0
    })
  }

  release(): void {
    if (this.#released) return
    this.#released = true
    const { giveBack, lookupTimeout } = this.#settings
    const rows = this.#rows
    // Nobody waits for what is left to do: the next work has another connection, or waits for this one in the pool.
    if (!this.#known && rows?.busy) cancelRest(this.#connection, () => rows.busy).then(() => giveBack(this, false))
    else if (!this.#known || !this.#inTransaction) giveBack(this, this.#known)
    else {
      const ended = within(this.#connection.client, lookupTimeout, () => this.#connection.client.query('ROLLBACK'))
      ended.then(
        () => giveBack(this, true),
        () => giveBack(this, false),
      )
    }
  }

  /** Ends the session whatever it does; its work fails. */
  close(): void {
    this.#closed = true
    this.#known = false
    this.release()
    if (this.#working) void cancelLast(this.#connection)
  }

  /** The transaction, and the parameters of the next statement. */
  async #begin(parameters: Parameters = {}): Promise<void> {
    const { statementTimeout, snapshots, lookupTimeout } = this.#settings
    if (!this.#inTransaction) {
      // Scans of large tables start at their beginning, so that rows come in the same order in every run.
      const begin = `BEGIN ISOLATION LEVEL REPEATABLE READ;
        SET LOCAL statement_timeout = ${statementTimeout};
        SET LOCAL synchronize_seqscans = off`
      await within(this.#connection.client, lookupTimeout + grace, () => this.#run(begin))
      this.#inTransaction = true
      await takeSnapshots(this.#connection, snapshots)
    }
    const settings = Object.entries(parameters).map(([name, value]) => {
      const text = typeof value === 'bigint' ? instantText(value) : String(value)
      return `set_config(${quoteText(`meridian.${name}`)}, ${quoteText(text)}, true)`
    })
    if (settings.length > 0) await this.#run(`SELECT ${settings.join(', ')}`)
  }

  /** All columns but the number of a spine's row, which its order is told by. */
  async #columnsOf(sql: string): Promise<ResultColumn[]> {
    const text = `SELECT * FROM (\n${bare(sql)}\n) AS result LIMIT 0`
    return (await this.#run(text)).fields.filter(({ name }) => name !== rowNumber).map(resultColumn)
  }

  #run(sql: string) {
    return this.#bounded(() => this.#connection.client.query(sql))
  }

  /** The server holds the bound, unless it is paused or gone. */
  #bounded<T>(work: () => Promise<T>): Promise<T> {
    const { statementTimeout } = this.#settings
    return statementTimeout === 0 ? work() : within(this.#connection.client, statementTimeout + grace, work)
  }

  /** Long work: what it fails with is told as it is, and ends the connection. */
  async #work<T>({ signal }: RunOptions, work: () => Promise<T>): Promise<T> {
    this.#mustBeOpen()
    this.#working = true
    try {
      return await cancellable(this.#connection, signal, work)
    } catch (error) {
      this.#known = false
      throw this.#failure(error)
    } finally {
      this.#working = false
    }
  }

  #failure(error: unknown): unknown {
    if (this.#closed) return new MeridianError('store.closed', 'the store was closed', {}, error)
    return isConnectionLost(error) ? connectionLost(this.#connection.place, error) : error
  }

  #mustBeOpen(): void {
    if (this.#released) throw new MeridianError('store.closed', 'the session was given back')
  }
}

/** Training statements carry it, since Postgres has no way to leave out one of a spine's unknown columns. */
const rowNumber = '__row'

/** "cached plan must not change result type": a prepared statement whose table was altered fails until it is prepared anew. */
const changedPlan = '0A000'
