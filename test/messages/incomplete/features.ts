import { featureService, featureView, source, t } from 'meridian'

export const landings = source('landings', {
  columns: { origin: t.string(), landed_at: t.timestamp() },
})

export const originStats = featureView('origin_stats', {
  source: landings,
  features: ({ count }) => ({ flights: count('nothing') }),
})

export const flights = featureService('flights', [originStats, undefined])
