/** The relations that statements read, made once for each connection, and evaluated anew for a set of training data. */
import { MeridianError } from '../errors.ts'
import type { Relation } from './engine.ts'
import { problemOf, unavailable } from './postgres-errors.ts'
import { within } from './postgres-guard.ts'
import { isUnreachable, type PostgresConnection } from './postgres-pool.ts'
import { quote } from './quote.ts'

/** @throws MeridianError `source.invalid`, `database.unavailable` */
export async function ensureRelations(
  connection: PostgresConnection,
  relations: readonly Relation[],
  timeout: number,
): Promise<void> {
  const { client, relations: made } = connection
  const missing = relations.filter(({ name, statement }) => made.get(name) !== statement)
  if (missing.some(({ name }) => made.has(name))) {
    // Other stores of the same process may have other sources of the same name.
    await within(client, timeout, () => client.query('DISCARD TEMP'))
    made.clear()
    missing.splice(0, missing.length, ...relations)
  }
  for (const { name, statement } of missing) {
    await named(connection, name, () => within(client, timeout, () => client.query(statement)))
    made.set(name, statement)
  }
}

/**
 * Evaluates queries into tables, within a transaction: whatever its end, they are gone after it, and the views that
 * they stand in for are there again if it is rolled back.
 *
 * @throws MeridianError `source.invalid`
 */
export async function takeSnapshots(connection: PostgresConnection, relations: readonly Relation[]): Promise<void> {
  for (const { name, snapshot } of relations) {
    if (snapshot === null) continue
    if (connection.relations.has(name)) await connection.client.query(`DROP VIEW IF EXISTS pg_temp.${quote(name)}`)
    await named(connection, name, () => connection.client.query(snapshot))
  }
}

async function named(connection: PostgresConnection, name: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    const problem = problemOf(error)
    if (isUnreachable(error)) throw unavailable(connection.place, problem, error)
    const message = `source "${name}" cannot be read: ${problem}`
    throw new MeridianError('source.invalid', message, { source: name, problem }, error)
  }
}
