import { entity, featureView, source, t } from 'meridian'

export const airport = entity('airport', { joinKeys: { origin: t.string() } })

export const landings = source('landings', {
  columns: { origin: t.string(), delay: t.int32(), distance: t.int32(), fare: t.decimal(12, 2), landed_at: t.timestamp(), flight: t.int64() },
  eventTimestamp: 'landed_at',
  tieBreak: ['flight'],
})

export const originStats = featureView('origin_stats', {
  entity: airport, source: landings,
  delay: '30s',
  features: ({ avg, count, last, max, min, ratio, sum }) => ({
    flights: count(),
  }),
})

export const shifted = featureView('shifted', {
  entity: airport, source: landings,
  offset: '2h',
  features: ({ avg, count, last, max, min, ratio, sum }) => ({
    flights: count(),
  }),
})
