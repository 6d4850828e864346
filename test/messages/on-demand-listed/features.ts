import { entity, featureService, featureView, onDemandFeatureView, source, t } from 'meridian'

export const airport = entity('airport', { joinKeys: { airport: t.string() } })
export const route = entity('route', { joinKeys: { origin: t.string(), destination: t.string() } })
export const landings = source('landings', {
  columns: { airport: t.string(), origin: t.string(), destination: t.string(), delay: t.int32(), landed_at: t.timestamp() },
  eventTimestamp: 'landed_at',
})
export const stats = featureView('stats', {
  entity: airport,
  source: landings,
  features: ({ avg, count }) => ({ flights: count(), delay: avg('delay') }),
})
export const routes = featureView('routes', {
  entity: route,
  source: landings,
  features: ({ count }) => ({ origin_flights: count(), trips: count() }),
})
export const lengthy = featureView('lengthy', {
  entity: airport,
  source: landings,
  features: ({ count }) => ({ a_feature_that_has_a_long_name: count() }),
})
const hidden = featureView('hidden', { entity: airport, source: landings, features: ({ count }) => ({ n: count() }) })

export const risk = onDemandFeatureView('risk', {
  request: { distance: t.int32(), origin: t.string(), Distance: t.int32() },
  inputs: {
    stats: stats.as('origin', { joinKeys: { airport: 'origin' } }),
    Stats: routes,
    now: stats as never,
    hidden: hidden.pick('n'),
    a_name_of_an_input_that_is_very_long_for_a_name: stats.pick('flights'),
    a_name_of_an_input_that_is_not_too_long_by_now: lengthy,
  },
  features: ({ feature }) => ({
    origin: feature(t.int32(), () => 1),
    distance: feature(t.int32(), () => 1),
    mine: feature(t.int32(), () => 1),
  }),
})

export const other = onDemandFeatureView('other', {
  request: { distance: t.int64(), airport: t.int32() },
  features: ({ feature }) => ({ other: feature(t.int32(), () => 1) }),
})

// @ts-expect-error no such feature, and twice the same
export const picks = featureService('picks', [stats.pick('flihgts', 'delay', 'delay')])
// @ts-expect-error nothing
export const nothing = featureService('nothing', [stats.pick()])
export const aliases = featureService('aliases', [
  // @ts-expect-error no such join key
  stats.as('from', { joinKeys: { airprot: 'origin' } }),
  stats.as('no name', { joinKeys: { airport: 'to' } }),
  stats.as('origin', { joinKeys: { airport: 'departure' } }),
  stats.as('an_alias_that_is_too_long_for_a_table_name', { joinKeys: { airport: 'to' } }),
  stats.as('within', { joinKeys: { airport: 'delay' } }),
  stats.as('at', { joinKeys: { airport: 'event_timestamp' } }),
  routes.as('loop', { joinKeys: { origin: 'airport', destination: 'airport' } }),
])
export const half = onDemandFeatureView('half', {
  request: { distance: t.int32(), seen: t.int64({ as: 'number' }) },
  features: ({ feature }) => ({ half: feature(t.int32(), ({ request }) => Math.floor(request.distance / 2)) }),
})
export const twice = onDemandFeatureView('twice', {
  request: { seen: t.int64() },
  inputs: { half },
  features: ({ feature }) => ({ twice: feature(t.int32(), ({ half: input }) => (input.half ?? 0) * 2) }),
})
export const halves = featureService('halves', [half, other])
export const named = featureService('named', [
  { kind: 'view_use', view: half, alias: 'other', joinKeys: {}, picked: null },
])
export const sides = featureService('sides', [
  routes,
  stats.as('origin', { joinKeys: { airport: 'origin' } }),
  stats.pick('delay').as('origin', { joinKeys: { airport: 'origin' } }),
  other,
  stats,
])
