import { entity, featureView, onDemandFeatureView, source, t } from 'meridian'
import * as helpers from './helpers.ts'
import { Stopwatch } from './helpers.ts'

export const airport = entity('airport', { joinKeys: { origin: t.string() } })
export const landings = source('landings', {
  columns: { origin: t.string(), delay: t.int32(), landed_at: t.timestamp() },
  eventTimestamp: 'landed_at',
})
export const originStats = featureView('origin_stats', {
  entity: airport,
  source: landings,
  features: ({ count }) => ({ flights: count().over('2h') }),
})

const threshold = 3
const late = (text: string) => text.localeCompare('late') > 0

export const risk = onDemandFeatureView('risk', {
  request: { distance: t.int32(), seen: t.timestamp() },
  inputs: { originStats },
  features: ({ feature }) => ({
    age: feature(t.float64(), ({ request }) => Date.now() - request.seen.getTime()),
    age_of_date: feature(t.float64(), ({ request }) => Number(new Date()) - Number(new Date(request.seen))),
    chance: feature(t.float64(), ({ request }) => {
      const draw = Math.random()
      return draw * request.distance
    }),
    chance_by_name: feature(t.float64(), () => {
      const { random: draw } = Math
      return draw()
    }),
    hour: feature(t.int32(), ({ now, request }) => now.getUTCHours() - request.seen.getHours()),
    midnight: feature(t.timestamp(), ({ now }) => new Date(now.getUTCFullYear(), 0, 1)),
    printed: feature(t.string(), ({ request }) => request.distance.toLocaleString('en')),
    is_late: feature(t.boolean(), () => late('x')),
    table: feature(t.string(), () => helpers.table()),
    elapsed: feature(t.float64(), () => new Stopwatch().elapsed()),
    since: feature(t.float64(), ({ now }) => now.getTime() - helpers.started),
    logged: feature(t.int32(), ({ request }) => {
      console.log(request.distance)
      return request.distance > threshold ? 1 : 0
    }),
    asked: feature(t.boolean(), () => fetch('https://example.com') !== null),
    evaluated: feature(t.int32(), () => eval('1')),
    named: feature(t.string(), () => originStats.name),
    // @ts-expect-error asynchronous
    later: feature(t.int32(), async () => 1),
    // @ts-expect-error no value
    several: feature(t.int32(), function* () {
      yield 1
    }),
    fine: feature(t.float64(), ({ now, random, request }) =>
      new Date(Date.UTC(2001, 0, 1)) < now && request.seen instanceof Date ? Math.max(random(), threshold) : 0,
    ),
  }),
})
