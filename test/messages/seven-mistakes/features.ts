import { entity, featureView, source, t } from 'meridian'

export const airport = entity('airport', { joinKeys: { origin: t.string() } })

export const landings = source('landings', {
  columns: { origin: t.string(), delay: t.int32(), fare: t.decimal(40, 2), landed_at: t.timestamp() },
  eventTimestamp: 'landed_at',
})

export const originStats = featureView('origin_stats', {
  entity: airport, source: landings,
  ttl: '7d',
  refresh: '5m',
  materialize: true,
  features: ({ avg, count, last, max, min, ratio, sum }) => ({
    /** Mean delay of the last two hours. */
    avg_delay_2h: avg('dely').over('2h'),
    late_2h: count().where(row => row.delay.minus(15)).over('2h'),
    flights_1d: count().over('1 day').default(0),
    origins: sum('origin').over('1d'),
    last_delay: last('delay').default('late'),
  }),
})
