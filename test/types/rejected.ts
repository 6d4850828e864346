/** What the types must reject, each on its own line: an expectation that is not met fails the type check. */
import {
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

const airport = entity('airport', { joinKeys: { origin: t.string() } })
const user = entity('user', { joinKeys: { user_id: t.int64() } })
const landings = source('landings', {
  columns: {
    origin: t.string(),
    user_id: t.string(),
    delay: t.int32(),
    fare: t.decimal(12, 2),
    cancelled: t.boolean(),
    tags: t.list(t.string()),
    landed_at: t.timestamp(),
  },
  eventTimestamp: 'landed_at',
})

// Entities and sources.
// @ts-expect-error a float is no join key
entity('pressure', { joinKeys: { level: t.float64() } })
// @ts-expect-error no such column
source('a', { columns: { x: t.timestamp() }, eventTimestamp: 'y' })
// @ts-expect-error not a timestamp
source('b', { columns: { x: t.int32(), y: t.timestamp() }, eventTimestamp: 'x' })
// @ts-expect-error not a timestamp
source('c', { columns: { x: t.int32(), y: t.timestamp() }, eventTimestamp: 'y', createdTimestamp: 'x' })
// @ts-expect-error no such column to break ties by
source('d', { columns: { y: t.timestamp() }, eventTimestamp: 'y', tieBreak: ['z'] })
// @ts-expect-error a server reads no files of ours
source('p', { columns: { y: t.timestamp() }, eventTimestamp: 'y', postgres: { parquet: 'a.parquet' } })
// @ts-expect-error no such kind of binding
source('e', { columns: { y: t.timestamp() }, eventTimestamp: 'y', duckdb: { orc: 'e.orc' } })

// Views.
// @ts-expect-error materialize needs refresh
featureView('v1', { entity: airport, source: landings, materialize: true, features: ({ count }) => ({ n: count() }) })
// @ts-expect-error offset needs refresh
featureView('v2', { entity: airport, source: landings, offset: '1m', features: ({ count }) => ({ n: count() }) })
// @ts-expect-error freshness needs materialize: nothing else is stored
featureView('v2f', {
  entity: airport,
  source: landings,
  refresh: '5m',
  freshness: '9m',
  features: ({ count }) => ({ n: count() }),
})
// @ts-expect-error no duration
featureView('v3', { entity: airport, source: landings, ttl: '7 days', features: ({ count }) => ({ n: count() }) })
// @ts-expect-error the source's user_id is text, the entity's an integer
featureView('v4', { entity: user, source: landings, features: ({ count }) => ({ n: count() }) })
featureView('v5', {
  entity: airport,
  source: landings,
  // @ts-expect-error the mapped column is no text
  joinKeys: { origin: 'delay' },
  features: ({ count }) => ({ n: count() }),
})

// Features.
featureView('v6', {
  entity: airport,
  source: landings,
  features: ({ avg, count, countDistinct, last, max, ratio, sum }) => ({
    // @ts-expect-error misspelt column
    a: avg('dely'),
    // @ts-expect-error text has no mean
    b: avg('origin'),
    // @ts-expect-error booleans have no order
    c: max('cancelled'),
    // @ts-expect-error lists are not counted apart
    d: countDistinct('tags'),
    // @ts-expect-error sum needs a column
    e: sum(),
    // @ts-expect-error no duration
    f: count().over('2 hours'),
    // @ts-expect-error a window is of aggregates
    g: last('delay').over('2h'),
    // @ts-expect-error a number is no condition
    h: count().where(row => row.delay),
    // @ts-expect-error misspelt column in a condition
    i: count().where(row => row.dely.gt(15)),
    // @ts-expect-error text is compared with text
    j: count().where(row => row.origin.eq(5)),
    // @ts-expect-error booleans have no order
    k: count().where(row => row.cancelled.gt(false)),
    // @ts-expect-error text is not added
    l: sum(row => row.origin.plus(1)),
    // @ts-expect-error the default is of another type
    m: last('delay').default('none'),
    // @ts-expect-error a list has no default
    n: last('tags').default([]),
    // @ts-expect-error a ratio is of aggregates
    o: ratio(last('delay'), count()),
    // @ts-expect-error a ratio is of numbers
    p: ratio(max('origin'), count()),
    // @ts-expect-error branches of different types
    q: last(row => when(row.cancelled).then(row.delay).otherwise('x')),
    // @ts-expect-error a default comes last
    r: count().default(0).over('2h'),
  }),
})

// SQL views.
sqlFeatureView('v7', {
  entity: airport,
  // @ts-expect-error plain text is no query: use the sql tag
  query: 'SELECT 1',
  eventTimestamp: 'at',
  features: ({ column }) => ({ x: column(t.float64()) }),
})
// @ts-expect-error only sources can be interpolated
sql`SELECT * FROM ${airport}`
sqlFeatureView('v8', {
  entity: airport,
  query: sql`SELECT 1`,
  eventTimestamp: 'at',
  // @ts-expect-error the default is of another type
  features: ({ column }) => ({ x: column(t.float64()).default('none') }),
})

// On-demand views.
const stats = featureView('stats', {
  entity: airport,
  source: landings,
  features: ({ avg }) => ({ mean: avg('delay') }),
})
onDemandFeatureView('v9', {
  request: { distance: t.int32() },
  inputs: { stats },
  features: ({ feature }) => ({
    // @ts-expect-error no such request column
    a: feature(t.float64(), ({ request }) => request.distanc),
    // @ts-expect-error no such input
    b: feature(t.float64(), ({ origin }) => origin.mean),
    // @ts-expect-error no such feature of the input
    c: feature(t.float64(), ({ stats: input }) => input.median),
    // @ts-expect-error the mean may be null
    d: feature(t.float64(), ({ stats: input, request }) => input.mean / request.distance),
    // @ts-expect-error text is returned where a number is declared
    e: feature(t.float64(), () => 'late'),
    // @ts-expect-error functions are not asynchronous
    f: feature(t.float64(), async () => 1),
  }),
})

onDemandFeatureView('v10', {
  inputs: { stats: stats.as('origin', { joinKeys: { origin: 'from' } }).pick('mean') },
  features: ({ feature }) => ({
    // @ts-expect-error inside a function features have no alias before them
    a: feature(t.float64(), ({ stats: input }) => input.origin_mean),
  }),
})
onDemandFeatureView('v11', {
  // @ts-expect-error the name of what functions are given already
  inputs: { random: stats },
  features: ({ feature }) => ({ a: feature(t.int32(), () => 1) }),
})

// Aliases and picked features.
// @ts-expect-error no such join key
stats.as('origin', { joinKeys: { destination: 'from' } })
// @ts-expect-error no such feature
stats.pick('median')
// @ts-expect-error nothing is picked
stats.pick()
// @ts-expect-error picked features are picked once
stats.pick('mean').pick('mean')
// @ts-expect-error a view has one alias
stats.as('origin', { joinKeys: {} }).as('destination', { joinKeys: {} })
// @ts-expect-error on-demand views have no alias: the views that they read do
onDemandFeatureView('v12', { features: ({ feature }) => ({ a: feature(t.int32(), () => 1) }) }).as('b', {
  joinKeys: {},
})

// Services.
// @ts-expect-error an entity is no view
featureService('s1', [airport])
