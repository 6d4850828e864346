/** Postgres as the offline engine: pooled connections, and a transaction for each piece of work. */
import { Client, type ClientConfig } from 'pg'
import { MeridianError } from '../errors.ts'
import type { RecordedTick } from '../schedule/recording.ts'
import type { OfflineEngine, Relation, Session, SessionOptions } from './engine.ts'
import type { Place } from './postgres-errors.ts'
import { grace } from './postgres-lookup.ts'
import { PostgresPool } from './postgres-pool.ts'
import { ensureRelations } from './postgres-relations.ts'
import { PostgresSession } from './postgres-session.ts'
import { recordInPostgres } from './postgres-ticks.ts'

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`; `?sslmode=verify-full&sslrootcert=...` and the like are understood. */
  readonly url: string
  /** Connections at most. Training, materialization and lookups take one each while they run. Default: 10. */
  readonly poolSize?: number
  /** Milliseconds to wait for a connection, be it a new one or one that is in use. Default: 5,000. */
  readonly connectTimeout?: number
  /** Milliseconds that the lookup of a view that is not materialized may take. Default: 5,000. */
  readonly lookupTimeout?: number
  /**
   * Milliseconds that one statement of training or materialization may take, with the time that its rows wait for whoever
   * reads them. Default: no bound.
   */
  readonly statementTimeout?: number
}

export class PostgresEngine implements OfflineEngine {
  readonly dialect = 'postgres'
  readonly #pool: PostgresPool
  readonly #lookupTimeout: number
  readonly #statementTimeout: number
  readonly #sessions = new Set<PostgresSession>()
  #closing: Promise<void> | null = null

  private constructor(pool: PostgresPool, lookupTimeout: number, statementTimeout: number) {
    this.#pool = pool
    this.#lookupTimeout = lookupTimeout
    this.#statementTimeout = statementTimeout
  }

  /**
   * Connects once, so that what is wrong with the address is told here.
   *
   * @throws MeridianError `database.unavailable`, `environment.unsupported`
   * @example
   * const engine = await PostgresEngine.open({ url: 'postgres://meridian@db.internal/features' })
   */
  static async open(options: PostgresOptions): Promise<PostgresEngine> {
    const { lookupTimeout = 5_000, statementTimeout = 0 } = options
    const engine = new PostgresEngine(postgresPool(options), lookupTimeout, statementTimeout)
    try {
      ;(await engine.session([])).release()
    } catch (error) {
      await engine.close()
      throw error
    }
    return engine
  }

  async session(relations: readonly Relation[], { forTraining = false }: SessionOptions = {}): Promise<Session> {
    this.#mustBeOpen()
    const connection = await this.#pool.connect()
    const hasSnapshot = ({ snapshot }: Relation) => forTraining && snapshot !== null
    const session = new PostgresSession(connection, {
      snapshots: relations.filter(hasSnapshot),
      lookupTimeout: this.#lookupTimeout,
      statementTimeout: this.#statementTimeout,
      giveBack: (session, known) => {
        this.#sessions.delete(session)
        connection.client.release(!known)
      },
    })
    this.#sessions.add(session)
    try {
      this.#mustBeOpen()
      const views = relations.filter(relation => !hasSnapshot(relation))
      await ensureRelations(connection, views, this.#lookupTimeout + grace)
      return session
    } catch (error) {
      session.close()
      throw error
    }
  }

  async recordTicks(ticks: readonly RecordedTick[]): Promise<void> {
    this.#mustBeOpen()
    const connection = await this.#pool.connect()
    let known = false
    try {
      await recordInPostgres(connection, ticks, this.#lookupTimeout + grace)
      known = true
    } finally {
      connection.client.release(!known)
    }
  }

  /** Ends all work. */
  close(): Promise<void> {
    this.#closing ??= this.#end()
    return this.#closing
  }

  async #end(): Promise<void> {
    for (const session of this.#sessions) session.close()
    await this.#pool.end()
  }

  #mustBeOpen(): void {
    if (this.#closing) throw new MeridianError('store.closed', 'the store is closed')
  }
}

/**
 * Connections that are set up as the engine's are. None is made yet.
 *
 * @throws MeridianError `database.unavailable` (the URL)
 */
export function postgresPool(options: PostgresOptions): PostgresPool {
  const { url, poolSize = 10, connectTimeout = 5_000, lookupTimeout = 5_000 } = options
  const config: ClientConfig = {
    connectionString: url,
    fallback_application_name: 'meridian',
    // A peer that vanished is noticed though nothing is sent for long.
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  }
  return new PostgresPool({
    config,
    place: placeOf(config),
    size: poolSize,
    connectTimeout,
    statementTimeout: lookupTimeout,
  })
}

/** As the client understands the address and the environment. */
function placeOf(config: ClientConfig): Place {
  try {
    const { host, port, database = '' } = new Client(config)
    return { host, port, database }
  } catch {
    // The error may quote the address, and the address may have a password.
    const message =
      'the address of Postgres cannot be understood: it must be like postgres://user:password@host:5432/database'
    throw new MeridianError('database.unavailable', message)
  }
}
