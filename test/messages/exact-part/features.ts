import { entity, featureView, source, t } from 'meridian'

export const airport = entity('airport', { joinKeys: { origin: t.string() } })

export const landings = source('landings', {
  columns: { origin: t.string(), delay: t.int32(), landed_at: t.timestamp() },
  eventTimestamp: 'landed_at',
})

export const originStats = featureView('origin_stats', {
  entity: airport,
  source: landings,
  features: ({ count }) => ({
    method: count().where(row => row.delay.plus(1).gt(3).and(row.origin.plus(1).gt(3))),
    constant: count().where(row => row.delay.eq(1).or(row.origin.eq(1))),
    negative: count().where(row => row.delay.gt(5).or(row.origin.eq(-5))),
    since: count().where(row => row.landed_at.secondsSince(row.delay).gt(1)),
    picked: count().where(({ dely }) => dely.gt(15)),
    wide: count().where(row => row.origin.eq('東京').or(row.dely.gt(1))),
    between: count().where(row => row.delay.gte(1).and(row.origin.between(1, 2))),
  }),
})
