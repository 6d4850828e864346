import { entity, featureView, source, sql, sqlFeatureView, t } from 'meridian'

export const airport = entity('airport', { joinKeys: { origin: t.string() } })

export const landings = source('landings', {
  columns: { origin: t.string(), delay: t.int32(), distance: t.int32(), fare: t.decimal(12, 2), landed_at: t.timestamp(), flight: t.int64() },
  eventTimestamp: 'landed_at',
})

export const originStats = featureView('origin_stats', {
  entity: airport, source: landings,
  features: ({ count, first, last }) => ({
    flights: count(),
    last_delay: last('delay'),
    first_delay: first('delay').default(0),
  }),
})

export const delays = sqlFeatureView('delays', {
  entity: airport,
  query: sql`SELECT origin, landed_at, delay FROM ${landings}`,
  eventTimestamp: 'landed_at',
  features: ({ column }) => ({ delay: column(t.int32()) }),
})
