/** Lookups: one statement, one round trip, on the path of a read. */
import { createHash } from 'node:crypto'
import type { Field, WireType } from '../contract.ts'
import { MeridianError } from '../errors.ts'
import type { LookupRequest } from './engine.ts'
import { asText, type TextRow } from './postgres-cursor.ts'
import { codeOf, placeText, problemOf, timedOut, unavailable } from './postgres-errors.ts'
import { within } from './postgres-guard.ts'
import { isUnreachable, type PostgresConnection } from './postgres-pool.ts'
import { instantText } from './postgres-text.ts'

export interface LookupResult {
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[]
  readonly rows: readonly TextRow[]
}

const names = new Map<string, string>()

/** Each connection prepares a statement once, under a name that is its text's own. */
function nameOf(sql: string): string {
  let name = names.get(sql)
  if (name === undefined) {
    name = `meridian_${createHash('sha256').update(sql).digest('hex').slice(0, 32)}`
    names.set(sql, name)
  }
  return name
}

/**
 * The server ends the statement after `timeout` milliseconds; one that then still says nothing is taken to be gone.
 *
 * @throws MeridianError `lookup.failed`, `database.unavailable`
 */
export async function lookup(
  { client, place }: PostgresConnection,
  sql: string,
  { keys, rows, asOf }: LookupRequest,
  timeout: number,
): Promise<LookupResult> {
  const values = [instantText(asOf), ...keys.map((key, index) => keyValues(key, index, rows))]
  try {
    return await within(client, timeout + grace, () =>
      client.query<TextRow>({ name: nameOf(sql), text: sql, values, rowMode: 'array', types: asText }),
    )
  } catch (error) {
    if (isUnreachable(error)) throw unavailable(place, problemOf(error), error)
    const late = codeOf(error) === timedOut
    const problem = late ? `it took longer than ${timeout} ms` : problemOf(error)
    const message = `the lookup failed in Postgres at ${placeText(place)}: ${problem}`
    throw new MeridianError('lookup.failed', message, { problem, code: codeOf(error) }, error)
  }
}

/** Milliseconds that a server has to say that a bound was passed. */
export const grace = 1_000

function keyValues({ type }: Field, index: number, rows: readonly (readonly unknown[])[]): unknown[] {
  return rows.map(row => keyValue(row[index], type))
}

/** Text of Postgres has no zero characters, so a key that has one matches what null matches: nothing. */
function keyValue(value: unknown, type: WireType): unknown {
  if (value === null || value === undefined) return null
  return type.type === 'string' && (value as string).includes('\0') ? null : value
}
