/** Work on a connection that always ends: bounded in time, and cancelled on the server when a signal says so. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { aborted } from '../abort.ts'
import type { PostgresConnection } from './postgres-pool.ts'

/** Milliseconds that cancelled work has to end before its connection is ended for it. */
const patience = 3_000
const betweenCancels = 50

/** The server said nothing at all, not even that its own bound was passed. */
export class Unanswered extends Error {
  constructor(milliseconds: number) {
    super(`there was no answer within ${milliseconds} ms`)
    this.name = 'Unanswered'
  }
}

/** Runs work; where it takes longer, ends the connection, which fails whatever still waits for it. */
export async function within<T>(
  client: { end(): Promise<void> },
  milliseconds: number,
  work: () => Promise<T>,
): Promise<T> {
  let late = false
  const timer = setTimeout(() => {
    late = true
    void client.end()
  }, milliseconds)
  try {
    return await work()
  } catch (error) {
    throw late ? new Unanswered(milliseconds) : error
  } finally {
    clearTimeout(timer)
  }
}

/** Runs work that the signal cancels. A connection whose work was cancelled must not be used again. */
export async function cancellable<T>(
  connection: PostgresConnection,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (!signal) return work()
  if (signal.aborted) throw aborted(signal)
  let reject: (reason: unknown) => void = () => {}
  const outOfPatience = new Promise<never>((_, rejected) => {
    reject = rejected
  })
  let ended = false
  let timer: NodeJS.Timeout | undefined
  const cancel = () => {
    void cancelUntil(connection, () => ended)
    // A server that is paused or gone cancels nothing, and rows may be awaited that never come.
    timer = setTimeout(() => {
      void connection.client.end()
      reject(aborted(signal))
    }, patience)
  }
  signal.addEventListener('abort', cancel)
  try {
    const value = await Promise.race([work(), outOfPatience])
    signal.throwIfAborted()
    return value
  } catch (error) {
    throw signal.aborted ? aborted(signal) : error
  } finally {
    ended = true
    clearTimeout(timer)
    signal.removeEventListener('abort', cancel)
  }
}

/** Cancels what a connection that is given up still does, so that the server is free at once. Never fails. */
export async function cancelRest(connection: PostgresConnection, busy: () => boolean): Promise<void> {
  const started = performance.now()
  await cancelUntil(connection, () => !busy() || performance.now() - started > patience)
}

/**
 * Cancels the last statement of a connection that was ended: before version 14, a server does not notice that its client is gone
 * while it runs one. Never fails.
 */
export async function cancelLast(connection: PostgresConnection): Promise<void> {
  let left = 1
  await cancelUntil(connection, () => left-- === 0)
}

/** A cancellation between two statements is lost, so it is repeated, on a connection outside the pool, which may be full. */
async function cancelUntil({ config, pid }: PostgresConnection, ended: () => boolean): Promise<void> {
  const client = new Client({ ...config, connectionTimeoutMillis: patience, query_timeout: patience })
  client.on('error', () => {})
  try {
    await client.connect()
    while (!ended()) {
      await client.query('SELECT pg_cancel_backend($1)', [pid])
      await sleep(betweenCancels)
    }
  } catch {
    // The connection's end does it then.
  } finally {
    void client.end().catch(() => {})
  }
}
