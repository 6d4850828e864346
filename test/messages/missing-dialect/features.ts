import { entity, source, sql, sqlFeatureView, t } from 'meridian'

export const airport = entity('airport', { joinKeys: { origin: t.string() } })

export const landings = source('landings', {
  columns: { origin: t.string(), delay: t.int32(), distance: t.int32(), fare: t.decimal(12, 2), landed_at: t.timestamp(), flight: t.int64() },
  eventTimestamp: 'landed_at',
  tieBreak: ['flight'],
})

export const delays = sqlFeatureView('delays', {
  entity: airport,
  query: { postgres: sql`SELECT origin, landed_at, delay FROM ${landings}` },
  eventTimestamp: 'landed_at',
  tieBreak: ['delay'],
  features: ({ column }) => ({ delay: column(t.int32()) }),
})
