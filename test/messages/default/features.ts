import { entity, featureView, source, t } from 'meridian'

export const airport = entity('airport', { joinKeys: { origin: t.string() } })

export const landings = source('landings', {
  columns: { origin: t.string(), delay: t.int32(), distance: t.int32(), fare: t.decimal(12, 2), landed_at: t.timestamp(), flight: t.int64() },
  eventTimestamp: 'landed_at',
  tieBreak: ['flight'],
})

export const originStats = featureView('origin_stats', {
  entity: airport, source: landings,
  features: ({ avg, count, last, max, min, ratio, sum }) => ({
    flights: count().default('none'),
    fare: max('fare').default('0.001'),
    delay: last('delay').default(2 ** 31),
    landed: last('landed_at').default('2024-01-01'),
    tag: last('origin').default(null),
    share: ratio(count(), count()).default(true),
  }),
})
