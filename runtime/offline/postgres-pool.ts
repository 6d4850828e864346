/** Connections to Postgres that speak UTC, each with the relations that were made on it. */
import { type ClientBase, type ClientConfig, Pool, type PoolClient } from 'pg'
import { MeridianError } from '../errors.ts'
import { isConnectionLost, type Place, problemOf, unavailable } from './postgres-errors.ts'
import { Unanswered, within } from './postgres-guard.ts'

export interface PoolSettings {
  readonly config: ClientConfig
  readonly place: Place
  readonly size: number
  /** Milliseconds. */
  readonly connectTimeout: number
  /** Milliseconds, for statements outside transactions. */
  readonly statementTimeout: number
}

/** A connection that was taken from the pool. */
export interface PostgresConnection {
  readonly client: PoolClient
  readonly config: ClientConfig
  readonly place: Place
  /** The server's process. */
  readonly pid: number
  /** The statements of relations that exist on the connection, by name. */
  readonly relations: Map<string, string>
}

type State = Pick<PostgresConnection, 'pid' | 'relations'>

const oldestServer = 130_000

export class PostgresPool {
  readonly #pool: Pool
  readonly #settings: PoolSettings
  readonly #states = new WeakMap<ClientBase, State>()

  constructor(settings: PoolSettings) {
    this.#settings = settings
    const { config, size, connectTimeout } = settings
    this.#pool = new Pool({
      ...config,
      max: size,
      connectionTimeoutMillis: connectTimeout,
      idleTimeoutMillis: 60_000,
      // A program that is done may end without closing the store.
      allowExitOnIdle: true,
      onConnect: client => this.#setUp(client),
    })
    // An idle connection that breaks leaves the pool; the next work makes a new one.
    this.#pool.on('error', () => {})
  }

  /** @throws MeridianError `database.unavailable` */
  async connect(): Promise<PostgresConnection> {
    const { config, place, size, connectTimeout } = this.#settings
    try {
      const client = await this.#pool.connect()
      return { client, config, place, ...(this.#states.get(client) as State) }
    } catch (error) {
      if (error instanceof MeridianError) throw error
      const full = error instanceof Error && error.message === 'timeout exceeded when trying to connect'
      const busy = `all ${size} connections have been in use for ${connectTimeout} ms: raise poolSize, or run less at once`
      throw unavailable(place, full ? busy : problemOf(error), error)
    }
  }

  end(): Promise<void> {
    return this.#pool.end()
  }

  async #setUp(client: ClientBase): Promise<void> {
    // Whoever awaits a statement learns of a broken connection from it.
    client.on('error', () => {})
    const { statementTimeout, connectTimeout } = this.#settings
    const results: unknown = await within(client as PoolClient, connectTimeout, () =>
      client.query(setUp(statementTimeout)),
    )
    const [row] = (results as { rows: { pid: string; version: string }[] }[]).at(-1)?.rows ?? []
    if (!row) throw new Error('Postgres did not say who it is')
    if (Number(row.version) < oldestServer) {
      const message = `Postgres 13 or later is needed, and ${this.#settings.place.host} runs ${row.version}`
      throw new MeridianError('environment.unsupported', message, { version: row.version })
    }
    this.#states.set(client, { pid: Number(row.pid), relations: new Map() })
  }
}

/** Whatever the server's, the database's or the user's settings are: how values are written, and what is UTC. */
function setUp(statementTimeout: number): string {
  return `
    SET TimeZone = 'UTC';
    SET DateStyle = 'ISO, YMD';
    SET IntervalStyle = 'postgres';
    SET bytea_output = 'hex';
    SET extra_float_digits = 1;
    SET standard_conforming_strings = on;
    SET client_min_messages = warning;
    SET statement_timeout = ${statementTimeout};
    -- From version 14, and on most systems: work of a client that is gone ends by itself.
    DO $$ BEGIN SET client_connection_check_interval = 2000; EXCEPTION WHEN OTHERS THEN NULL; END $$;
    SELECT pg_backend_pid() AS pid, current_setting('server_version_num') AS version`
}

/** Whether the server is gone, or as good as gone. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof Unanswered || isConnectionLost(error)
}
