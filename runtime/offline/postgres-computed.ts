/** What is computed here of the rows of a statement, batch by batch. */
import type { ClientBase } from 'pg'
import type { ComputeRequest, RunOptions } from './engine.ts'
import type { ComputedBatch } from './postgres-copy.ts'
import { asText, type TextRow } from './postgres-cursor.ts'
import { chunkOf } from './postgres-rows.ts'
import { bare } from './postgres-text.ts'
import { fromPostgres, fromPostgresType } from './postgres-values.ts'

/** How many are computed together. */
const computedRows = 8_192

/** A cursor of SQL: between its batches the connection takes others. */
export async function* computedBatches(
  client: ClientBase,
  { sql, types, compute }: ComputeRequest,
  { signal }: RunOptions,
): AsyncGenerator<ComputedBatch> {
  await client.query(`DECLARE given NO SCROLL CURSOR FOR\n${bare(sql)}`)
  for (;;) {
    signal?.throwIfAborted()
    const { fields, rows } = await client.query<TextRow>({
      text: `FETCH ${computedRows} FROM given`,
      rowMode: 'array',
      types: asText,
    })
    if (rows.length === 0) break
    const [, ...given] = fields
    const converters = given.map(({ name, dataTypeID }) => {
      const type = types.get(name)
      return type ? fromPostgres(type, name === 'event_timestamp') : fromPostgresType(dataTypeID)
    })
    const chunk = chunkOf(
      rows,
      converters,
      converters.map((_, index) => index + 1),
    )
    yield {
      ordinals: rows.map(row => row[0]),
      columns: compute(
        given.map(({ name }) => name),
        chunk,
      ),
    }
  }
  await client.query('CLOSE given')
}
