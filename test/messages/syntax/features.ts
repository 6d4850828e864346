import { entity, t } from 'meridian'

export const airport = entity('airport', { joinKeys: { origin: t.string( } })
