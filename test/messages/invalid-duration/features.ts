import { entity, featureView, source, t } from 'meridian'

export const airport = entity('airport', { joinKeys: { origin: t.string() } })

export const landings = source('landings', {
  columns: { origin: t.string(), delay: t.int32(), distance: t.int32(), fare: t.decimal(12, 2), landed_at: t.timestamp(), flight: t.int64() },
  eventTimestamp: 'landed_at',
  tieBreak: ['flight'],
})

export const originStats = featureView('origin_stats', {
  entity: airport, source: landings,
  ttl: 'a week',
  refresh: '0.5us',
  offset: '1month',
  delay: 60,
  features: ({ avg, count, last, max, min, ratio, sum }) => ({
    flights: count().over('2 hours'),
    share: ratio(count().over('0s'), count().over('-1h')),
  }),
})
