import { entity, featureView, onDemandFeatureView, source, t } from 'meridian'

export const airport = entity('airport', { joinKeys: { origin: t.string() } })
export const landings = source('landings', {
  columns: { origin: t.string(), tags: t.list(t.string()), landed_at: t.timestamp() },
  eventTimestamp: 'landed_at',
  tieBreak: ['origin'],
})
export const originStats = featureView('origin_stats', {
  entity: airport,
  source: landings,
  features: ({ last }) => ({ tags: last('tags') }),
})

let calls = 0
const recent: number[] = []
const cache = new Map<number, number>()
const seen = { rows: [] as number[] }
const word = /late/g
const words = /early/

/** Filled once, which is fine. */
const squares = new Map<number, number>()
for (let n = 0; n < 10; n += 1) squares.set(n, n * n)

function cached(key: number): number {
  const known = cache.get(key) ?? key * 2
  cache.set(key, known)
  return known
}

const counter = (() => {
  let count = 0
  return () => {
    count += 1
    return count
  }
})()

class Meter {
  #total = 0
  readonly parts: number[] = []
  add(value: number): number {
    this.#total += value
    return this.#total
  }
}
const meter = new Meter()

/** Harmless: what it changes is its own. */
function summed(values: readonly number[]): number {
  let total = 0
  const rows: number[] = []
  for (const value of values) rows.push(value)
  for (const row of rows) total += row
  rows.forEach(row => {
    total += row
  })
  return total + new Meter().parts.length
}

const decimals = { add: (a: number, b: number) => a + b }

export const risk = onDemandFeatureView('risk', {
  request: { distance: t.int32(), payload: t.json() },
  inputs: { originStats },
  features: ({ feature }) => {
    const factor = 3
    return {
      calls: feature(t.int32(), () => {
        calls += 1
        return calls
      }),
      recent: feature(t.int32(), ({ request }) => recent.push(request.distance)),
      cached: feature(t.int32(), ({ request }) => cached(request.distance)),
      seen: feature(t.int32(), ({ request }) => {
        const { rows } = seen
        rows[0] = request.distance
        return rows.length
      }),
      counted: feature(t.int32(), () => counter()),
      metered: feature(t.int32(), ({ request }) => meter.add(request.distance)),
      matched: feature(t.boolean(), () => word.test('late') || words.test('early')),
      sorted: feature(t.string(), ({ originStats: { tags } }) => (tags as string[]).sort().join()),
      assigned: feature(t.int32(), input => {
        ;(input.request as { distance: number }).distance = 1
        return input.request.distance
      }),
      inner: feature(t.int32(), ({ request }) => request.distance * factor),
      fine: feature(t.int32(), ({ request }) => {
        const sorted = [3, 1, request.distance].sort()
        return summed(sorted) + (squares.get(3) ?? 0) + decimals.add(1, 2)
      }),
    }
  },
})
