/**
 * Features for deciding on a card payment while it waits: what the user, the merchant and the device have been doing.
 *
 * The data are synthetic: `data.ts` makes them. Two things must not leak into training. The payment itself is in the table with what
 * became of it, which nobody knows while it waits: `boundary: 'before'` leaves it out. A chargeback is reported weeks after its
 * payment: it has two timestamps, and is not seen before the second.
 */
import { entity, featureService, featureView, onDemandFeatureView, source, sql, sqlFeatureView, t } from 'meridian'

export const user = entity('user', { joinKeys: { user_id: t.int64({ as: 'number' }) } })
export const merchant = entity('merchant', { joinKeys: { merchant_id: t.string() } })
export const device = entity('device', { joinKeys: { device_id: t.string() } })

/** Every attempt to pay, known once it is decided. */
export const transactions = source('transactions', {
  columns: {
    transaction_id: t.int64(),
    user_id: t.int64({ as: 'number' }),
    merchant_id: t.string(),
    device_id: t.string(),
    amount: t.decimal(12, 2),
    status: t.string(),
    attempted_at: t.timestamp(),
  },
  eventTimestamp: 'attempted_at',
  tieBreak: ['transaction_id'],
  duckdb: { parquet: 'data/fraud/transactions.parquet' },
  postgres: { table: 'fraud_example.transactions' },
})

/** Payments that were charged back: when they were made, and when the bank said so. */
export const chargebacks = source('chargebacks', {
  columns: {
    transaction_id: t.int64(),
    merchant_id: t.string(),
    amount: t.decimal(12, 2),
    paid_at: t.timestamp(),
    reported_at: t.timestamp(),
  },
  eventTimestamp: 'paid_at',
  createdTimestamp: 'reported_at',
  tieBreak: ['transaction_id'],
  duckdb: { parquet: 'data/fraud/chargebacks.parquet' },
  postgres: { table: 'fraud_example.chargebacks' },
})

/** What the user has been doing with the card. */
export const userActivity = featureView('user_activity', {
  entity: user,
  source: transactions,
  boundary: 'before',
  ttl: '90d',
  refresh: '1m',
  freshness: '5m',
  materialize: true,
  owner: 'payments-risk',
  features: ({ avg, count, countDistinct, last, max, sum }) => ({
    /** Attempts in ten minutes: a card that is being tried out. */
    attempts_10m: count().over('10m'),
    /** Declined attempts in an hour. */
    declined_1h: count()
      .where(row => row.status.eq('declined'))
      .over('1h'),
    /** Spent in a day. */
    spend_1d: sum('amount')
      .where(row => row.status.eq('approved'))
      .over('1d')
      .default('0.00'),
    /** Spent in a week. */
    spend_7d: sum('amount')
      .where(row => row.status.eq('approved'))
      .over('7d')
      .default('0.00'),
    /** The usual payment. */
    avg_amount_30d: avg('amount')
      .where(row => row.status.eq('approved'))
      .over('30d'),
    /** The largest approved payment. */
    largest_30d: max('amount')
      .where(row => row.status.eq('approved'))
      .over('30d'),
    /** Merchants tried in an hour: few people shop at many at once. */
    merchants_1h: countDistinct('merchant_id').over('1h'),
    /** Merchants tried in a week. */
    merchants_7d: countDistinct('merchant_id').over('7d'),
    last_merchant: last('merchant_id'),
    last_attempt: last('attempted_at'),
  }),
})

/** How the merchant's payments have been going. */
export const merchantRisk = featureView('merchant_risk', {
  entity: merchant,
  source: transactions,
  boundary: 'before',
  refresh: '5m',
  materialize: true,
  owner: 'payments-risk',
  features: ({ count, ratio }) => ({
    merchant_attempts_1d: count().over('1d'),
    /** Share of a day's attempts that were declined. */
    merchant_declined_rate_1d: ratio(
      count()
        .where(row => row.status.eq('declined'))
        .over('1d'),
      count().over('1d'),
    ).default(0),
  }),
})

/** Payments to the merchant of the last ninety days that are known to have been charged back. */
export const merchantChargebacks = featureView('merchant_chargebacks', {
  entity: merchant,
  source: chargebacks,
  refresh: '1h',
  materialize: true,
  owner: 'payments-risk',
  features: ({ count, sum }) => ({
    chargebacks_90d: count().over('90d'),
    charged_back_90d: sum('amount').over('90d').default('0.00'),
  }),
})

/**
 * Who has been using the device. Computed when it is read, since a thief is done before the next tick: each read costs a query of the
 * database, by an index.
 */
export const deviceUse = featureView('device_use', {
  entity: device,
  source: transactions,
  boundary: 'before',
  features: ({ count, countDistinct }) => ({
    /** Cards that were tried from the device in a day, by their users. */
    device_users_1d: countDistinct('user_id').over('1d'),
    device_attempts_10m: count().over('10m'),
    device_declined_10m: count()
      .where(row => row.status.eq('declined'))
      .over('10m'),
  }),
})

/** The merchant's whole days, each known when it is over. */
export const merchantDays = sqlFeatureView('merchant_days', {
  entity: merchant,
  query: sql`SELECT
  merchant_id,
  date_trunc('day', attempted_at) + INTERVAL '1 day' AS day_end,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY amount::DOUBLE PRECISION) AS typical_amount
FROM ${transactions}
WHERE status = 'approved'
GROUP BY merchant_id, day_end`,
  eventTimestamp: 'day_end',
  tieBreak: ['day_end'],
  ttl: '7d',
  refresh: '1d',
  materialize: true,
  owner: 'payments-risk',
  features: ({ column }) => ({
    /** The middle one of the last whole day's approved payments. */
    typical_amount: column(t.float64()),
  }),
})

/** The payment itself, against what is usual: its amount is known only when it is asked for. */
export const payment = onDemandFeatureView('payment', {
  request: { amount: t.decimal(12, 2) },
  inputs: {
    user: userActivity.pick('avg_amount_30d', 'largest_30d', 'last_attempt'),
    merchant: merchantDays,
  },
  owner: 'payments-risk',
  features: ({ feature }) => ({
    /** How many times the user's usual payment it is; 1 where nothing is known. */
    times_usual: feature(t.float64(), ({ request, user }) =>
      user.avg_amount_30d === null ? null : Number(request.amount) / user.avg_amount_30d,
    ).default(1),
    /** How many times the merchant's typical payment it is. */
    times_typical: feature(t.float64(), ({ request, merchant }) =>
      merchant.typical_amount === null ? null : Number(request.amount) / merchant.typical_amount,
    ),
    /** Whether it would be the largest that the user was ever allowed in thirty days. */
    largest_ever: feature(t.boolean(), ({ request, user }) => Number(request.amount) > Number(user.largest_30d ?? 0)),
    /** Seconds since the last attempt that was known when the user's features were stored. */
    seconds_since_last: feature(t.float64(), ({ now, user }) =>
      user.last_attempt === null ? null : (now.getTime() - user.last_attempt.getTime()) / 1000,
    ),
  }),
})

/** Rules of thumb over all of it, as points: what a reviewer looks at first. */
export const suspicion = onDemandFeatureView('suspicion', {
  inputs: {
    payment: payment.pick('times_usual', 'seconds_since_last'),
    user: userActivity.pick('declined_1h', 'merchants_1h'),
    device: deviceUse.pick('device_users_1d', 'device_declined_10m'),
  },
  owner: 'payments-risk',
  features: ({ feature }) => ({
    /** From 0, nothing is odd, to 100. */
    suspicion_points: feature(t.int32(), ({ payment, user, device }) => {
      const hurried = (payment.seconds_since_last ?? Number.POSITIVE_INFINITY) < 60 ? 20 : 0
      const tried = 10 * Math.min(user.declined_1h, 3) + 5 * Math.min(user.merchants_1h, 4)
      const shared = device.device_users_1d > 2 || device.device_declined_10m > 3 ? 20 : 0
      return hurried + tried + shared + (payment.times_usual > 10 ? 10 : 0)
    }),
  }),
})

/** What is known of a payment while it waits. */
export const fraud = featureService('fraud', [
  userActivity,
  merchantRisk,
  merchantChargebacks,
  merchantDays,
  deviceUse,
  payment,
  suspicion,
])
