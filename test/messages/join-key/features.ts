import { entity, featureView, source, t } from 'meridian'

export const airport = entity('airport', { joinKeys: { airport_id: t.int64(), origin: t.int64() } })
export const moment = entity('moment', { joinKeys: { landed_at: t.timestamp() } })

export const landings = source('landings', {
  columns: { origin: t.string(), delay: t.int32(), distance: t.int32(), fare: t.decimal(12, 2), landed_at: t.timestamp(), flight: t.int64() },
  eventTimestamp: 'landed_at',
  tieBreak: ['flight'],
})

export const originStats = featureView('origin_stats', {
  entity: airport, source: landings,
  features: ({ avg, count, last, max, min, ratio, sum }) => ({
    flights: count(),
  }),
})

export const mapped = featureView('mapped', {
  entity: airport, source: landings, joinKeys: { airport_id: 'fligth', origin: 'delay', destination: 'origin' },
  features: ({ avg, count, last, max, min, ratio, sum }) => ({
    flights: count(),
  }),
})
