import { source, t } from 'meridian'

export const landings = source('landings', {
  columns: { origin: t.string(), landed_at: t.timestamp() },
  eventTimestamp: 'landed_on',
  createdTimestamp: 'known_at',
  tieBreak: ['fligth'],
})
