/** Functions of every type, of nothing but the request, and of nothing at all. */
import { onDemandFeatureView, t } from 'meridian'
import { Method, twice } from './payment.ts'
import rates from './rates.json'
import { repeated } from './words.ts'

const request = {
  amount: t.decimal(12, 2),
  method: t.string(),
  count: t.int64({ as: 'number' }),
  paid_at: t.timestamp(),
  payload: t.json(),
  tags: t.list(t.string()),
  embedding: t.vector(2),
  digest: t.bytes(),
}

function lengthOf(vector: Float32Array): number {
  return Math.sqrt(vector.reduce((sum, part) => sum + part * part, 0))
}

export const payment = onDemandFeatureView('payment', {
  request,
  features({ feature: of }) {
    return {
      is_card: of(t.boolean(), input => input.request.method === Method.Card).default(false),
      units: of(t.int32(), input => input.request.count % 10),
      next: of(t.int64(), ({ request: { count } }) => BigInt(count) + 1n).default(0n),
      safe: of(t.int64({ as: 'number' }), ({ request: { count } }) => count),
      fee: of(t.float64(), ({ request: { amount, method } }) =>
        Number(amount) * (method === Method.Transfer ? rates.transfer : rates.card),
      ),
      doubled: of(t.decimal(14, 2), ({ request: { amount } }) => twice(amount)).default('0.00'),
      word: of(t.string(), ({ request: { method } }) => repeated(method)).default('none'),
      due: of(t.timestamp(), ({ request: { paid_at }, now }) => (paid_at < now ? now : paid_at)),
      copy: of(t.json(), ({ request: { payload } }) => ({ payload })),
      reversed: of(t.list(t.string()), ({ request: { tags } }) => [...tags].reverse()),
      unit: of(t.vector(2), ({ request: { embedding } }) => embedding.map(part => part / lengthOf(embedding))),
      head: of(t.bytes(), ({ request: { digest } }) => digest.slice(0, 4)),
    }
  },
})

/** Of nothing: the same for a moment. */
export const noise = onDemandFeatureView('noise', {
  features: words => ({
    /** Of an `instant`, and no more. */
    noise: words.feature(t.float64(), function drawn({ random }) {
      return random()
    }),
  }),
})
