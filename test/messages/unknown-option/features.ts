import { entity, featureService, featureView, source, t } from 'meridian'

export const user = entity('user', { joinKeys: { user_id: t.int64() } })

export const payments = source('payments', {
  columns: { user_id: t.int64(), paid_at: t.timestamp() },
  eventTimestamp: 'paid_at',
  ...{ createdTimestmap: 'paid_at' },
})

const options = { materialise: true } as object

export const stats = featureView('stats', {
  entity: user,
  source: payments,
  refresh: '5m',
  ...options,
  features: ({ count }) => ({ payments_1d: count().over('1d') }),
})

export const checkout = featureService('checkout', [stats], {
  // @ts-expect-error: what the editor says, where it is asked
  ownr: 'payments',
})
