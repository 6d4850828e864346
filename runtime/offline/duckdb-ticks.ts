/** Completed ticks in a table of DuckDB, from which training data can learn what was online when. */
import { type DuckDBConnection, DuckDBTimestampValue } from '@duckdb/node-api'
import { MeridianError } from '../errors.ts'
import type { RecordedTick } from '../schedule/recording.ts'

const table = `
  CREATE TABLE IF NOT EXISTS main.meridian_ticks (
    view VARCHAR NOT NULL,
    fingerprint VARCHAR NOT NULL,
    tick TIMESTAMP NOT NULL,
    started TIMESTAMP NOT NULL,
    completed TIMESTAMP NOT NULL,
    rows BIGINT NOT NULL,
    PRIMARY KEY (view, fingerprint, tick)
  )`

/** Several workers may complete a tick; from the first on it was online, whichever is recorded first. */
const insert = `
  INSERT INTO main.meridian_ticks (view, fingerprint, tick, started, completed, rows)
  VALUES ($view, $fingerprint, $tick, $started, $completed, $rows)
  ON CONFLICT (view, fingerprint, tick) DO UPDATE
  SET started = excluded.started, completed = excluded.completed, rows = excluded.rows
  WHERE excluded.completed < meridian_ticks.completed`

/** On a connection of its own, one call after the other, since statements of one connection do not mix. */
export class DuckDBRecorder {
  readonly #connect: () => Promise<DuckDBConnection>
  #connection: Promise<DuckDBConnection> | null = null
  #recorded: Promise<void> = Promise.resolve()

  constructor(connect: () => Promise<DuckDBConnection>) {
    this.#connect = connect
  }

  /** @throws MeridianError `ticks.refused` */
  async record(ticks: readonly RecordedTick[]): Promise<void> {
    this.#connection ??= this.#connect()
    const connection = await this.#connection
    this.#recorded = this.#recorded.catch(() => {}).then(() => record(connection, ticks))
    await this.#recorded
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await this.#recorded.catch(() => {})
    ;(await this.#connection)?.closeSync()
  }
}

async function record(connection: DuckDBConnection, ticks: readonly RecordedTick[]): Promise<void> {
  try {
    await connection.run(table)
    for (const { view, fingerprint, tick, started, completed, rows } of ticks)
      await connection.run(insert, {
        view,
        fingerprint,
        tick: new DuckDBTimestampValue(tick),
        started: new DuckDBTimestampValue(started),
        completed: new DuckDBTimestampValue(completed),
        rows: BigInt(rows),
      })
  } catch (error) {
    const problem = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
    const message = `completed ticks could not be recorded in meridian_ticks: ${problem}`
    throw new MeridianError('ticks.refused', message, { problem }, error)
  }
}
