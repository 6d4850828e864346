/** Labels whose own event is in the source: only strictly earlier rows count. */
import { entity, featureView, source, t } from 'meridian'

export const player = entity('player', { joinKeys: { player_id: t.int32() } })

export const rounds = source('rounds', {
  columns: { player_id: t.int32(), round_id: t.int64(), points: t.int32(), pace: t.float64(), played_at: t.timestamp() },
  eventTimestamp: 'played_at',
  tieBreak: ['round_id'],
})

/** The form a player comes to a round with. */
export const form = featureView('form', {
  entity: player,
  source: rounds,
  boundary: 'before',
  ttl: '60d',
  refresh: '5m',
  materialize: true,
  features: ({ avg, count, last, max, sum }) => ({
    last_points: last('points'),
    rounds_1d: count().over('1d'),
    points_1d: sum('points').over('1d'),
    mean_pace_7d: avg('pace').over('7d'),
    best_7d: max('points').over('7d'),
  }),
})
