import { entity, source, sql, sqlFeatureView, t } from 'meridian'

export const airport = entity('airport', { joinKeys: { origin: t.string() } })

export const landings = source('landings', {
  columns: { origin: t.string(), hour: t.int32(), known: t.string() },
  eventTimestamp: 'hour',
  createdTimestamp: 'known',
})
export const hourly = sqlFeatureView('hourly', {
  entity: airport,
  query: sql`SELECT origin, hour, known FROM ${landings}`,
  eventTimestamp: 'hour',
  tieBreak: ['known', 'minute', 'shape'],
  columns: { known: t.string(), shape: t.json() },
  features: ({ column }) => ({ hour: column(t.int32()) }),
})
