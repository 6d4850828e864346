/** What a pod answers besides features: how it is, what there is, what it measured. */
import type { Page } from './app.ts'
import type { Metrics } from './metrics.ts'
import type { Ready } from './readiness.ts'
import type { Gate } from './requests.ts'

export interface PagesOptions {
  /** `openapi.json` as it was built. */
  readonly document: string
  readonly catalogue: string
  readonly metrics: Metrics
  readonly gate: Gate
  readonly ready: Ready
}

const json = 'application/json; charset=utf-8'

export function pagesOf({ document, catalogue, metrics, gate, ready }: PagesOptions): Readonly<Record<string, Page>> {
  const readiness = async () =>
    gate.isDraining ? { ready: false, problems: ['the pod is about to end'] } : await ready.check()
  return {
    '/healthz': { open: true, answer: async () => ({ type: json, text: '{"status":"up"}' }) },
    '/readyz': {
      open: true,
      answer: async () => {
        const state = await readiness()
        metrics.ready(state.ready)
        return { status: state.ready ? 200 : 503, type: json, text: JSON.stringify(state) }
      },
    },
    '/metrics': {
      scope: 'metrics',
      answer: async () => ({ type: metrics.registry.contentType, text: await metrics.registry.metrics() }),
    },
    '/v1/catalog': { answer: async () => ({ type: json, text: catalogue }) },
    '/openapi.json': { answer: async () => ({ type: json, text: document }) },
  }
}
