/** Many windows over what can be subtracted exactly, and over what cannot. */
import { entity, featureView, source, t } from 'meridian'

export const card = entity('card', { joinKeys: { card_id: t.string() } })

export const swipes = source('swipes', {
  columns: { card_id: t.string(), amount: t.decimal(12, 2), score: t.float64(), declined: t.boolean(), at: t.timestamp() },
  eventTimestamp: 'at',
})

/** Counts and sums: totals, subtracted. */
export const totals = featureView('totals', {
  entity: card,
  source: swipes,
  refresh: '1m',
  materialize: true,
  features: ({ avg, count, ratio, sum }) => ({
    swipes_1h: count().over('1h'),
    swipes_1d: count().over('1d'),
    swipes_30d: count().over('30d'),
    swipes_ever: count(),
    declined_1d: count()
      .where(row => row.declined)
      .over('1d'),
    amount_1h: sum('amount').over('1h'),
    amount_1d: sum('amount').over('1d').default('0.00'),
    mean_amount_1d: avg('amount').over('1d'),
    /** Share of the day's swipes that were declined. */
    declined_rate_1d: ratio(
      count()
        .where(row => row.declined)
        .over('1d'),
      count().over('1d'),
    ),
  }),
})

/** Floats, extremes and distinct values: frames. */
export const frames = featureView('frames', {
  entity: card,
  source: swipes,
  refresh: '1m',
  materialize: true,
  features: ({ countDistinct, max, min, stddev, sum }) => ({
    score_1h: sum('score').over('1h'),
    score_1d: sum('score').over('1d'),
    largest_1d: max('amount').over('1d'),
    smallest_ever: min('amount'),
    deviation_1w: stddev('score').over('1w'),
    amounts_1d: countDistinct('amount').over('1d'),
  }),
})

/** Both in one view, over windows of odd lengths. */
export const mixed = featureView('mixed', {
  entity: card,
  source: swipes,
  refresh: '1m',
  materialize: true,
  features: ({ count, max }) => ({
    swipes_90m: count().over('90m'),
    swipes_1ms: count().over('1ms'),
    swipes_1us: count().over('1us'),
    largest_36h: max('amount').over('36h'),
  }),
})
