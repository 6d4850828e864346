/**
 * The features of `bench/postgres-training.ts` by hand: counts, sums and declined counts of payments over four windows, as of the
 * instants of `spine`. Each is statements that end in one for `COPY`.
 */
export const windows = [
  ['1h', '1 hour'],
  ['1d', '1 day'],
  ['7d', '7 days'],
  ['30d', '30 days'],
] as const

const longest = windows[3][1]
const each = (column: (name: string, interval: string, index: number) => string) =>
  windows.map(([name, interval], index) => column(name, interval, index)).join(',\n    ')
const last = `(SELECT min(event_timestamp) - INTERVAL '${longest}' FROM spine)`

/** The rows of the longest window, found by the index on (user_id, paid_at), for each row of the spine. */
export const lateral = [
  `SELECT s.*, w.*
  FROM (SELECT * FROM spine ORDER BY user_id, event_timestamp) AS s
  CROSS JOIN LATERAL (
    SELECT
    ${each((name, interval) => {
      const inside = `p.paid_at > s.event_timestamp - INTERVAL '${interval}'`
      return `count(*) FILTER (WHERE ${inside}) AS payments_${name},
      sum(p.amount) FILTER (WHERE ${inside}) AS spent_${name},
      count(*) FILTER (WHERE p.status = 'declined' AND ${inside}) AS declined_${name}`
    })}
    FROM payments AS p
    WHERE p.user_id = s.user_id
      AND p.paid_at > s.event_timestamp - INTERVAL '${longest}'
      AND p.paid_at <= s.event_timestamp
  ) AS w
  ORDER BY s.__row`,
]

/** A payment enters all windows when it happens and leaves each when that is over: totals of what entered less what left. */
export const log = [
  `CREATE TEMP TABLE found ON COMMIT DROP AS
  WITH log AS (
    SELECT user_id, paid_at AS moment, NULL::BIGINT AS __row, ${each((_, __, index) => `1 AS n${index}, amount AS s${index}, (status = 'declined')::INTEGER AS d${index}`)}
    FROM payments
    WHERE paid_at > ${last}
    ${windows
      .map(
        (
          [, interval],
          own,
        ) => `UNION ALL SELECT user_id, paid_at + INTERVAL '${interval}', NULL, ${each((_, __, index) => (index === own ? `-1, -amount, -(status = 'declined')::INTEGER` : '0, 0, 0'))}
    FROM payments
    WHERE paid_at > ${last}`,
      )
      .join('\n    ')}
    UNION ALL SELECT user_id, event_timestamp, __row, ${each(() => '0, 0, 0')} FROM spine
  )
  SELECT * FROM (
    SELECT __row, ${each((name, _, index) => `sum(n${index}) OVER w AS payments_${name}, sum(s${index}) OVER w AS spent_${name}, sum(d${index}) OVER w AS declined_${name}`)}
    FROM log
    WINDOW w AS (PARTITION BY user_id ORDER BY moment, __row NULLS FIRST ROWS UNBOUNDED PRECEDING)
  ) AS totals
  WHERE __row IS NOT NULL`,
  `SELECT s.*, ${each(name => `payments_${name}, CASE WHEN payments_${name} > 0 THEN spent_${name} END AS spent_${name}, declined_${name}`)}
  FROM spine AS s JOIN found USING (__row)
  ORDER BY s.__row`,
]

/** Totals of each key up to each of its payments, and of the spine's instants and the starts of its windows. */
export const prefix = [
  `CREATE TEMP TABLE totals ON COMMIT DROP AS
  SELECT user_id, paid_at, count(*) OVER w AS n, sum(amount) OVER w AS s, count(*) FILTER (WHERE status = 'declined') OVER w AS d
  FROM payments
  WHERE paid_at > ${last}
  WINDOW w AS (PARTITION BY user_id ORDER BY paid_at, payment_id ROWS UNBOUNDED PRECEDING)`,
  `CREATE INDEX ON totals (user_id, paid_at DESC, n DESC) INCLUDE (s, d)`,
  `ANALYZE totals`,
  `SELECT s.*, ${each((name, _, index) => `coalesce(t.n, 0) - coalesce(t${index}.n, 0) AS payments_${name}, CASE WHEN coalesce(t.n, 0) > coalesce(t${index}.n, 0) THEN t.s - coalesce(t${index}.s, 0) END AS spent_${name}, coalesce(t.d, 0) - coalesce(t${index}.d, 0) AS declined_${name}`)}
  FROM (SELECT * FROM spine ORDER BY user_id, event_timestamp) AS s
  ${[['t', '0'], ...windows.map(([, interval], index) => [`t${index}`, interval])]
    .map(
      ([alias, interval]) => `LEFT JOIN LATERAL (
    SELECT n, s, d FROM totals
    WHERE user_id = s.user_id AND paid_at <= s.event_timestamp - INTERVAL '${interval}'
    ORDER BY paid_at DESC, n DESC LIMIT 1
  ) AS ${alias} ON TRUE`,
    )
    .join('\n  ')}
  ORDER BY s.__row`,
]
