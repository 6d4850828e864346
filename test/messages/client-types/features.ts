import { entity, featureService, featureView, source, t } from 'meridian'

export const user = entity('user', { joinKeys: { user_id: t.int64() } })
export const payments = source('payments', {
  columns: { user_id: t.int64(), paid_at: t.timestamp() },
  eventTimestamp: 'paid_at',
})
export const spend = featureView('spend', {
  entity: user,
  source: payments,
  features: ({ count }) => ({ payments_1d: count().over('1d') }),
})
export const spendKeys = featureView('spend_keys', {
  entity: user,
  source: payments,
  features: ({ count }) => ({ payments_2d: count().over('2d') }),
})
export const store = featureService('feature_view', [spend])
