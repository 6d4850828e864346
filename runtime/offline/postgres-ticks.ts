/** Completed ticks in a table of Postgres, from which training data can learn what was online when. */
import { MeridianError } from '../errors.ts'
import type { RecordedTick } from '../schedule/recording.ts'
import { codeOf, problemOf, unavailable } from './postgres-errors.ts'
import { within } from './postgres-guard.ts'
import { isUnreachable, type PostgresConnection } from './postgres-pool.ts'
import { instantText } from './postgres-text.ts'

/** In the first schema of the connection's `search_path`. */
const table = `
  CREATE TABLE IF NOT EXISTS meridian_ticks (
    view TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    tick TIMESTAMPTZ NOT NULL,
    started TIMESTAMPTZ NOT NULL,
    completed TIMESTAMPTZ NOT NULL,
    rows BIGINT NOT NULL,
    PRIMARY KEY (view, fingerprint, tick)
  )`

/** Several workers may complete a tick; from the first on it was online, whichever is recorded first. */
const insert = `
  INSERT INTO meridian_ticks AS known (view, fingerprint, tick, started, completed, rows)
  SELECT view, fingerprint, tick, started, completed, rows
  FROM unnest($1::TEXT[], $2::TEXT[], $3::TIMESTAMPTZ[], $4::TIMESTAMPTZ[], $5::TIMESTAMPTZ[], $6::BIGINT[])
    AS done (view, fingerprint, tick, started, completed, rows)
  ON CONFLICT (view, fingerprint, tick) DO UPDATE
  SET started = excluded.started, completed = excluded.completed, rows = excluded.rows
  WHERE excluded.completed < known.completed`

const undefinedTable = '42P01'
/** Another worker made the table at the same moment. */
const alreadyMade = new Set(['23505', '42P07', '42710'])

/** @throws MeridianError `database.unavailable`, `ticks.refused` */
export async function recordInPostgres(
  { client, place }: PostgresConnection,
  ticks: readonly RecordedTick[],
  timeout: number,
): Promise<void> {
  const run = (sql: string, values: unknown[] = []) => within(client, timeout, () => client.query(sql, values))
  const record = () => run(insert, columnsOf(firstOfEach(ticks)))
  try {
    await record().catch(async error => {
      // Whoever has no right to make it needs none where it is there.
      if (codeOf(error) !== undefinedTable) throw error
      await run(table).catch(problem => {
        if (!alreadyMade.has(codeOf(problem))) throw problem
      })
      await record()
    })
  } catch (error) {
    const problem = problemOf(error)
    if (isUnreachable(error)) throw unavailable(place, problem, error)
    const message = `completed ticks could not be recorded in meridian_ticks: ${problem}`
    throw new MeridianError('ticks.refused', message, { problem, code: codeOf(error) }, error)
  }
}

/** One statement may not touch a row twice. */
function firstOfEach(ticks: readonly RecordedTick[]): RecordedTick[] {
  const first = new Map<string, RecordedTick>()
  for (const tick of ticks) {
    const name = JSON.stringify([tick.view, tick.fingerprint, String(tick.tick)])
    const known = first.get(name)
    if (!known || tick.completed < known.completed) first.set(name, tick)
  }
  return [...first.values()]
}

function columnsOf(ticks: readonly RecordedTick[]): unknown[] {
  return [
    ticks.map(({ view }) => view),
    ticks.map(({ fingerprint }) => fingerprint),
    ticks.map(({ tick }) => instantText(tick)),
    ticks.map(({ started }) => instantText(started)),
    ticks.map(({ completed }) => instantText(completed)),
    ticks.map(({ rows }) => rows),
  ]
}
