/** `last` and `first`, with and without a condition: one row for each condition, however many features it has. */
import { entity, featureView, source, t } from 'meridian'

export const user = entity('user', { joinKeys: { user_id: t.int64() } })

/** Payments as the processor reports them. */
export const payments = source('payments', {
  columns: {
    user_id: t.int64(),
    amount: t.decimal(12, 2),
    status: t.string(),
    paid_at: t.timestamp(),
    payment_id: t.int64(),
  },
  eventTimestamp: 'paid_at',
  tieBreak: ['payment_id'],
})

/** What the user paid last, and first. */
export const lastPayments = featureView('last_payments', {
  entity: user,
  source: payments,
  ttl: '90d',
  refresh: '10m',
  materialize: true,
  owner: 'payments@example.com',
  tags: ['payments', 'core'],
  features: ({ first, last }) => ({
    /** Amount of the last payment. */
    last_amount: last('amount'),
    /** Its status. */
    last_status: last('status').default('none'),
    /** Amount of the last payment that was declined. */
    last_declined_amount: last('amount').where(row => row.status.eq('declined')),
    /** When that was. */
    last_declined_at: last('paid_at').where(row => row.status.eq('declined')),
    /** Amount of the first payment ever. */
    first_amount: first('amount'),
    /** The last amount in cents, by an expression. */
    last_cents: last(row => row.amount.times('100')),
  }),
})
