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
  const counts = await countLayouts(url, new Set(layouts.map(({ view }) => view)))
  return layouts.map(({ view, layout }) => counts.get(view)?.get(layout) ?? 0)
}

/**
 * The same for all layouts of views that there are rows of: rows by layout, by view.
 *
 * @example
 * const counts = await countLayouts('redis://localhost:6379', new Set(['origin_stats']))
 */
export async function countLayouts(
  url: string,
  views: ReadonlySet<string>,
): Promise<ReadonlyMap<string, ReadonlyMap<string, number>>> {
  const servers = await connectServers(redisAddress(url), {}, times, 'read')
  try {
    const counts = new Map<string, Map<string, number>>()
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
          const [view = '', layout = ''] = text.slice(text.lastIndexOf('}') + 2).split(':')
          // Others may have keys of the same form: what is no fingerprint is no layout.
          if (!views.has(view) || !/^[0-9a-f]+$/.test(layout)) continue
          const ofView = counts.get(view) ?? new Map<string, number>()
          counts.set(view, ofView.set(layout, (ofView.get(layout) ?? 0) + 1))
        }
      } while (cursor !== '0')
    }
    return counts
  } finally {
    servers.close()
  }
}
