/** Views that are computed when they are read: a lookup in place of stored rows. */
import { entity, featureView, source, t } from 'meridian'

export const device = entity('device', { joinKeys: { site: t.string(), device_id: t.int64() } })

export const readings = source('readings', {
  columns: { site: t.string(), device_id: t.int64(), celsius: t.float64(), status: t.string(), read_at: t.timestamp() },
  eventTimestamp: 'read_at',
  tieBreak: ['status'],
  duckdb: { parquet: 'data/readings/*.parquet' },
})

export const lastReading = featureView('last_reading', {
  entity: device,
  source: readings,
  ttl: '1h',
  features: ({ last }) => ({ celsius: last('celsius'), status: last('status').default('silent') }),
})

/** It has ticks, but nothing is stored: in both accuracies it is read as of the instant itself. */
export const readingStats = featureView('reading_stats', {
  entity: device,
  source: readings,
  refresh: '5m',
  features: ({ count, max, sum }) => ({
    readings_1h: count().over('1h'),
    alarms_1h: count()
      .where(row => row.status.eq('alarm'))
      .over('1h'),
    degrees_1h: sum('celsius').over('1h'),
    hottest_ever: max('celsius'),
  }),
})
