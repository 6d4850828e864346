/** What the types must accept, and what they must infer. */
import {
  entity,
  type FeaturesOf,
  featureService,
  featureView,
  type KeysOf,
  onDemandFeatureView,
  source,
  sql,
  sqlFeatureView,
  t,
  when,
} from 'meridian'
import type { Equal, Expect } from './expect.ts'

const airport = entity('airport', { joinKeys: { origin: t.string() } })
const route = entity('route', { joinKeys: { origin: t.string(), destination: t.string() } })
const landings = source('landings', {
  columns: {
    origin: t.string(),
    destination: t.string(),
    delay: t.int32(),
    distance: t.int64(),
    exact: t.int64({ as: 'number' }),
    fare: t.decimal(12, 2),
    load: t.float64(),
    cancelled: t.boolean(),
    tags: t.list(t.string()),
    payload: t.json(),
    embedding: t.vector(3),
    digest: t.bytes(),
    landed_at: t.timestamp(),
    known_at: t.timestamp(),
  },
  eventTimestamp: 'landed_at',
  createdTimestamp: 'known_at',
  tieBreak: ['distance', 'fare'],
  duckdb: { parquet: 'landings.parquet' },
  postgres: { table: 'public.landings' },
})

export const stats = featureView('stats', {
  entity: airport,
  source: landings,
  ttl: '7d',
  refresh: '5m',
  offset: '1m',
  delay: '30s',
  boundary: 'before',
  materialize: true,
  freshness: '10m',
  owner: 'ops',
  tags: ['demo'],
  features: ({ avg, count, countDistinct, first, last, max, min, ratio, stddev, sum, variance }) => ({
    flights: count().over('2h'),
    with_delay: count('delay').over('1.5h'),
    late: count()
      .where(row => row.delay.gt(15).and(row.cancelled.not(), row.origin.in('SEA', 'SFO')))
      .over('2h'),
    late_rate: ratio(
      count().where(row => row.delay.gt(15)),
      count(),
    ).default(0),
    raw_rate: ratio(sum('fare').over('1d'), count().over('1d')),
    places: countDistinct('destination').over('30d'),
    delay_sum: sum('delay').over('1d'),
    distance_sum: sum('distance').default(0n),
    exact_sum: sum('exact'),
    fare_sum: sum('fare').default('0.00'),
    load_sum: sum('load'),
    hours: sum(row => row.delay.dividedBy(60)).over('1d'),
    signed: sum(row => when(row.cancelled).then(row.delay.negate()).otherwise(row.delay)),
    mean: avg(row => row.delay.plus(row.load)),
    earliest: min('landed_at'),
    longest: max('distance'),
    name_max: max(row => row.origin.lower().concat('-', row.destination)),
    spread: stddev('delay').over('7d'),
    spread2: variance('fare').over('7d'),
    last_delay: last('delay').where(row => row.landed_at.hour().between(6, 22)),
    first_fare: first('fare'),
    last_tags: last('tags'),
    last_payload: last('payload'),
    last_embedding: last('embedding'),
    last_digest: last('digest'),
    last_cancelled: last('cancelled').default(false),
    since: last(row => row.known_at.secondsSince(row.landed_at)),
    filled: last(row => row.delay.coalesce(0)),
    odd: last(row => row.delay.modulo(2).eq(1)),
  }),
})

export type Checks = [
  Expect<Equal<KeysOf<typeof stats>, { readonly origin: string }>>,
  Expect<
    Equal<
      FeaturesOf<typeof stats>,
      {
        readonly flights: number
        readonly with_delay: number
        readonly late: number
        readonly late_rate: number
        readonly raw_rate: number | null
        readonly places: number
        readonly delay_sum: number | null
        readonly distance_sum: bigint
        readonly exact_sum: number | null
        readonly fare_sum: string
        readonly load_sum: number | null
        readonly hours: number | null
        readonly signed: number | null
        readonly mean: number | null
        readonly earliest: Date | null
        readonly longest: bigint | null
        readonly name_max: string | null
        readonly spread: number | null
        readonly spread2: number | null
        readonly last_delay: number | null
        readonly first_fare: string | null
        readonly last_tags: readonly string[] | null
        readonly last_payload: import('meridian').Json | null
        readonly last_embedding: Float32Array | null
        readonly last_digest: Uint8Array | null
        readonly last_cancelled: boolean
        readonly since: number | null
        readonly filled: number | null
        readonly odd: boolean | null
      }
    >
  >,
  Expect<Equal<KeysOf<typeof service>, { readonly origin: string; readonly destination: string }>>,
  Expect<Equal<FeaturesOf<typeof service>['median_delay'], number>>,
  Expect<Equal<FeaturesOf<typeof service>['late_rate'], number>>,
  Expect<Equal<FeaturesOf<typeof risk>, { readonly delay_per_100mi: number }>>,
  // What a caller gives for a function is also what its inputs need.
  Expect<Equal<KeysOf<typeof risk>, { readonly distance: number; readonly origin: string }>>,
  // Features that are picked.
  Expect<Equal<FeaturesOf<typeof picked>, { readonly late: number; readonly late_rate: number }>>,
  Expect<Equal<KeysOf<typeof picked>, { readonly origin: string }>>,
  Expect<Equal<FeaturesOf<typeof pickedRisk>, { readonly delay_per_100mi: number }>>,
  // A view in a role: its features have the alias before them, its keys other names.
  Expect<Equal<KeysOf<typeof inRole>, { readonly from: string }>>,
  Expect<Equal<FeaturesOf<typeof inRole>, { readonly from_late: number; readonly from_flights: number }>>,
  Expect<Equal<FeaturesOf<typeof pickedInRole>, FeaturesOf<typeof inRole>>>,
  Expect<Equal<KeysOf<typeof pickedInRole>, KeysOf<typeof inRole>>>,
  // A join key that is not named keeps its name; two may change places.
  Expect<Equal<KeysOf<typeof half>, { readonly origin: string; readonly to: string }>>,
  Expect<Equal<KeysOf<typeof back>, { readonly destination: string; readonly origin: string }>>,
  Expect<Equal<FeaturesOf<typeof back>, { readonly back_median_delay: number; readonly back_fare: string | null }>>,
  Expect<
    Equal<
      KeysOf<typeof roles>,
      { readonly from: string; readonly destination: string; readonly origin: string; readonly distance: number }
    >
  >,
  Expect<
    Equal<
      FeaturesOf<typeof roles>,
      {
        readonly from_late: number
        readonly from_flights: number
        readonly back_median_delay: number
        readonly back_fare: string | null
        readonly score: bigint | null
      }
    >
  >,
]

/** A join key that reads a column of another name. */
export const arrivals = featureView('arrivals', {
  entity: airport,
  source: landings,
  joinKeys: { origin: 'destination' },
  features: ({ count }) => ({ arrivals: count() }),
})

const routeDelays = sqlFeatureView('route_delays', {
  entity: route,
  query: sql`SELECT * FROM ${landings}`,
  eventTimestamp: 'landed_at',
  tieBreak: ['distance'],
  columns: { distance: t.int64() },
  features: ({ column }) => ({ median_delay: column(t.float64()).default(0), fare: column(t.decimal(12, 2)) }),
})

const service = featureService('service', [stats, routeDelays])

const risk = onDemandFeatureView('risk', {
  request: { distance: t.int32() },
  inputs: { stats },
  features: ({ feature }) => ({
    delay_per_100mi: feature(
      t.float64(),
      ({ request, stats: inputs, now }) => (inputs.late_rate * now.getTime()) / (request.distance / 100),
    ).default(0),
  }),
})

const picked = stats.pick('late', 'late_rate')
const pickedRisk = risk.pick('delay_per_100mi')
const inRole = stats.as('from', { joinKeys: { origin: 'from' } }).pick('late', 'flights')
const pickedInRole = stats.pick('late', 'flights').as('from', { joinKeys: { origin: 'from' } })
const half = routeDelays.as('half', { joinKeys: { destination: 'to' } })
const back = routeDelays.as('back', { joinKeys: { origin: 'destination', destination: 'origin' } })

/** Inside a function features have the names of their view, and functions read functions. */
const score = onDemandFeatureView('score', {
  inputs: { from: inRole, back, risk: risk.pick('delay_per_100mi') },
  features: ({ feature }) => ({
    score: feature(t.int64(), ({ from, back: { median_delay, fare }, risk: { delay_per_100mi }, random, now }) =>
      fare === null ? null : BigInt(Math.round(from.late + median_delay + delay_per_100mi + random() + now.getTime())),
    ),
  }),
})

const roles = featureService('roles', [inRole, back, score])
