import { source, t } from 'meridian'

export const fares = source('fares', {
  columns: { fare: t.decimal(40, 2), tax: t.decimal(4, 5), all: t.list(t.decimal(0, 0)), at: t.timestamp() },
  eventTimestamp: 'at',
})
