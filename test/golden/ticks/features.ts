/** When values are refreshed: every refresh since the epoch, shifted by an offset, online a delay later. */
import { entity, featureService, featureView, source, t } from 'meridian'

export const meter = entity('meter', { joinKeys: { meter_id: t.string() } })

export const pulses = source('pulses', {
  columns: { meter_id: t.string(), energy: t.int64(), at: t.timestamp() },
  eventTimestamp: 'at',
  tieBreak: ['energy'],
})

export const often = featureView('often', {
  entity: meter,
  source: pulses,
  ttl: '10m',
  refresh: '30s',
  delay: '5s',
  freshness: '2m',
  materialize: true,
  features: ({ last }) => ({ last_energy: last('energy') }),
})

/** At half past one in the morning, promised by two. */
export const nightly = featureView('nightly', {
  entity: meter,
  source: pulses,
  refresh: '1d',
  offset: '90m',
  delay: '30m',
  freshness: '25h',
  materialize: true,
  features: ({ sum }) => ({ energy_1d: sum('energy').over('1d') }),
})

export const never = featureView('never', {
  entity: meter,
  source: pulses,
  features: ({ count }) => ({ pulses_1h: count().over('1h') }),
})

export const meters = featureService('meters', [often, nightly, never])
