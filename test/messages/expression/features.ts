import { entity, featureView, source, t, when } from 'meridian'

export const airport = entity('airport', { joinKeys: { origin: t.string() } })

export const landings = source('landings', {
  columns: { origin: t.string(), delay: t.int32(), distance: t.int32(), fare: t.decimal(12, 2), landed_at: t.timestamp(), flight: t.int64() },
  eventTimestamp: 'landed_at',
  tieBreak: ['flight'],
})

export const originStats = featureView('origin_stats', {
  entity: airport, source: landings,
  features: ({ avg, count, max, sum }) => ({
    a: sum(row => row.origin.plus(1)),
    b: sum(row => row.fare.plus('1.005x')),
    c: count().where(row => row.delay.eq(row.origin)),
    d: max(row => when(row.delay.gt(1)).then('late').otherwise(2)),
    e: avg(row => row.flight.plus(1.5)),
    f: count().where(row => row.delay.gt()),
    g: avg(row => row.delay.startsWith('1').length()),
    fine: sum(row => row.delay.times(1.5).plus(row.fare)),
  }),
})
