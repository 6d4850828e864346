/** Bytes in and out by COPY, which neither side holds as a whole. */
import { createReadStream, createWriteStream } from 'node:fs'
import { finished, pipeline } from 'node:stream/promises'
import type { PoolClient } from 'pg'
import { from, to } from 'pg-copy-streams'
import { columnTypes, copyText } from './postgres-text.ts'
import { quote } from './quote.ts'
import type { SpineColumn } from './spine.ts'
import type { SpineTable } from './spine-rows.ts'

/** Makes the table `spine`, and takes its rows. */
export async function spineTable(client: PoolClient, columns: readonly SpineColumn[]): Promise<SpineTable> {
  await createSpine(
    client,
    columns.map(({ name, type }) => ({ name, type: columnTypes[type] })),
  )
  const types = columns.map(({ type }) => type)
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
      if (copy.write(copyText(first, values, types))) return
      await Promise.race([new Promise(resolve => copy.once('drain', resolve)), done])
    },
    finish() {
      copy.end()
      return done
    },
    abandon: () => copy.destroy(),
  }
}

/** An empty table `spine`. */
export async function createSpine(
  client: PoolClient,
  columns: readonly { readonly name: string; readonly type: string }[],
): Promise<void> {
  const list = columns.map(({ name, type }) => `${quote(name)} ${type}`)
  await client.query(
    `DROP TABLE IF EXISTS pg_temp.spine; CREATE TEMP TABLE spine (__row BIGINT, ${list.join(', ')}) ON COMMIT DROP`,
  )
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
