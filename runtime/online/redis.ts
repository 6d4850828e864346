/** The online store of production: Redis 6 or later, a server or a cluster. */
import type { ConnectionOptions } from 'node:tls'
import { aborted } from '../abort.ts'
import { redisAddress } from './redis-address.ts'
import { Reads } from './redis-coalesce.ts'
import { connectServers, type RedisTimes } from './redis-connect.ts'
import { closedError, type Operation } from './redis-errors.ts'
import { incarnationOf } from './redis-incarnation.ts'
import type { Servers } from './redis-servers.ts'
import { completedTickOf, tickKey, tickRow } from './redis-tick.ts'
import { Writes } from './redis-write.ts'
import type { CompletedTick, OnlineStore, StoredRow } from './store.ts'

export interface RedisOptions {
  /**
   * `redis://user:password@host:port/database`; `rediss://` for TLS. A cluster is
   * `redis+cluster://user:password@host:port,host:port`, or `rediss+cluster://`: some of its nodes, which tell of the others.
   * User and password are percent-encoded.
   */
  readonly url: string
  /** That `url` names nodes of a cluster, where its scheme cannot say so. */
  readonly cluster?: boolean
  /** For TLS: `ca`, `cert`, `key`, `servername`, ... as `tls.connect` takes them. */
  readonly tls?: ConnectionOptions
  /** Milliseconds until a read of up to 1,000 keys is given up; as much for each further thousand. Default: 50. */
  readonly readTimeout?: number
  /** Milliseconds until a batch of 200 written rows is given up. Default: 1,000. */
  readonly writeTimeout?: number
  /** Milliseconds until an attempt to connect is given up. Default: 150. */
  readonly connectTimeout?: number
  /** Milliseconds beyond the time of a call after which a connection that answers nothing is replaced. Default: 100. */
  readonly grace?: number
}

/** Measured: bounded and quick, and well above what a healthy server in the same network takes. */
const times: RedisTimes = { readTimeout: 50, writeTimeout: 1000, connectTimeout: 150, grace: 100 }

/**
 * Rows in Redis. Every call ends in time, whatever Redis does: it throws MeridianError `store.unavailable` (no connection),
 * `store.timeout` (no answer) or `store.refused` (what the server said). A read or a write whose connection broke is sent once more
 * within its time; both are harmless to do twice. Connections come back by themselves.
 */
export class RedisStore implements OnlineStore {
  /** In a cluster, few rows have hardly two in one slot. One server is kept at work while the next rows are made. */
  readonly rowsTogether: number
  readonly #times: RedisTimes
  readonly #readers: Servers
  readonly #reads: Reads
  /** A connection of their own: a read does not wait behind a batch, and has less patience. Most processes only read. */
  readonly #connectWriters: () => Promise<Servers>
  #writers: Promise<Servers> | null = null
  #writes: Writes | null = null
  readonly #writing = new Set<Promise<unknown>>()
  #closed = false

  private constructor(times: RedisTimes, readers: Servers, connectWriters: () => Promise<Servers>) {
    this.#times = times
    this.#readers = readers
    this.rowsTogether = readers.slots === 1 ? 2000 : 20_000
    this.#reads = new Reads(readers, times.readTimeout)
    this.#connectWriters = connectWriters
  }

  /**
   * Connects.
   *
   * @throws MeridianError `environment.unsupported` (the URL), `store.unavailable`, `store.timeout`, `store.refused`
   * @example
   * const store = await RedisStore.open({ url: 'rediss://pods:secret@redis.internal:6379' })
   */
  static async open({ url, cluster, tls = {}, ...given }: RedisOptions): Promise<RedisStore> {
    const address = redisAddress(url, cluster)
    const all = { ...times, ...given }
    const connect = (operation: Operation) => connectServers(address, tls, all, operation)
    return new RedisStore(all, await connect('read'), () => connect('write'))
  }

  // Not async: a promise around a promise costs a lone read some turns of the queue.
  read(keys: readonly string[]): Promise<readonly (Uint8Array | null)[]> {
    return this.#closed ? Promise.reject(closedError()) : this.#reads.read(keys)
  }

  async write(rows: readonly StoredRow[], signal?: AbortSignal): Promise<number> {
    this.#check()
    if (signal?.aborted) throw aborted(signal)
    if (rows.length === 0) return 0
    return this.#counted(this.#write(rows, signal))
  }

  async completeTick(view: string, layout: string, completed: CompletedTick): Promise<void> {
    await this.write([{ key: tickKey(view, layout), row: tickRow(completed), expiresIn: null }])
  }

  async completedTick(view: string, layout: string): Promise<CompletedTick | null> {
    const [row] = await this.read([tickKey(view, layout)])
    return row ? completedTickOf(row) : null
  }

  /** By the connections of writes: whoever asks is about to write, or has just written. */
  async incarnation(): Promise<string> {
    this.#check()
    const { writeTimeout } = this.#times
    return this.#counted(this.#connectedWriters().then(servers => incarnationOf(servers, writeTimeout)))
  }

  /** Waits for calls under way, for no longer than one of them may take. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const { readTimeout, writeTimeout } = this.#times
    let timer: NodeJS.Timeout | undefined
    const limit = new Promise<void>(resolve => {
      timer = setTimeout(resolve, this.#writing.size > 0 ? writeTimeout : readTimeout)
    })
    await Promise.race([Promise.all([this.#reads.idle(), Promise.allSettled(this.#writing)]), limit])
    clearTimeout(timer)
    this.#reads.close()
    this.#readers.close()
    const writers = await this.#writers?.catch(() => null)
    writers?.close()
  }

  async #counted<T>(work: Promise<T>): Promise<T> {
    this.#writing.add(work)
    try {
      return await work
    } finally {
      this.#writing.delete(work)
    }
  }

  async #write(rows: readonly StoredRow[], signal: AbortSignal | undefined): Promise<number> {
    if (!this.#writes) {
      const servers = await this.#connectedWriters()
      this.#writes ??= new Writes(servers, this.#times.writeTimeout)
    }
    return this.#writes.write(rows, () => {
      this.#check()
      if (signal?.aborted) throw aborted(signal)
    })
  }

  async #connectedWriters(): Promise<Servers> {
    this.#writers ??= this.#connectWriters()
    try {
      return await this.#writers
    } catch (error) {
      // The next call tries again.
      this.#writers = null
      throw error
    }
  }

  #check(): void {
    if (this.#closed) throw closedError()
  }
}
