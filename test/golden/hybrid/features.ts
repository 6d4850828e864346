/** Views in two roles, picked features, functions over them, functions over functions, and a service of all that. */
import { entity, featureService, featureView, onDemandFeatureView, source, sql, sqlFeatureView, t } from 'meridian'
import { bounded, speedOf } from './risk.ts'

export const airport = entity('airport', { joinKeys: { airport: t.string() } })
export const carrier = entity('carrier', { joinKeys: { carrier_id: t.int64({ as: 'number' }) } })

export const landings = source('landings', {
  columns: {
    landing_id: t.int64(),
    airport: t.string(),
    carrier_id: t.int64({ as: 'number' }),
    delay: t.int32(),
    fare: t.decimal(12, 2),
    landed_at: t.timestamp(),
  },
  eventTimestamp: 'landed_at',
  tieBreak: ['landing_id'],
})

/** How an airport has been doing. */
export const airportStats = featureView('airport_stats', {
  entity: airport,
  source: landings,
  ttl: '7d',
  refresh: '5m',
  materialize: true,
  features: ({ avg, count, last }) => ({
    /** Landings in two hours. */
    landings_2h: count().over('2h'),
    avg_delay_1d: avg('delay').over('1d'),
    last_fare: last('fare'),
  }),
})

export const carrierDays = sqlFeatureView('carrier_days', {
  entity: carrier,
  query: sql`SELECT carrier_id, date_trunc('day', landed_at) + INTERVAL '1 day' AS day_end, count(*) AS day_landings FROM ${landings} GROUP BY carrier_id, day_end`,
  eventTimestamp: 'day_end',
  tieBreak: ['day_end'],
  features: ({ column }) => ({ day_landings: column(t.int64()) }),
})

/** What the request and its airports say together. */
export const flightRisk = onDemandFeatureView('flight_risk', {
  request: { distance: t.int32(), aircraft: t.string() },
  inputs: {
    origin: airportStats.as('origin', { joinKeys: { airport: 'origin' } }),
    destination: airportStats.pick('landings_2h', 'avg_delay_1d').as('destination', {
      joinKeys: { airport: 'destination' },
    }),
  },
  owner: 'ops@example.com',
  tags: ['hybrid'],
  features: ({ feature }) => ({
    /**
     * Delay expected per hundred miles,
     * in minutes.
     */
    delay_per_100mi: feature(t.float64(), ({ request, origin }) =>
      request.distance === 0 ? null : bounded(origin.avg_delay_1d ?? 0) / (request.distance / 100),
    ),
    /** Hours in the air. */
    hours: feature(t.float64(), ({ request }) => request.distance / speedOf(request.aircraft)).default(0),
    busier: feature(t.boolean(), ({ origin, destination }) => destination.landings_2h > origin.landings_2h),
    draw: feature(t.int32(), ({ now, random }) => Math.floor(random() * now.getUTCMinutes())),
  }),
})

/** Over functions and a query that is looked up. */
export const flightScore = onDemandFeatureView('flight_score', {
  request: { distance: t.int32() },
  inputs: { flightRisk: flightRisk.pick('hours', 'delay_per_100mi'), carrierDays },
  features: ({ feature }) => ({
    score: feature(t.decimal(12, 2), ({ flightRisk: risk, carrierDays: days, request }) => {
      const load = Number(days.day_landings ?? 0n)
      return ((risk.delay_per_100mi ?? 0) * risk.hours + load / Math.max(request.distance, 1)).toFixed(2)
    }).default('0.00'),
  }),
})

/** All that is known of a flight when it departs. */
export const flights = featureService('flights', [
  airportStats.as('origin', { joinKeys: { airport: 'origin' } }).pick('landings_2h', 'last_fare'),
  airportStats.as('destination', { joinKeys: { airport: 'destination' } }),
  flightRisk.pick('hours', 'busier'),
  flightScore,
])

/** Only what a function answers: what it reads is not part of the answer. */
export const scores = featureService('scores', [flightScore])
