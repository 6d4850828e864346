import { source, t } from 'meridian'

export const pages = source('pages', {
  columns: { embedding: t.vector(0), wide: t.vector(100_000), fine: t.vector(384), at: t.timestamp() },
  eventTimestamp: 'at',
})
