import { entity, t } from 'meridian'

const airport = entity('airport', { joinKeys: { origin: t.string() } })
