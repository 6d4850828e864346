/** Every value type, stored and with a default where it has constants. */
import { entity, featureView, source, t } from 'meridian'

export const thing = entity('thing', {
  joinKeys: { small: t.int32(), big: t.int64(), safe: t.int64({ as: 'number' }), text: t.string(), flag: t.boolean() },
})

export const things = source('things', {
  columns: {
    small: t.int32(),
    big: t.int64(),
    safe: t.int64({ as: 'number' }),
    text: t.string(),
    flag: t.boolean(),
    float: t.float64(),
    money: t.decimal(38, 9),
    whole: t.decimal(18, 0),
    at: t.timestamp(),
    raw: t.bytes(),
    document: t.json(),
    numbers: t.list(t.int32()),
    words: t.list(t.list(t.string())),
    embedding: t.vector(3),
    seen_at: t.timestamp(),
    id: t.int64(),
  },
  eventTimestamp: 'seen_at',
  tieBreak: ['id'],
})

export const plain = featureView('plain', {
  entity: thing,
  source: things,
  refresh: '1h',
  materialize: true,
  features: ({ last }) => ({
    last_small: last(row => row.small.plus(0)),
    last_big: last(row => row.big.plus(0n)),
    last_safe: last(row => row.safe.plus(0)),
    last_text: last(row => row.text.upper()),
    last_flag: last(row => row.flag.not()),
    last_float: last('float'),
    last_money: last('money'),
    last_whole: last('whole'),
    last_at: last('at'),
    last_raw: last('raw'),
    last_document: last('document'),
    last_numbers: last('numbers'),
    last_words: last('words'),
    last_embedding: last('embedding'),
  }),
})

export const defaults = featureView('defaults', {
  entity: thing,
  source: things,
  ttl: '1h',
  refresh: '1h',
  materialize: true,
  features: ({ last, min }) => ({
    small_or: last('small').default(-2_147_483_648),
    big_or: last('big').default(9_223_372_036_854_775_807n),
    safe_or: last('safe').default(Number.MAX_SAFE_INTEGER),
    text_or: last('text').default("it's – ✓"),
    flag_or: last('flag').default(false),
    float_or: last('float').default(Number.NaN),
    tiny_or: last('float').default(5e-324),
    infinite_or: min('float').default(Number.POSITIVE_INFINITY),
    money_or: last('money').default('-0.000000001'),
    whole_or: last('whole').default(12),
    at_or: last('at').default(new Date('1969-12-31T23:59:59.999Z')),
  }),
})
