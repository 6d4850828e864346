/** Work of DuckDB that reports progress and that a signal interrupts. */
import type { DuckDBConnection } from '@duckdb/node-api'
import { aborted } from '../abort.ts'
import type { RunOptions } from './engine.ts'

export async function watched<T>(
  connection: DuckDBConnection,
  { signal, onProgress }: RunOptions,
  work: () => Promise<T>,
): Promise<T> {
  if (signal?.aborted) throw aborted(signal)
  // An interrupt between two statements is lost, so it is repeated until the work has ended.
  let repeated: NodeJS.Timeout | undefined
  const interrupt = () => {
    connection.interrupt()
    repeated = setInterval(() => connection.interrupt(), 20)
  }
  signal?.addEventListener('abort', interrupt)
  const timer = onProgress && setInterval(() => report(connection, onProgress), 100)
  try {
    return await work()
  } catch (error) {
    throw signal?.aborted ? aborted(signal) : error
  } finally {
    clearInterval(timer)
    clearInterval(repeated)
    signal?.removeEventListener('abort', interrupt)
  }
}

function report(connection: DuckDBConnection, onProgress: NonNullable<RunOptions['onProgress']>): void {
  const { percentage } = connection.progress
  if (percentage >= 0) onProgress({ fraction: Math.min(1, percentage / 100) })
}
