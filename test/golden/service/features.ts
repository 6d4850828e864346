/** Views of several entities in one training statement, and one view in two services. */
import { entity, featureService, featureView, source, sql, sqlFeatureView, t } from 'meridian'

export const customer = entity('customer', { joinKeys: { customer_id: t.int64() } })
export const merchant = entity('merchant', { joinKeys: { merchant_id: t.int64() } })
export const pair = entity('pair', { joinKeys: { customer_id: t.int64(), merchant_id: t.int64() } })

export const purchases = source('purchases', {
  columns: {
    customer_id: t.int64(),
    merchant_id: t.int64(),
    amount: t.decimal(12, 2),
    bought_at: t.timestamp(),
    purchase_id: t.int64(),
  },
  eventTimestamp: 'bought_at',
  tieBreak: ['purchase_id'],
})

export const customerStats = featureView('customer_stats', {
  entity: customer,
  source: purchases,
  ttl: '30d',
  refresh: '5m',
  materialize: true,
  features: ({ count, last, sum }) => ({
    purchases_1d: count().over('1d'),
    spent_1d: sum('amount').over('1d'),
    last_amount: last('amount'),
  }),
})

export const merchantStats = featureView('merchant_stats', {
  entity: merchant,
  source: purchases,
  refresh: '1h',
  materialize: true,
  features: ({ countDistinct }) => ({ customers_7d: countDistinct('customer_id').over('7d') }),
})

export const pairStats = featureView('pair_stats', {
  entity: pair,
  source: purchases,
  boundary: 'before',
  features: ({ count }) => ({ visits: count() }),
})

export const merchantDays = sqlFeatureView('merchant_days', {
  entity: merchant,
  query: sql`SELECT merchant_id, date_trunc('day', bought_at) + INTERVAL '1 day' AS day_end, count(*) AS day_purchases FROM ${purchases} GROUP BY merchant_id, day_end`,
  eventTimestamp: 'day_end',
  tieBreak: ['day_purchases'],
  ttl: '2d',
  features: ({ column }) => ({ day_purchases: column(t.int64({ as: 'number' })).default(0) }),
})

/** All that the fraud model reads. */
export const fraud = featureService('fraud', [customerStats, merchantStats, pairStats, merchantDays], {
  owner: 'fraud@example.com',
})

export const recommendation = featureService('recommendation', [customerStats], { onStoreFailure: 'defaults' })
