import { onDemandFeatureView, t } from 'meridian'
// @ts-expect-error it has no types
import { rate } from './rates.cjs'

export const risk = onDemandFeatureView('risk', {
  request: { amount: t.float64() },
  features: ({ feature }) => ({ rated: feature(t.float64(), ({ request }) => rate(request.amount)) }),
})
