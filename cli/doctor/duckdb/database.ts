/** DuckDB as doctor asks it: one connection, to a database that is not changed. */
import type { DuckDBConnection } from '@duckdb/node-api'
import type { Field } from '../../../runtime/contract.ts'
import { firstLine } from '../../../runtime/offline/duckdb-session.ts'
import { typeText } from '../../../runtime/offline/duckdb-text.ts'
import { quote } from '../../../runtime/offline/quote.ts'
import type { Complaint, Database, Described } from '../database.ts'

export class DuckDBDatabase implements Database {
  readonly #connection: DuckDBConnection

  constructor(connection: DuckDBConnection) {
    this.#connection = connection
  }

  async version(): Promise<string> {
    return String((await this.#connection.runAndReadAll('SELECT version()')).getRows()[0]?.[0])
  }

  async create(statement: string): Promise<Complaint> {
    return complaintOf(() => this.#connection.run(statement))
  }

  async createTable(name: string, columns: readonly Field[]): Promise<void> {
    const list = columns.map(column => `${quote(column.name)} ${typeText(column.type)}`)
    await this.#connection.run(`CREATE OR REPLACE TEMP TABLE ${quote(name)} (${list.join(', ')})`)
  }

  async describe(from: string): Promise<Described> {
    try {
      const reader = await this.#connection.runAndReadAll(`DESCRIBE FROM ${from}`)
      return { columns: reader.getRows().map(row => ({ name: String(row[0]), type: String(row[1]) })), error: null }
    } catch (error) {
      return { columns: null, error: firstLine(error) }
    }
  }

  prepare(statement: string): Promise<Complaint> {
    return complaintOf(async () => (await this.#connection.prepare(statement)).destroySync())
  }
}

async function complaintOf(work: () => Promise<unknown>): Promise<Complaint> {
  try {
    await work()
    return null
  } catch (error) {
    return firstLine(error)
  }
}
