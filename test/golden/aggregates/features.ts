/** Every aggregate, bare and with a condition, a window and a default. */
import { entity, featureView, source, t, when } from 'meridian'

export const shop = entity('shop', { joinKeys: { shop_id: t.int64() } })

export const sales = source('sales', {
  columns: {
    shop_id: t.int64(),
    units: t.int32(),
    cents: t.int64(),
    price: t.decimal(10, 2),
    weight: t.float64(),
    article: t.string(),
    refunded: t.boolean(),
    sold_at: t.timestamp(),
    packed_at: t.timestamp(),
  },
  eventTimestamp: 'sold_at',
})

export const bare = featureView('bare', {
  entity: shop,
  source: sales,
  refresh: '1h',
  materialize: true,
  features: ({ avg, count, countDistinct, max, min, ratio, stddev, sum, variance }) => ({
    sales: count(),
    articles_known: count('article'),
    units: sum('units'),
    cents: sum('cents'),
    prices: sum('price'),
    weights: sum('weight'),
    mean_units: avg('units'),
    mean_price: avg('price'),
    mean_weight: avg('weight'),
    least_price: min('price'),
    first_article: min('article'),
    last_packed: max('packed_at'),
    heaviest: max('weight'),
    deviation: stddev('units'),
    spread: variance('weight'),
    articles: countDistinct('article'),
    price_of_weight: ratio(sum('price'), sum('weight')),
  }),
})

export const full = featureView('full', {
  entity: shop,
  source: sales,
  refresh: '1h',
  materialize: true,
  features: ({ avg, count, countDistinct, max, min, ratio, stddev, sum, variance }) => ({
    sales: count()
      .where(row => row.refunded.not())
      .over('1d')
      .default(-1),
    units: sum('units')
      .where(row => row.refunded.not())
      .over('1d')
      .default(0),
    cents: sum('cents')
      .where(row => row.refunded.not())
      .over('1d')
      .default(0n),
    prices: sum('price')
      .where(row => row.article.in('a', 'b').and(row.units.between(1, 9)))
      .over('1d')
      .default('0.00'),
    mean_weight: avg('weight')
      .where(row => row.weight.gt(0))
      .over('1d')
      .default(0),
    least: min('price')
      .where(row => row.price.ne('0'))
      .over('1d')
      .default('0'),
    greatest: max('article')
      .where(row => row.article.lower().startsWith('x'))
      .over('1d')
      .default('none'),
    deviation: stddev('units')
      .where(row => row.units.isNotNull())
      .over('1d')
      .default(0),
    spread: variance('weight')
      .where(row => row.weight.isNull().not())
      .over('1d')
      .default(0.5),
    articles: countDistinct('article')
      .where(row => row.sold_at.hour().gte(9))
      .over('1d')
      .default(0),
    refund_rate: ratio(
      count()
        .where(row => row.refunded)
        .over('1d'),
      count().over('7d'),
    ).default(0),
  }),
})

/** Arguments that are expressions. */
export const computed = featureView('computed', {
  entity: shop,
  source: sales,
  refresh: '1h',
  materialize: true,
  features: ({ avg, countDistinct, max, sum }) => ({
    revenue: sum(row => row.price.times(row.units)).over('1d'),
    net: sum(row => when(row.refunded).then(row.price.negate()).otherwise(row.price)).over('1d'),
    hours_to_pack: avg(row => row.packed_at.secondsSince(row.sold_at).dividedBy(3600)).over('1d'),
    initials: countDistinct(row => row.article.trim().substring(1, 1)).over('1d'),
    grams: max(row => row.weight.times(1000).floor().coalesce(0)).over('1d'),
    odd_units: sum(row => row.units.modulo(2)).over('1d'),
  }),
})
