/** How many rows of given layouts a Redis holds: every key of it is looked at, a thousand at a time. */
import { redisAddress } from './redis-address.ts'
import { connectServers } from './redis-connect.ts'
import { run } from './redis-servers.ts'

export interface CountedLayout {
  readonly view: string
  readonly layout: string
}

/** Milliseconds: a scan waits for no request. */
const times = { readTimeout: 5_000, writeTimeout: 5_000, connectTimeout: 5_000, grace: 100 }

/**
 * The number of rows of each layout, in their order. Rows that are written or expire meanwhile may or may not count.
 * Needs the right `+scan`.
 *
 * @throws MeridianError `environment.unsupported` (the URL), `store.unavailable`, `store.timeout`, `store.refused`
 * @example
 * const [rows] = await countRows('redis://localhost:6379', [{ view: 'origin_stats', layout: '118951873d87' }])
 */
export async function countRows(url: string, layouts: readonly CountedLayout[]): Promise<number[]> {
  const servers = await connectServers(redisAddress(url), {}, times, 'read')
  try {
    const ends = new Map(layouts.map(({ view, layout }, index) => [`${view}:${layout}`, index]))
    const counts = layouts.map(() => 0)
    for (const slot of await servers.places()) {
      let cursor = '0'
      do {
        const deadline = performance.now() + times.readTimeout
        // Rows begin with a brace; records of ticks, which hold the same names, do not.
        const args = [cursor, 'MATCH', '{*}:*:*', 'COUNT', '1000']
        const reply = await run(servers, slot, deadline, 'read', node => node.command('scan', args))
        const [next, keys] = reply as [Buffer, readonly Buffer[]]
        cursor = String(next)
        for (const key of keys) {
          const text = String(key)
          const index = ends.get(text.slice(text.lastIndexOf('}') + 2))
          if (index !== undefined) counts[index] = (counts[index] as number) + 1
        }
      } while (cursor !== '0')
    }
    return counts
  } finally {
    servers.close()
  }
}
