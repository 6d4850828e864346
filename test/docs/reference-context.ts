/** What the examples of docstrings speak of: flights, as `examples/flights` has them, with some more columns. */
import {
  entity as entityOf,
  featureView as featureViewOf,
  type OnDemandVocabulary,
  onDemandFeatureView as onDemandFeatureViewOf,
  type Row,
  type SqlVocabulary,
  source as sourceOf,
  t as types,
  type Vocabulary,
} from 'meridian'
import type { connect as connectFlights } from '../../generated/flights/index.ts'

export type { DecimalType, Duration, FeaturesOf, Infer, KeysOf, Row } from 'meridian'
export {
  defineConfig,
  entity,
  featureService,
  featureView,
  onDemandFeatureView,
  source,
  sql,
  sqlFeatureView,
  t,
  when,
} from 'meridian'
export { build, compare, compile } from 'meridian/compiler'
export { connect, connectStatus, MeridianError, workerName } from 'meridian/runtime'
export type { ApiKey } from 'meridian/serve'
export { apiKeys, hashOfKey, Pod } from 'meridian/serve'
export { evaluate, rows } from 'meridian/testing'

export const airport = entityOf('airport', { joinKeys: { origin: types.string() } })
export const route = entityOf('route', { joinKeys: { origin: types.string(), destination: types.string() } })
export const landings = sourceOf('landings', {
  columns: {
    origin: types.string(),
    destination: types.string(),
    delay: types.int32(),
    distance: types.int32(),
    fare: types.decimal(12, 2),
    cancelled: types.boolean(),
    departed_at: types.timestamp(),
    landed_at: types.timestamp(),
  },
  eventTimestamp: 'landed_at',
  tieBreak: ['destination'],
})
export const originStats = featureViewOf('origin_stats', {
  entity: airport,
  source: landings,
  refresh: '5m',
  materialize: true,
  features: ({ avg, count, last, ratio }) => ({
    flights_1h: count().over('1h'),
    flights_2h: count().over('2h'),
    late_rate_2h: ratio(count().over('2h'), count().over('2h')).default(0),
    avg_delay_1d: avg('delay').over('1d'),
    last_delay: last('delay'),
  }),
})
export const destinationStats = featureViewOf('destination_stats', {
  entity: route,
  source: landings,
  features: ({ count }) => ({ flights_7d: count().over('7d') }),
})
export const airportStats = featureViewOf('airport_stats', {
  entity: entityOf('place', { joinKeys: { airport: types.string() } }),
  source: landings,
  joinKeys: { airport: 'origin' },
  features: ({ count }) => ({ airport_flights_2h: count().over('2h') }),
})
export const flightRisk = onDemandFeatureViewOf('flight_risk', {
  request: { distance: types.int32() },
  inputs: { originStats },
  features: ({ feature }) => ({ is_far: feature(types.boolean(), ({ request }) => request.distance > 1000) }),
})

type Columns = typeof landings.columns
declare const words: Vocabulary<Columns>
declare const queryWords: SqlVocabulary
declare const onDemandWords: OnDemandVocabulary<
  { distance: ReturnType<typeof types.int32> },
  { originStats: typeof originStats }
>
export const { avg, count, countDistinct, first, last, max, min, ratio, stddev, sum, variance } = words
export const { column } = queryWords
export const { feature } = onDemandWords
export declare const row: Row<Columns>
export declare const store: Awaited<ReturnType<typeof connectFlights>>
