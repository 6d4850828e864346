/** The rows of a statement in bounded memory: a batch at the caller, and one on its way. */
import type { FieldDef, PoolClient } from 'pg'
import Cursor from 'pg-cursor'

export type TextRow = (string | null)[]

const batchRows = 2_000

/** Values as Postgres writes them: what they mean is decided where the types are known. */
export const asText = { getTypeParser: () => (text: string) => text }

export class Rows {
  readonly fields: readonly FieldDef[]
  readonly #cursor: Cursor<TextRow>
  #next: Promise<TextRow[]>
  /** Whether the server is at work on rows that nobody has asked for yet. */
  busy = false

  private constructor(cursor: Cursor<TextRow>, fields: readonly FieldDef[], first: TextRow[]) {
    this.#cursor = cursor
    this.fields = fields
    this.#next = Promise.resolve(first)
  }

  /** Runs the statement up to its first rows. */
  static open(client: PoolClient, sql: string): Promise<Rows> {
    const cursor = client.query(new Cursor<TextRow>(sql, [], { rowMode: 'array', types: asText }))
    return new Promise((resolve, reject) => {
      cursor.read(batchRows, (error, rows, result) => {
        if (error) reject(error)
        else resolve(new Rows(cursor, result.fields, rows))
      })
    })
  }

  /** The next rows, none at the end. Meanwhile the server makes those after them. */
  async next(): Promise<TextRow[]> {
    const rows = await this.#next
    if (rows.length > 0) {
      this.busy = true
      this.#next = this.#cursor.read(batchRows).finally(() => {
        this.busy = false
      })
      // Whoever asks for them learns of a failure; nobody may ask.
      this.#next.catch(() => {})
    }
    return rows
  }
}
