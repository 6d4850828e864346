import { featureView } from 'meridian'
import { landings } from './sources.ts'

export const originStats = featureView('origin_stats', {
  entity: airport, source: landings,
  features: ({ avg, count, last, max, min, ratio, sum }) => ({
    flights: count(),
  }),
})
