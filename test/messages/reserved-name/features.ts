import { entity, featureView, source, t } from 'meridian'

export const airport = entity('airport', { joinKeys: { origin: t.string(), event_timestamp: t.string() } })
export const landings = source('landings', {
  columns: { origin: t.string(), code__icao: t.string(), landed_at: t.timestamp() },
  eventTimestamp: 'landed_at',
})

export const originStats = featureView('origin_stats', {
  entity: airport,
  source: landings,
  joinKeys: { event_timestamp: 'code__icao' },
  features: ({ avg, count, last, max, min, ratio, sum }) => ({
    flights__2h: count(),
  }),
})
