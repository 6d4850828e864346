/** Bytes in and out by COPY, which neither side holds as a whole. */
import { createReadStream, createWriteStream } from 'node:fs'
import { finished, pipeline } from 'node:stream/promises'
import type { PoolClient } from 'pg'
import { from, to } from 'pg-copy-streams'
import type { Field } from '../contract.ts'
import type { StoredValue } from '../online/row.ts'
import { copyText, typeText } from './postgres-text.ts'
import { quote } from './quote.ts'
import type { SpineTable } from './spine-rows.ts'

/** Makes the table `spine`, and takes its rows. */
export async function spineTable(client: PoolClient, columns: readonly Field[]): Promise<SpineTable> {
  await createNumbered(client, 'spine', columns.map(column))
  const copy = client.query(from('COPY pg_temp.spine FROM STDIN'))
  let broken: Error | null = null
  copy.on('error', error => {
    broken ??= error
  })
  const done = finished(copy)
  // Awaited below; it may fail while nobody waits.
  done.catch(() => {})
  return {
    async append(first, values) {
      // The stream of a connection that is gone cannot even refuse.
      if (broken) throw broken
      const ordinals = Array.from(values[0] ?? [], (_, index) => first + index)
      if (copy.write(copyText(ordinals, values, columns))) return
      await Promise.race([new Promise(resolve => copy.once('drain', resolve)), done])
    },
    finish() {
      copy.end()
      return done
    },
    abandon: () => copy.destroy(),
  }
}

function column({ name, type }: Field): { readonly name: string; readonly type: string } {
  return { name, type: typeText(type) }
}

/** An empty table of the transaction, whose first column numbers the rows of a spine. */
export async function createNumbered(
  client: PoolClient,
  name: string,
  columns: readonly { readonly name: string; readonly type: string }[],
): Promise<void> {
  const list = ['__row BIGINT', ...columns.map(({ name, type }) => `${quote(name)} ${type}`)]
  await client.query(
    `DROP TABLE IF EXISTS pg_temp.${quote(name)}; CREATE TEMP TABLE ${quote(name)} (${list.join(', ')}) ON COMMIT DROP`,
  )
}

export interface ComputedBatch {
  /** The numbers in `__row`. */
  readonly ordinals: readonly unknown[]
  readonly columns: readonly (readonly StoredValue[])[]
}

/** Makes a table of rows that are computed batch by batch. */
export async function copyComputed(
  client: PoolClient,
  name: string,
  fields: readonly Field[],
  batches: AsyncIterable<ComputedBatch>,
): Promise<void> {
  await createNumbered(client, name, fields.map(column))
  // A COPY for each batch: while one is under way, the connection reads nothing.
  for await (const { ordinals, columns } of batches) {
    const copy = client.query(from(`COPY pg_temp.${quote(name)} FROM STDIN`))
    copy.end(copyText(ordinals, columns, fields))
    await finished(copy)
  }
}

export async function copyIn(client: PoolClient, target: string, path: string): Promise<void> {
  await pipeline(createReadStream(path), client.query(from(target)))
}

/** Returns the number of rows. */
export async function copyOut(client: PoolClient, source: string, path: string): Promise<number> {
  const copy = client.query(to(source))
  await pipeline(copy, createWriteStream(path))
  // The number comes after the last row; a statement that is answered comes after the number.
  await client.query('SELECT')
  return copy.rowCount
}
