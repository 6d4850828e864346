-- The values of the flights service, written by hand for this data and nothing else: no choice of accuracy, no closing
-- rows but zeros to start from, one pass over the flights into a table, bounds from VALUES.
CREATE TEMP TABLE flown AS
SELECT origin, destination, delay::INTEGER AS delay, distance::INTEGER AS distance,
  (date + to_seconds(1800 + 8 * distance))::TIMESTAMP AS landed_at
FROM read_parquet('node_modules/vega-datasets/data/flights-3m.parquet')
WHERE date + to_seconds(1800 + 8 * distance) > (SELECT min(event_timestamp) FROM spine) - INTERVAL 30 DAYS
  AND date + to_seconds(1800 + 8 * distance) <= (SELECT max(event_timestamp) FROM spine)
;
CREATE TEMP TABLE origin_stats__features AS
WITH
totals AS (
  SELECT origin, moment, sum(n) OVER seen AS n, sum(late) OVER seen AS late, sum(c) OVER seen AS c, sum(s) OVER seen AS s
  FROM (
    SELECT origin, landed_at AS moment, count(*) AS n, count(*) FILTER (WHERE delay > 15) AS late, count(delay) AS c, coalesce(sum(delay), 0) AS s
    FROM flown
    GROUP BY ALL
    UNION ALL
    SELECT DISTINCT origin, TIMESTAMP '-infinity', 0, 0, 0, 0 FROM flown
  )
  WINDOW seen AS (ORDER BY origin, moment ROWS UNBOUNDED PRECEDING)
),
hits AS (
  SELECT
    __row,
    max(n) FILTER (WHERE slot = 0) AS n0, max(n) FILTER (WHERE slot = 1) AS n1, max(n) FILTER (WHERE slot = 2) AS n2,
    max(n) FILTER (WHERE slot = 3) AS n3,
    max(late) FILTER (WHERE slot = 0) AS l0, max(late) FILTER (WHERE slot = 2) AS l2,
    max(c) FILTER (WHERE slot = 0) AS c0, max(c) FILTER (WHERE slot = 3) AS c3, max(c) FILTER (WHERE slot = 4) AS c4,
    max(s) FILTER (WHERE slot = 0) AS s0, max(s) FILTER (WHERE slot = 3) AS s3, max(s) FILTER (WHERE slot = 4) AS s4
  FROM (
    SELECT __row, origin, slot, event_timestamp - age AS moment
    FROM spine, (VALUES (0, INTERVAL 0 HOURS), (1, INTERVAL 1 HOUR), (2, INTERVAL 2 HOURS), (3, INTERVAL 1 DAY), (4, INTERVAL 30 DAYS)) AS bound(slot, age)
  ) AS bounds
  ASOF LEFT JOIN totals ON totals.origin = bounds.origin AND totals.moment <= bounds.moment
  GROUP BY __row
),
latest AS (
  SELECT origin, landed_at, delay FROM flown
  QUALIFY lead(landed_at) OVER (PARTITION BY origin ORDER BY landed_at, destination, distance, delay) IS DISTINCT FROM landed_at
)
SELECT
  spine.__row,
  coalesce(n0 - n1, 0)::BIGINT AS flights_1h,
  coalesce(n0 - n3, 0)::BIGINT AS flights_1d,
  coalesce((l0 - l2)::DOUBLE / nullif(n0 - n2, 0), 0) AS late_rate_2h,
  (s0 - s3)::DOUBLE / nullif(c0 - c3, 0) AS avg_delay_1d,
  (s0 - s4)::DOUBLE / nullif(c0 - c4, 0) AS avg_delay_30d,
  CASE WHEN latest.landed_at >= spine.event_timestamp - INTERVAL 7 DAYS THEN latest.delay END AS last_delay
FROM spine
ASOF LEFT JOIN latest ON latest.origin = spine.origin AND latest.landed_at <= spine.event_timestamp
LEFT JOIN hits ON hits.__row = spine.__row
;
CREATE TEMP TABLE destination_stats__features AS
WITH
totals AS (
  SELECT destination, moment, sum(n) OVER seen AS n, sum(c) OVER seen AS c, sum(s) OVER seen AS s
  FROM (
    SELECT destination, landed_at AS moment, count(*) AS n, count(delay) AS c, coalesce(sum(delay), 0) AS s
    FROM flown
    GROUP BY ALL
    UNION ALL
    SELECT DISTINCT destination, TIMESTAMP '-infinity', 0, 0, 0 FROM flown
  )
  WINDOW seen AS (ORDER BY destination, moment ROWS UNBOUNDED PRECEDING)
),
hits AS (
  SELECT
    __row,
    max(n) FILTER (WHERE slot = 0) AS n0, max(n) FILTER (WHERE slot = 1) AS n1, max(n) FILTER (WHERE slot = 2) AS n2,
    max(c) FILTER (WHERE slot = 0) AS c0, max(c) FILTER (WHERE slot = 2) AS c2,
    max(s) FILTER (WHERE slot = 0) AS s0, max(s) FILTER (WHERE slot = 2) AS s2
  FROM (
    SELECT __row, destination, slot, event_timestamp - age AS moment
    FROM spine, (VALUES (0, INTERVAL 0 HOURS), (1, INTERVAL 1 HOUR), (2, INTERVAL 1 DAY)) AS bound(slot, age)
  ) AS bounds
  ASOF LEFT JOIN totals ON totals.destination = bounds.destination AND totals.moment <= bounds.moment
  GROUP BY __row
),
worst AS (
  SELECT __row, max(delay) OVER recent AS worst
  FROM (
    SELECT NULL::BIGINT AS __row, destination, landed_at AS moment, delay FROM flown
    WHERE landed_at > (SELECT min(event_timestamp) FROM spine) - INTERVAL 6 HOURS
    UNION ALL
    SELECT __row, destination, event_timestamp, NULL FROM spine
  )
  WINDOW recent AS (PARTITION BY destination ORDER BY moment RANGE BETWEEN INTERVAL 6 HOURS - INTERVAL 1 MICROSECOND PRECEDING AND CURRENT ROW)
  QUALIFY __row IS NOT NULL
)
SELECT
  spine.__row,
  coalesce(n0 - n1, 0)::BIGINT AS landings_1h,
  coalesce(n0 - n2, 0)::BIGINT AS landings_1d,
  (s0 - s2)::DOUBLE / nullif(c0 - c2, 0) AS arrival_delay_1d,
  worst.worst AS worst_delay_6h
FROM spine
LEFT JOIN hits ON hits.__row = spine.__row
LEFT JOIN worst ON worst.__row = spine.__row
;
CREATE TEMP TABLE route_stats__features AS
WITH
totals AS (
  SELECT origin, destination, moment, sum(n) OVER seen AS n, sum(late) OVER seen AS late, sum(c) OVER seen AS c, sum(s) OVER seen AS s
  FROM (
    SELECT origin, destination, landed_at AS moment, count(*) AS n, count(*) FILTER (WHERE delay > 15) AS late, count(delay) AS c, coalesce(sum(delay), 0) AS s
    FROM flown
    GROUP BY ALL
    UNION ALL
    SELECT DISTINCT origin, destination, TIMESTAMP '-infinity', 0, 0, 0, 0 FROM flown
  )
  WINDOW seen AS (ORDER BY origin, destination, moment ROWS UNBOUNDED PRECEDING)
),
hits AS (
  SELECT
    __row,
    max(n) FILTER (WHERE slot = 0) AS n0, max(n) FILTER (WHERE slot = 1) AS n1, max(n) FILTER (WHERE slot = 2) AS n2,
    max(late) FILTER (WHERE slot = 0) AS l0, max(late) FILTER (WHERE slot = 2) AS l2,
    max(c) FILTER (WHERE slot = 0) AS c0, max(c) FILTER (WHERE slot = 2) AS c2,
    max(s) FILTER (WHERE slot = 0) AS s0, max(s) FILTER (WHERE slot = 2) AS s2
  FROM (
    SELECT __row, origin, destination, slot, event_timestamp - age AS moment
    FROM spine, (VALUES (0, INTERVAL 0 HOURS), (1, INTERVAL 7 DAYS), (2, INTERVAL 30 DAYS)) AS bound(slot, age)
  ) AS bounds
  ASOF LEFT JOIN totals ON totals.origin = bounds.origin AND totals.destination = bounds.destination AND totals.moment <= bounds.moment
  GROUP BY __row
),
latest AS (
  SELECT origin, destination, landed_at, delay FROM flown
  QUALIFY lead(landed_at) OVER (PARTITION BY origin, destination ORDER BY landed_at, distance, delay) IS DISTINCT FROM landed_at
)
SELECT
  spine.__row,
  coalesce(n0 - n1, 0)::BIGINT AS route_flights_7d,
  (l0 - l2)::DOUBLE / nullif(n0 - n2, 0) AS route_late_rate_30d,
  (s0 - s2)::DOUBLE / nullif(c0 - c2, 0) AS route_avg_delay_30d,
  CASE WHEN latest.landed_at >= spine.event_timestamp - INTERVAL 14 DAYS THEN latest.delay END AS route_last_delay
FROM spine
ASOF LEFT JOIN latest ON latest.origin = spine.origin AND latest.destination = spine.destination AND latest.landed_at <= spine.event_timestamp
LEFT JOIN hits ON hits.__row = spine.__row
;
CREATE TEMP TABLE origin_days__features AS
WITH days AS (
  SELECT
    origin,
    date_trunc('day', date + to_seconds(1800 + 8 * distance)) + INTERVAL 1 DAY AS day_end,
    median(delay::INTEGER) AS median_delay_day,
    quantile_cont(delay::INTEGER, 0.9) AS p90_delay_day
  FROM read_parquet('node_modules/vega-datasets/data/flights-3m.parquet')
  WHERE date + to_seconds(1800 + 8 * distance) >= date_trunc('day', (SELECT min(event_timestamp) FROM spine) - INTERVAL 3 DAYS)
  GROUP BY ALL
)
SELECT
  spine.__row,
  CASE WHEN day_end >= spine.event_timestamp - INTERVAL 2 DAYS THEN median_delay_day END AS median_delay_day,
  CASE WHEN day_end >= spine.event_timestamp - INTERVAL 2 DAYS THEN p90_delay_day END AS p90_delay_day
FROM spine
ASOF LEFT JOIN days ON days.origin = spine.origin AND days.day_end <= spine.event_timestamp
