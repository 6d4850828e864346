import { entity, source, t } from 'meridian'

export const user = entity('user', { joinKeys: { user_id: t.int64() } })

export const payments = source('payments', {
  columns: {
    user_id: t.int64(),
    amount: t.decimal(12, 2),
    status: t.string(),
    payment_id: t.int64(),
    paid_at: t.timestamp(),
  },
  eventTimestamp: 'paid_at',
  tieBreak: ['payment_id'],
})
