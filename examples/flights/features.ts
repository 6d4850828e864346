/**
 * Features of US flights, for predicting at departure whether a flight will land late.
 *
 * A flight's delay is known when it has landed, not when it leaves, so everything here is ordered by `landed_at`.
 */
import { entity, featureService, featureView, onDemandFeatureView, source, sql, sqlFeatureView, t } from 'meridian'

export const airport = entity('airport', { joinKeys: { origin: t.string() } })
export const arrivalAirport = entity('arrival_airport', { joinKeys: { destination: t.string() } })
export const route = entity('route', { joinKeys: { origin: t.string(), destination: t.string() } })

/**
 * Flights, known once they have landed. The data hold no arrival times: half an hour on the ground and
 * eight seconds a mile (450 miles an hour) stand in for them.
 */
export const landings = source('landings', {
  columns: {
    origin: t.string(),
    destination: t.string(),
    delay: t.int32(),
    distance: t.int32(),
    landed_at: t.timestamp(),
  },
  eventTimestamp: 'landed_at',
  tieBreak: ['destination', 'origin', 'distance', 'delay'],
  duckdb: sql`
    SELECT
      origin,
      destination,
      delay,
      distance,
      date + to_seconds(1800 + 8 * distance) AS landed_at
    FROM read_parquet('node_modules/vega-datasets/data/flights-3m.parquet')`,
  postgres: sql`
    SELECT
      origin,
      destination,
      delay,
      distance,
      date + (1800 + 8 * distance) * INTERVAL '1 second' AS landed_at
    FROM public.flights`,
})

/** How the airport of departure has been doing. */
export const originStats = featureView('origin_stats', {
  entity: airport,
  source: landings,
  ttl: '7d',
  refresh: '5m',
  materialize: true,
  features: ({ avg, count, last, ratio }) => ({
    /** Flights from here that landed in the last hour. */
    flights_1h: count().over('1h'),
    /** Flights from here that landed in the last day. */
    flights_1d: count().over('1d'),
    /** Share of the last two hours' flights that were more than 15 minutes late. */
    late_rate_2h: ratio(
      count()
        .where(row => row.delay.gt(15))
        .over('2h'),
      count().over('2h'),
    ).default(0),
    /** Mean delay over the last day, in minutes. */
    avg_delay_1d: avg('delay').over('1d'),
    /** Mean delay over thirty days: what is normal here. */
    avg_delay_30d: avg('delay').over('30d'),
    /** Delay of the last flight that landed. */
    last_delay: last('delay'),
  }),
})

/** How flights into the airport of arrival have been doing. */
export const destinationStats = featureView('destination_stats', {
  entity: arrivalAirport,
  source: landings,
  ttl: '7d',
  refresh: '5m',
  materialize: true,
  features: ({ avg, count, max }) => ({
    /** Landings here in the last hour. */
    landings_1h: count().over('1h'),
    /** Landings here in the last day. */
    landings_1d: count().over('1d'),
    /** Mean delay of a day's landings, in minutes. */
    arrival_delay_1d: avg('delay').over('1d'),
    /** The worst delay of the last six hours, in minutes. */
    worst_delay_6h: max('delay').over('6h'),
  }),
})

/** How this very connection has been doing. */
export const routeStats = featureView('route_stats', {
  entity: route,
  source: landings,
  ttl: '14d',
  refresh: '15m',
  materialize: true,
  features: ({ avg, count, last, ratio }) => ({
    /** Flights on the route in the last week. */
    route_flights_7d: count().over('7d'),
    /** Share of the route's flights in thirty days that were more than 15 minutes late. */
    route_late_rate_30d: ratio(
      count()
        .where(row => row.delay.gt(15))
        .over('30d'),
      count().over('30d'),
    ),
    /** Mean delay on the route over thirty days, in minutes. */
    route_avg_delay_30d: avg('delay').over('30d'),
    /** Delay of the route's last flight, in minutes. */
    route_last_delay: last('delay'),
  }),
})

/** The typical delay of each whole day, known when the day is over. */
export const originDays = sqlFeatureView('origin_days', {
  entity: airport,
  query: sql`SELECT
  origin,
  date_trunc('day', landed_at) + INTERVAL '1 day' AS day_end,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY delay) AS median_delay_day,
  percentile_cont(0.9) WITHIN GROUP (ORDER BY delay) AS p90_delay_day
FROM ${landings}
GROUP BY origin, day_end`,
  eventTimestamp: 'day_end',
  tieBreak: ['day_end'],
  ttl: '2d',
  refresh: '1d',
  offset: '1h',
  materialize: true,
  features: ({ column }) => ({
    /** Median delay of the last whole day, in minutes. */
    median_delay_day: column(t.float64()),
    /** Nine of ten flights of that day were at most this late, in minutes. */
    p90_delay_day: column(t.float64()),
  }),
})

/** What is known at departure, for a model of late arrivals. */
export const lateFlights = featureService('late_flights', [originStats, destinationStats, routeStats, originDays])

/** What only the flight itself can say, beside what its airports have been doing: computed when it is asked for. */
export const flightRisk = onDemandFeatureView('flight_risk', {
  request: { distance: t.int32() },
  inputs: { originStats: originStats.pick('avg_delay_1d', 'avg_delay_30d'), routeStats },
  features: ({ feature }) => ({
    /** The delay to expect for each hundred miles, in minutes: the route's, or else the airport's. */
    delay_per_100mi: feature(t.float64(), ({ request, originStats, routeStats }) => {
      const expected = routeStats.route_avg_delay_30d ?? originStats.avg_delay_30d
      return expected === null || request.distance === 0 ? null : (expected * 100) / request.distance
    }),
    /** How much worse than usual the airport's day is, in minutes. */
    worse_than_usual: feature(t.float64(), ({ originStats: { avg_delay_1d, avg_delay_30d } }) =>
      avg_delay_1d === null || avg_delay_30d === null ? null : avg_delay_1d - avg_delay_30d,
    ).default(0),
    /** Whether it leaves in the evening, when the delays of the day have piled up. */
    evening: feature(t.boolean(), ({ now }) => now.getUTCHours() >= 17),
  }),
})

/** The same, with what the flight itself says. */
export const departures = featureService('departures', [
  originStats,
  destinationStats,
  routeStats,
  originDays,
  flightRisk,
])
