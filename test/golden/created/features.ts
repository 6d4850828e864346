/** Rows that become known after they happen: corrections and late rows must not leak into the past. */
import { entity, featureView, source, t } from 'meridian'

export const account = entity('account', { joinKeys: { account_id: t.int64() } })

export const bookings = source('bookings', {
  columns: {
    account_id: t.int64(),
    booking_id: t.int64(),
    amount: t.decimal(14, 2),
    risk: t.float64(),
    booked_at: t.timestamp(),
    known_at: t.timestamp(),
  },
  eventTimestamp: 'booked_at',
  createdTimestamp: 'known_at',
  tieBreak: ['booking_id'],
})

export const bookingTotals = featureView('booking_totals', {
  entity: account,
  source: bookings,
  refresh: '15m',
  materialize: true,
  features: ({ avg, count, sum }) => ({
    bookings_1d: count().over('1d'),
    bookings_7d: count().over('7d'),
    booked_1d: sum('amount').over('1d'),
    mean_7d: avg('amount').over('7d'),
  }),
})

export const lastBooking = featureView('last_booking', {
  entity: account,
  source: bookings,
  ttl: '30d',
  refresh: '15m',
  materialize: true,
  features: ({ first, last }) => ({
    last_booked: last('amount'),
    last_credit: last('amount').where(row => row.amount.gt('0')),
    first_booked: first('amount'),
  }),
})

export const bookingExtremes = featureView('booking_extremes', {
  entity: account,
  source: bookings,
  refresh: '15m',
  materialize: true,
  features: ({ max, min, sum }) => ({
    largest_1d: max('amount').over('1d'),
    smallest_1d: min('amount').over('1d'),
    risk_1d: sum('risk').over('1d'),
    risk_7d: sum('risk').over('7d'),
  }),
})

export const bookingHistory = featureView('booking_history', {
  entity: account,
  source: bookings,
  refresh: '1h',
  materialize: true,
  features: ({ count, max, sum }) => ({
    bookings_ever: count(),
    balance: sum('amount').default('0'),
    largest_ever: max('amount'),
  }),
})
