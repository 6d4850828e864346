import { entity, featureService, featureView, source, t } from 'meridian'

export const airport = entity('airport', { joinKeys: { origin: t.string() } })

export const landings = source('landings', {
  columns: { origin: t.string(), delay: t.int32(), distance: t.int32(), fare: t.decimal(12, 2), landed_at: t.timestamp(), flight: t.int64() },
  eventTimestamp: 'landed_at',
  tieBreak: ['flight'],
})

export const user = entity('user', { joinKeys: { user_id: t.int64() } })
export const clicks = source('clicks', {
  columns: { user_id: t.int64(), clicked_at: t.timestamp() },
  eventTimestamp: 'clicked_at',
})
export const agent = entity('agent', { joinKeys: { user_id: t.string() } })

export const originStats = featureView('origin_stats', {
  entity: airport, source: landings,
  features: ({ avg, count, last, max, min, ratio, sum }) => ({
    total: count(),
    user_id: count(),
  }),
})

export const userStats = featureView('user_stats', {
  entity: user, source: clicks,
  features: ({ avg, count, last, max, min, ratio, sum }) => ({
    total: count().over('1d'),
    origin: count(),
  }),
})

export const agentStats = featureView('agent_stats', {
  entity: agent, source: landings, joinKeys: { user_id: 'origin' },
  features: ({ avg, count, last, max, min, ratio, sum }) => ({
    calls: count(),
  }),
})

export const both = featureService('both', [originStats, userStats])
export const keys = featureService('keys', [userStats, agentStats])
