import { type OnDemandVocabulary, onDemandFeatureView, t } from 'meridian'

type Words = OnDemandVocabulary<{ distance: { readonly type: 'int32' } }, Record<never, never>>

/** Its second argument is no function of a feature. */
const scaled = ({ feature }: Words, factor: number) =>
  feature(t.int32(), ({ request }) => request.distance * factor)

const shared = ({ feature }: Words) => ({ double: feature(t.int32(), ({ request }) => request.distance * 2) })

export const risk = onDemandFeatureView('risk', {
  request: { distance: t.int32() },
  features: words => ({
    once: words.feature(t.int32(), ({ request }) => request.distance),
    thrice: scaled(words, 3),
    ...shared(words),
  }),
})

export const other = onDemandFeatureView('other', { request: { distance: t.int32() }, features: shared })
