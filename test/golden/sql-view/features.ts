/** The author's own queries, used verbatim. */
import { entity, source, sql, sqlFeatureView, t } from 'meridian'

export const route = entity('route', { joinKeys: { origin: t.string(), destination: t.string() } })

export const landings = source('landings', {
  columns: { origin: t.string(), destination: t.string(), delay: t.int32(), landed_at: t.timestamp() },
  eventTimestamp: 'landed_at',
  duckdb: sql`SELECT 'SEA' AS origin, 'JFK' AS destination, 7::INTEGER AS delay, TIMESTAMP '2001-01-01' AS landed_at`,
})

/** The typical delay of an hour, known when the hour is over. */
export const routeDelays = sqlFeatureView('route_delays', {
  entity: route,
  query: sql`
    SELECT
      origin,
      destination,
      date_trunc('hour', landed_at) + INTERVAL '1 hour' AS hour_end,
      percentile_cont(0.5) WITHIN GROUP (ORDER BY delay) AS median_delay_1h, -- one of many lines
      'a text
  of two lines' AS remark
    FROM ${landings}
    GROUP BY origin, destination, hour_end
  `,
  eventTimestamp: 'hour_end',
  tieBreak: ['median_delay_1h'],
  ttl: '2h',
  refresh: '1h',
  delay: '5m',
  materialize: true,
  features: ({ column }) => ({
    /** Median delay of the hour, in minutes. */
    median_delay_1h: column(t.float64()).default(0),
    remark: column(t.string()),
  }),
})

/** With a created timestamp, a tie-break of its own, and one text for each dialect. */
export const routeNotes = sqlFeatureView('route_notes', {
  entity: route,
  query: {
    duckdb: sql`SELECT origin, destination, landed_at, landed_at + INTERVAL 1 MINUTE AS noted_at, 1::BIGINT AS note_id, delay FROM ${landings}`,
    postgres: sql`SELECT origin, destination, landed_at, landed_at + INTERVAL '1 minute' AS noted_at, 1::BIGINT AS note_id, delay FROM ${landings}`,
  },
  eventTimestamp: 'landed_at',
  createdTimestamp: 'noted_at',
  tieBreak: ['note_id'],
  columns: { note_id: t.int64() },
  features: ({ column }) => ({ delay: column(t.int32()) }),
})
