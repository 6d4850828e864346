import { entity, featureService, featureView, onDemandFeatureView, source, sqlFeatureView, t } from 'meridian'

// As it comes from code that nobody type-checked.
const anything = (value: unknown): never => value as never

export const user = entity('user', { joinKeys: { user_id: anything(t.int64) } })

export const payments = source('payments', {
  columns: { user_id: t.int64(), amount: t.int64(), paid_at: anything(t.timestamp) },
  eventTimestamp: 'paid_at',
  tieBreak: anything('amount'),
  duckdb: anything({ cvs: 'payments.csv' }),
  postgres: anything({ tabel: 'payments' }),
})

export const stats = featureView('stats', {
  entity: user,
  source: payments,
  boundary: anything('AT'),
  materialize: anything('yes'),
  refresh: '5m',
  tags: anything('billing'),
  features: ({ count }) => ({ payments_1d: count().over('1d') }),
})

export const days = sqlFeatureView('days', {
  entity: user,
  query: anything('SELECT 1'),
  eventTimestamp: 'day_end',
  tieBreak: ['day_end'],
  features: ({ column }) => ({ payments_day: column(anything(t.int64)) }),
})

export const risk = onDemandFeatureView('risk', {
  request: { amount: anything('decimal') },
  inputs: { stats: anything(5) },
  features: ({ feature }) => ({ large: feature(t.boolean(), () => true) }),
})

export const checkout = featureService('checkout', [stats], { onStoreFailure: anything('default') })
export const nameless = featureService(anything(undefined), [stats])
