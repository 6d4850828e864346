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
    avg_delay_2h: avg('dely').over('2h'),
    far: count().where(row => row.distnce.gt(1000).and(row.delay.gt(15))).over('1d'),
    share: ratio(count().where(row => row['Delay'].gt(15)), count('nothing_like_it')),
  }),
})
