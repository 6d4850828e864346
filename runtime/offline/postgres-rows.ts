/** Rows as Postgres writes them, as columns of values. */
import type { Chunk, ColumnTypes } from './engine.ts'
import type { TextRow } from './postgres-cursor.ts'
import { fromPostgres, fromPostgresType } from './postgres-values.ts'

export type Converter = (text: string) => unknown

export function convertersOf(
  fields: readonly { readonly name: string; readonly dataTypeID: number }[],
  types: ColumnTypes,
  stored: boolean,
): readonly Converter[] {
  return fields.map(({ name, dataTypeID }) => {
    const type = types.get(name)
    return type ? fromPostgres(type, stored) : fromPostgresType(dataTypeID)
  })
}

/** Rows of texts, column by column. `places` says where each converter's column stands, if not in order. */
export function chunkOf(rows: readonly TextRow[], converters: readonly Converter[], places?: readonly number[]): Chunk {
  const columns = converters.map((convert, number) => {
    const index = places?.[number] ?? number
    const values = new Array<unknown>(rows.length)
    for (let row = 0; row < values.length; row += 1) {
      const text = rows[row]?.[index] ?? null
      values[row] = text === null ? null : convert(text)
    }
    return values
  })
  return { rowCount: rows.length, columns }
}

export async function* only(chunk: Chunk): AsyncGenerator<Chunk> {
  if (chunk.rowCount > 0) yield chunk
}
