import { entity, featureView, onDemandFeatureView, source, t } from 'meridian'

export const airport = entity('airport', { joinKeys: { origin: t.string() } })

export const landings = source('landings', {
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

export const risk = onDemandFeatureView('risk', {
  request: { distance: t.int32() },
  inputs: { originStats },
  features: ({ feature }) => ({
    per_mile: feature(t.float64(), ({ request, originStats }) => originStats.flights / request.distance).default('none'),
  }),
})
