/**
 * Tables of what functions return, in a database of their own in memory: DuckDB ends the rows of a running statement when
 * its connection writes, and another connection does not see the session's temporary tables.
 */
import { randomUUID } from 'node:crypto'
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { Field } from '../contract.ts'
import { type Appended, appendTo } from './duckdb-rows.ts'
import { typeText } from './duckdb-text.ts'
import { quote } from './quote.ts'

export class ComputedTables {
  readonly #connection: DuckDBConnection
  readonly #database: string

  static async open(instance: DuckDBInstance): Promise<ComputedTables> {
    const connection = await instance.connect()
    const database = `computed_${randomUUID()}`
    await connection.run(`ATTACH ':memory:' AS ${quote(database)}`)
    return new ComputedTables(connection, database)
  }

  private constructor(connection: DuckDBConnection, database: string) {
    this.#connection = connection
    this.#database = database
  }

  /** In place of one of that name. */
  async create(name: string, fields: readonly Field[]): Promise<Appended> {
    const columns = ['__row BIGINT', ...fields.map(field => `${quote(field.name)} ${typeText(field.type)}`)]
    await this.#connection.run(`CREATE OR REPLACE TABLE ${this.locate(name)} (${columns.join(', ')})`)
    return appendTo(this.#connection, { name, catalog: this.#database }, fields)
  }

  /** A table's name to other connections of the instance. */
  locate(name: string): string {
    return `${quote(this.#database)}.main.${quote(name)}`
  }

  /** The session's own connection has ended. */
  close(): void {
    const connection = this.#connection
    const detached = connection.run(`DETACH ${quote(this.#database)}`)
    // An instance that is closed meanwhile has nothing left to free.
    void detached.catch(() => {}).finally(() => connection.closeSync())
  }
}
