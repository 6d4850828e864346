/** Postgres as doctor asks it: one connection, whose temporary relations end with it. */
import type { Field } from '../../../runtime/contract.ts'
import { problemOf, unavailable } from '../../../runtime/offline/postgres-errors.ts'
import { within } from '../../../runtime/offline/postgres-guard.ts'
import { isUnreachable, type PostgresConnection } from '../../../runtime/offline/postgres-pool.ts'
import { bare, typeText } from '../../../runtime/offline/postgres-text.ts'
import { quote } from '../../../runtime/offline/quote.ts'
import type { Complaint, Database, Described } from '../database.ts'

/** Milliseconds: nothing here reads rows, so what takes longer waits for a lock. */
const patience = 10_000

export class PostgresDatabase implements Database {
  readonly #connection: PostgresConnection

  constructor(connection: PostgresConnection) {
    this.#connection = connection
  }

  /** @throws MeridianError `database.unavailable`; the server's error */
  async rows<Row>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    const { client, place } = this.#connection
    try {
      return (await within(client, patience, () => client.query(sql, values as unknown[]))).rows as Row[]
    } catch (error) {
      throw isUnreachable(error) ? unavailable(place, problemOf(error), error) : error
    }
  }

  create(statement: string): Promise<Complaint> {
    return this.#complaint(statement)
  }

  async createTable(name: string, columns: readonly Field[]): Promise<void> {
    const list = columns.map(column => `${quote(column.name)} ${typeText(column.type)}`)
    await this.rows(`DROP TABLE IF EXISTS pg_temp.${quote(name)}`)
    await this.rows(`CREATE TEMP TABLE ${quote(name)} (${list.join(', ')})`)
  }

  async describe(from: string): Promise<Described> {
    // A view is made without reading, and without the right to read.
    const error = await this.#complaint(`CREATE OR REPLACE TEMP VIEW meridian__described AS SELECT * FROM ${from}`)
    if (error !== null) return { columns: null, error }
    const columns = await this.rows<{ name: string; type: string }>(
      `SELECT attname AS name, format_type(atttypid, atttypmod) AS type
      FROM pg_attribute
      WHERE attrelid = 'pg_temp.meridian__described'::regclass AND attnum > 0
      ORDER BY attnum`,
    )
    await this.rows('DROP VIEW pg_temp.meridian__described')
    return { columns, error: null }
  }

  async prepare(statement: string): Promise<Complaint> {
    const complaint = await this.#complaint(`PREPARE meridian__prepared AS\n${bare(statement)}`)
    if (complaint === null) await this.rows('DEALLOCATE meridian__prepared')
    return complaint
  }

  async #complaint(sql: string): Promise<Complaint> {
    try {
      await this.rows(sql)
      return null
    } catch (error) {
      if (error instanceof Error && 'severity' in error) return problemOf(error)
      throw error
    }
  }
}
