import { entity, featureView, source, t } from 'meridian'

export const airport = entity('airport', { joinKeys: { origin: t.string() } })

export const tagged = source('tagged', {
  columns: { origin: t.string(), tags: t.list(t.string()), at: t.timestamp() },
  eventTimestamp: 'at',
  tieBreak: ['origin'],
})

export const originStats = featureView('origin_stats', {
  entity: airport, source: tagged,
  features: ({ last }) => ({
    tags: last('tags').default('none'),
  }),
})
