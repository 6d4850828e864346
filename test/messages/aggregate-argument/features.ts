import { entity, featureView, source, t } from 'meridian'

export const airport = entity('airport', { joinKeys: { origin: t.string() } })

export const landings = source('landings', {
  columns: { origin: t.string(), tags: t.list(t.string()), landed_at: t.timestamp() },
  eventTimestamp: 'landed_at',
})

export const originStats = featureView('origin_stats', {
  entity: airport, source: landings,
  features: ({ avg, countDistinct, max, sum }) => ({
    total: sum('origin').over('1h'),
    distinct: countDistinct('tags').default(0),
    best: max(row => row.origin.eq('SEA')),
    mean: avg(),
  }),
})
