import { entity, featureView, source, t } from 'meridian'

export const airport = entity('airport', { joinKeys: { origin: t.string() } })

export const landings = source('landings', {
  columns: { origin: t.string(), landed_at: t.timestamp() },
  eventTimestamp: 'landed_at',
})

const common = { entity: airport, source: landings } as const

export const hasty = featureView('hasty', {
  ...common,
  refresh: '5m',
  freshness: '4m',
  materialize: true,
  features: ({ count }) => ({ flights: count() }),
})

export const delayed = featureView('delayed', {
  ...common,
  refresh: '5m',
  delay: '90s',
  freshness: '6m',
  materialize: true,
  features: ({ count }) => ({ flights: count() }),
})

export const exactly = featureView('exactly', {
  ...common,
  refresh: '5m',
  delay: '90s',
  freshness: '390s',
  materialize: true,
  features: ({ count }) => ({ flights: count() }),
})

export const computed = featureView('computed', {
  ...common,
  refresh: '5m',
  freshness: '10m',
  features: ({ count }) => ({ flights: count() }),
})

export const wrong = featureView('wrong', {
  ...common,
  refresh: '5m',
  freshness: '10 minutes',
  materialize: true,
  features: ({ count }) => ({ flights: count() }),
})
