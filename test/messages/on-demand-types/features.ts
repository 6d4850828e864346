import { entity, featureView, onDemandFeatureView, source, t } from 'meridian'

export const airport = entity('airport', { joinKeys: { origin: t.string() } })
export const landings = source('landings', {
  columns: { origin: t.string(), delay: t.int32(), landed_at: t.timestamp() },
  eventTimestamp: 'landed_at',
})
export const originStats = featureView('origin_stats', {
  entity: airport,
  source: landings,
  features: ({ avg, count }) => ({ flights: count().over('2h'), delay: avg('delay') }),
})

const label = (delay: number): string => (delay > 15 ? 'late' : 'on time')

export const risk = onDemandFeatureView('risk', {
  request: { distance: t.int64() },
  inputs: { stats: originStats.pick('delay') },
  features: ({ feature }) => ({
    // @ts-expect-error text where a number is declared
    text: feature(t.float64(), ({ stats }) => label(stats.delay ?? 0)),
    // @ts-expect-error an int64 is a bigint
    whole: feature(t.int32(), ({ request }) => request.distance),
    // @ts-expect-error nothing is returned of short distances
    sometimes: feature(t.float64(), ({ request }) => {
      if (request.distance > 100n) return Number(request.distance)
    }),
    // @ts-expect-error a decimal is text
    decimal: feature(t.decimal(12, 2), ({ stats }) => stats.delay),
    // @ts-expect-error no such request column
    request: feature(t.int64(), ({ request }) => request.distanc),
    // @ts-expect-error no such input
    input: feature(t.float64(), ({ originStats: stats }) => stats.delay),
    // @ts-expect-error it is not picked
    picked: feature(t.float64(), ({ stats: { flights } }) => flights),
    // @ts-expect-error no such feature
    feature: feature(t.float64(), given => given.stats.dely),
    // @ts-expect-error no such argument
    clock: feature(t.timestamp(), ({ today }) => today),
    fine: feature(t.json(), ({ request, now, ...rest }) => ({ distance: Number(request.distance), at: +now, ...rest.stats })),
  }),
})
