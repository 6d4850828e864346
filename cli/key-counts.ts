/** How many keys a plan is about, counted where they are. */
import type { Plan, StoredRows } from '../compiler/change/change.ts'
import { MeridianError } from '../runtime/errors.ts'
import { CommandError, exitCodes } from './exit-codes.ts'

export interface KeyCounts {
  /** Null where it was not counted. */
  of(rows: StoredRows): number | null
}

/** Rows that are to be written are as many as those they take the place of; where there are none, nobody knows. */
export async function keyCounts({ changes }: Plan): Promise<KeyCounts> {
  const url = process.env.MERIDIAN_REDIS_URL ?? ''
  if (url === '')
    throw new CommandError(exitCodes.invocation, '--count needs MERIDIAN_REDIS_URL, the Redis to count keys in')
  const costs = changes.flatMap(({ cost }) => (cost ? [cost] : []))
  const orphans = costs.flatMap(({ orphan }) => (orphan ? [orphan] : []))
  const counts = new Map<string, number>()
  try {
    const { countRows } = await import('../runtime/online/redis-count.ts')
    if (orphans.length > 0)
      for (const [index, rows] of (await countRows(url, orphans)).entries())
        counts.set((orphans[index] as StoredRows).pattern, rows)
  } catch (error) {
    if (error instanceof MeridianError) throw new CommandError(exitCodes.invocation, `--count: ${error.message}`)
    throw error
  }
  return {
    of({ pattern }) {
      const replaced = costs.find(({ write }) => write?.pattern === pattern)?.orphan
      return counts.get(pattern) ?? counts.get(replaced?.pattern ?? '') ?? null
    },
  }
}
