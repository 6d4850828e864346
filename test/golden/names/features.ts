/** Names that SQL would trip over: reserved words, capitals, spaces, quotes; join keys under other names. */
import { entity, featureService, featureView, source, sql, sqlFeatureView, t } from 'meridian'

export const order = entity('order', { joinKeys: { from: t.string(), userId: t.int64() } })

export const select = source('select', {
  columns: {
    Sender: t.string(),
    group: t.int64(),
    'Order Total': t.decimal(12, 2),
    'quote"d': t.int32(),
    "it's": t.string(),
    'größe': t.float64(),
    'line\nbreak': t.boolean(),
    when: t.timestamp(),
    KnownAt: t.timestamp(),
  },
  eventTimestamp: 'when',
  createdTimestamp: 'KnownAt',
  tieBreak: ['quote"d', "it's"],
  duckdb: { table: 'Raw Data.select' },
})

/** Comments with `quotes`, "quotes" and -- dashes. */
export const table = featureView('table', {
  entity: order,
  source: select,
  joinKeys: { from: 'Sender', userId: 'group' },
  ttl: '1d',
  refresh: '1h',
  materialize: true,
  features: ({ count, last, max, sum }) => ({
    /** -- not a comment; DROP TABLE students */
    where: last('Order Total'),
    Total: sum('Order Total').over('1d'),
    user: last("it's")
      .where(row => row["it's"].ne("it's '' \\ -- ").and(row['line\nbreak']))
      .default("it's"),
    constructor: count('größe').over('1h'),
    as: max('quote"d').over('1h'),
  }),
})

export const right = sqlFeatureView('right', {
  entity: order,
  query: sql`SELECT "Sender" AS "from", "group" AS "userId", "when" AS "order", "it's" AS "limit" FROM ${select}`,
  eventTimestamp: 'order',
  tieBreak: ['limit'],
  features: ({ column }) => ({ limit: column(t.string()) }),
})

export const join = featureService('join', [table, right])
