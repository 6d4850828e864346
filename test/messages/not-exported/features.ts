import { entity, featureService, featureView, source, sql, sqlFeatureView, t } from 'meridian'

export const airport = entity('airport', { joinKeys: { origin: t.string() } })

const landings = source('landings', {
  columns: { origin: t.string(), delay: t.int32(), distance: t.int32(), fare: t.decimal(12, 2), landed_at: t.timestamp(), flight: t.int64() },
  eventTimestamp: 'landed_at',
  tieBreak: ['flight'],
})

const originStats = featureView('origin_stats', {
  entity: airport, source: landings,
  features: ({ avg, count, last, max, min, ratio, sum }) => ({
    flights: count(),
  }),
})

export const routeDelays = sqlFeatureView('route_delays', {
  entity: airport,
  query: sql`SELECT origin, landed_at, delay FROM ${landings}`,
  eventTimestamp: 'landed_at',
  tieBreak: ['delay'],
  features: ({ column }) => ({ delay: column(t.int32()) }),
})

export const flights = featureService('flights', [routeDelays, originStats])
