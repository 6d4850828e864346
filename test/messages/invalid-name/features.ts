import { entity, featureView, source, t } from 'meridian'

export const airport = entity('air port', { joinKeys: { 'origin-code': t.string() } })

export const landings = source('landings', {
  columns: { origin: t.string(), delay: t.int32(), distance: t.int32(), fare: t.decimal(12, 2), landed_at: t.timestamp(), flight: t.int64() },
  eventTimestamp: 'landed_at',
  tieBreak: ['flight'],
})

export const originStats = featureView('1st', {
  entity: airport, source: landings, joinKeys: { 'origin-code': 'origin' },
  features: ({ avg, count, last, max, min, ratio, sum }) => ({
    '2h_flights': count(),
  }),
})
