/** One connection to one Redis server, which mends itself. */
import type { Buffer } from 'node:buffer'
import { isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { Redis } from 'ioredis'
import { closedError, failureOf, type Operation, storeError, timeoutError } from './redis-errors.ts'

export interface NodeOptions {
  readonly username: string | undefined
  readonly password: string | undefined
  readonly database: number
  readonly tls: ConnectionOptions | null
  readonly operation: Operation
  /** Milliseconds, all three. */
  readonly connectTimeout: number
  /** After which a call is given up. */
  readonly timeout: number
  /** How long after that a connection is given up that answers nothing. */
  readonly grace: number
  /** Whether many commands go out in one turn, as they do in a cluster. */
  readonly manyCommands: boolean
}

/**
 * `mending`: there was a connection, or this is the first attempt, and none has failed since: calls wait for it, up to their deadline.
 * `down`: an attempt failed: calls fail at once until one succeeds.
 */
type State = 'mending' | 'ready' | 'down' | 'closed'

export type Argument = string | Buffer

export class RedisNode {
  readonly host: string
  readonly address: string
  readonly #options: NodeOptions
  readonly #client: Redis
  readonly #waiting = new Set<() => void>()
  #state: State = 'mending'
  #attempts = 0
  /** Why there is no connection. */
  #problem: Error = new Error('not connected yet')
  #corked = false

  constructor(host: string, port: number, options: NodeOptions) {
    this.host = host
    this.address = isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`
    this.#options = options
    const patience = options.timeout + options.grace
    this.#client = new Redis({
      host,
      port,
      username: options.username as string,
      password: options.password as string,
      db: options.database,
      ...(options.tls ? { tls: { ...(isIP(host) ? {} : { servername: host }), ...options.tls } } : {}),
      // The older protocol needs no right but AUTH, and proxies know it.
      protocol: 2,
      connectionName: 'meridian',
      disableClientInfo: true,
      connectTimeout: options.connectTimeout,
      // Calls have deadlines of their own; this one is for what they left behind, and for the driver's own commands.
      commandTimeout: patience,
      socketTimeout: patience,
      disconnectTimeout: options.connectTimeout,
      // Nothing is queued or sent again by the driver: it knows no deadline.
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      // The driver's check waits for whole seconds while a server loads its data. Ours is `#greet`.
      enableReadyCheck: false,
      lazyConnect: true,
      retryStrategy: () => this.#delay(),
    })
    this.#client.on('error', (error: Error) => {
      this.#problem = error
    })
    this.#client.on('ready', () => void this.#greet())
    this.#client.on('close', () => this.#lost())
    this.#client.connect().catch(() => {})
  }

  /** A connection that the server has ended takes no more, some turns before it is known to be closed. */
  get isReady(): boolean {
    return this.#state === 'ready' && this.#client.stream.writable
  }

  /** Resolves when commands may be sent. Throws when there is no connection, or none by the deadline. */
  async ready(deadline: number): Promise<void> {
    while (this.#state === 'mending' || (this.#state === 'ready' && !this.isReady)) {
      const left = deadline - performance.now()
      if (left <= 0) throw timeoutError(this.address, this.#options.operation)
      await new Promise<void>(resolve => {
        const done = () => {
          clearTimeout(timer)
          this.#waiting.delete(done)
          resolve()
        }
        const timer = setTimeout(done, left)
        this.#waiting.add(done)
      })
    }
    if (this.#state === 'closed') throw closedError()
    if (this.#state === 'down') throw storeError(this.#problem, this.address, this.#options.operation)
  }

  /** Sends one command. Replies are buffers. Rejects with the driver's error. */
  command(name: string, args: readonly Argument[], asking = false): Promise<unknown> {
    // To a single server few commands go out in one turn.
    if (this.#options.manyCommands && !this.#corked) this.#cork()
    if (asking) this.#client.asking().catch(() => {})
    return this.#client.callBuffer(name, args as Argument[])
  }

  /** Takes up a connection anew, since this one leads to a server that takes no writes any more. */
  reconnect(): void {
    if (this.#state === 'ready') this.#client.disconnect(true)
  }

  close(): void {
    this.#turn('closed')
    this.#client.disconnect()
  }

  /** What is sent in one turn goes out in one write to the socket. */
  #cork(): void {
    const { stream } = this.#client
    if (!stream) return
    this.#corked = true
    stream.cork()
    process.nextTick(() => {
      this.#corked = false
      stream.uncork()
    })
  }

  /** A server may take connections and serve nothing: it was paused, or loads its data. */
  async #greet(): Promise<void> {
    try {
      await this.#client.ping()
    } catch (error) {
      const failure = failureOf(error)
      const reason = failure.kind === 'refused' ? failure.code : null
      // No right to PING is an answer; no password, where one is asked for, is not.
      if (reason === null || reason === 'NOAUTH') {
        this.#problem = error as Error
        this.#client.disconnect(true)
        return
      }
    }
    if (this.#state === 'closed') return
    this.#attempts = 0
    this.#turn('ready')
  }

  #lost(): void {
    if (this.#state === 'ready') {
      this.#problem = new Error('the connection was lost')
      this.#turn('mending')
    } else if (this.#state === 'mending') this.#turn('down')
  }

  #turn(state: State): void {
    if (this.#state !== 'closed') this.#state = state
    if (state !== 'mending') for (const done of this.#waiting) done()
  }

  /** At once at first, then twice as long each time up to 400 ms, by chance, so that a fleet does not come back as one. */
  #delay(): number {
    this.#attempts += 1
    const longest = Math.min(10 * 2 ** (this.#attempts - 1), 400)
    return longest / 2 + (Math.random() * longest) / 2
  }
}
