import { entity, featureService, featureView, source, t } from 'meridian'

export const nobody = entity('nobody', { joinKeys: {} })
export const landings = source('landings', { columns: { landed_at: t.timestamp() }, eventTimestamp: 'landed_at' })
export const nothing = source('nothing', { columns: {}, eventTimestamp: 'landed_at' })

export const stats = featureView('stats', { entity: nobody, source: landings, features: () => ({}) })

export const idle = featureService('idle', [])
