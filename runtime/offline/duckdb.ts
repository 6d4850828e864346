/** DuckDB as the offline engine: one instance, a connection for each piece of work, reused when it is idle. */
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { MeridianError } from '../errors.ts'
import type { RecordedTick } from '../schedule/recording.ts'
import { DuckDBSession, firstLine } from './duckdb-session.ts'
import { DuckDBRecorder } from './duckdb-ticks.ts'
import type { OfflineEngine, Relation, Session, SessionOptions } from './engine.ts'
import { quoteText } from './quote.ts'

/** The engine of local mode. */
export interface DuckDBOptions {
  /** A database file with the tables that sources are bound to; in memory without one. */
  readonly path?: string
  /** How many threads a statement may take. Default: one for each core. */
  readonly threads?: number
  /** What statements may hold in memory, such as '4GB'. Default: 80% of the machine's. */
  readonly memoryLimit?: string
}

export class DuckDBEngine implements OfflineEngine {
  readonly dialect = 'duckdb'
  readonly #instance: DuckDBInstance
  readonly #root: string
  readonly #idle: DuckDBSession[] = []
  readonly #recorder = new DuckDBRecorder(() => this.#connect())
  #closed = false

  private constructor(instance: DuckDBInstance, root: string) {
    this.#instance = instance
    this.#root = root
  }

  /**
   * `root` is where relative paths of sources start.
   *
   * @throws MeridianError `database.unavailable`
   */
  static async open(root: string, options: DuckDBOptions = {}): Promise<DuckDBEngine> {
    const path = options.path ?? ':memory:'
    try {
      const instance = await DuckDBInstance.create(path, {
        ...(options.threads === undefined ? {} : { threads: String(options.threads) }),
        ...(options.memoryLimit === undefined ? {} : { memory_limit: options.memoryLimit }),
      })
      return new DuckDBEngine(instance, root)
    } catch (error) {
      const problem = firstLine(error)
      const message = `the database ${path} cannot be opened: ${problem}`
      throw new MeridianError('database.unavailable', message, { path, problem }, error)
    }
  }

  async session(relations: readonly Relation[], { forTraining = false }: SessionOptions = {}): Promise<Session> {
    this.#mustBeOpen()
    const session =
      this.#idle.pop() ?? new DuckDBSession(this.#instance, await this.#connect(), idle => this.#takeBack(idle))
    try {
      await session.ensure(relations, forTraining)
    } catch (error) {
      session.release()
      throw error
    }
    return session
  }

  async recordTicks(ticks: readonly RecordedTick[]): Promise<void> {
    this.#mustBeOpen()
    await this.#recorder.record(ticks)
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new MeridianError('store.closed', 'the store is closed')
  }

  async #connect(): Promise<DuckDBConnection> {
    const connection = await this.#instance.connect()
    // Zoned instants convert as UTC, and naive ones are UTC, whatever the machine's zone.
    await connection.run("SET TimeZone = 'UTC'")
    await connection.run(`SET file_search_path = ${quoteText(this.#root)}`)
    await connection.run(`SET VARIABLE project = ${quoteText(this.#root)}`)
    await connection.run('SET enable_progress_bar = true')
    await connection.run('SET enable_progress_bar_print = false')
    return connection
  }

  #takeBack(session: DuckDBSession): void {
    // Only a connection's end frees its tables, and those of a spine may be large.
    if (this.#closed || session.holdsData) session.close()
    else this.#idle.push(session)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const session of this.#idle.splice(0)) session.close()
    await this.#recorder.close()
    this.#instance.closeSync()
  }
}
