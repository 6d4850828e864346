import { entity, featureView, source, t } from 'meridian'

export const airport = entity('airport', { joinKeys: { origin: t.string() } })

export const landings = source('landings', {
  columns: { airport: t.string(), delay: t.int32(), landed_at: t.timestamp() },
  eventTimestamp: 'landed_at',
})

export const originStats = featureView('origin_stats', {
  entity: airport,
  source: landings,
  joinKeys: { origin: 'airport' },
  features: ({ first, last }) => ({
    last_landed: last('landed_at'),
    first_year: first(row => row.landed_at.year()),
    name: last('airport'),
    last_delay: last('delay'),
  }),
})
