import { entity, source, sql, sqlFeatureView, t } from 'meridian'

export const airport = entity('airport', { joinKeys: { origin: t.string() } })

export const landings = source('Spine', {
  columns: { origin: t.string(), landed_at: t.timestamp() },
  eventTimestamp: 'landed_at',
})

export const keys = sqlFeatureView('keys', {
  entity: airport,
  eventTimestamp: 'landed_at',
  tieBreak: ['landed_at'],
  query: sql`SELECT origin, landed_at, 1 AS one FROM ${landings}`,
  features: ({ column }) => ({ one: column(t.int32()) }),
})
