import { featureView } from 'meridian'
import { airport, landings } from './sources.ts'

export const originStats = featureView('origin_stats', {
  entity: airport, source: landings,
  features: ({ last }) => ({
    last_delay: last('delay'),
  }),
})
