/** What a pod measures, for Prometheus. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Detail } from '../online/read.ts'

/** From 0.1 ms to 5 s. */
const buckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

export type Step = 'queue' | 'store' | 'compute' | 'total'
export type StoreState = 'closed' | 'half-open' | 'open'

/**
 * One of so many requests is looked at feature by feature, and counts for all of them: to ask what each feature's status is costs as
 * much as the answer.
 */
export const sampled = 16

export class Metrics {
  readonly registry = new Registry()
  readonly #requests: Counter
  readonly #seconds: Histogram
  readonly #entities: Counter
  readonly #features: Counter
  readonly #degraded: Counter
  readonly #refused: Counter
  readonly #store: Gauge
  readonly #ready: Gauge

  /** `inFlight` is asked for when metrics are. */
  constructor(build: string, project: string, inFlight: () => number) {
    const { registry } = this
    const registers = [registry]
    registry.setDefaultLabels({ build })
    collectDefaultMetrics({ register: registry })
    const counter = (name: string, help: string, labelNames: string[]) =>
      new Counter({ name: `meridian_${name}`, help, labelNames, registers })
    const gauge = (name: string, help: string, labelNames: string[]) =>
      new Gauge({ name: `meridian_${name}`, help, labelNames, registers })
    this.#requests = counter('requests_total', 'Requests by what they asked for and the status of the answer.', [
      'subject',
      'status',
    ])
    this.#seconds = new Histogram({
      name: 'meridian_request_seconds',
      help: 'Time of requests: in the queue until they are worked on, waiting for stores, computing and writing the answer, and in total.',
      labelNames: ['subject', 'step'],
      buckets,
      registers,
    })
    this.#entities = counter('entities_total', 'Entities that were answered.', ['subject'])
    this.#features = counter(
      'features_total',
      `Features that were answered, by source and status; one request of ${sampled} is looked at, and counts for all.`,
      ['subject', 'feature', 'source', 'status'],
    )
    this.#degraded = counter('degraded_total', 'Requests that were answered with defaults since a store was away.', [
      'subject',
    ])
    this.#refused = counter('refused_total', 'Requests that were refused at once, by the reason.', ['reason'])
    this.#store = gauge('store_state', 'State of the circuit to a store: 1 for the one it is in.', ['store', 'state'])
    this.#ready = gauge('ready', 'Whether the pod said at last that it is ready.', [])
    new Gauge({
      name: 'meridian_in_flight',
      help: 'Requests for features under way.',
      registers,
      collect() {
        this.set(inFlight())
      },
    })
    new Gauge({
      name: 'meridian_build_info',
      help: 'The build that is served.',
      labelNames: ['project'],
      registers,
    }).set({ project }, 1)
  }

  request(subject: string, status: number, entities: number): void {
    this.#requests.inc({ subject, status })
    if (entities > 0) this.#entities.inc({ subject }, entities)
  }

  step(subject: string, step: Step, milliseconds: number): void {
    this.#seconds.observe({ subject, step }, milliseconds / 1000)
  }

  /** Of one request that was looked at. */
  features(subject: string, details: readonly Readonly<Record<string, Detail>>[], weight: number): void {
    const counts = new Map<string, number>()
    for (const entity of details)
      for (const feature in entity) {
        const { source, status } = entity[feature] as Detail
        const name = `${feature} ${source} ${status}`
        counts.set(name, (counts.get(name) ?? 0) + weight)
      }
    for (const [name, count] of counts) {
      const [feature = '', source = '', status = ''] = name.split(' ')
      this.#features.inc({ subject, feature, source, status }, count)
    }
  }

  degraded(subject: string): void {
    this.#degraded.inc({ subject })
  }

  refused(reason: string): void {
    this.#refused.inc({ reason })
  }

  store(store: string, state: StoreState): void {
    for (const one of ['closed', 'half-open', 'open']) this.#store.set({ store, state: one }, one === state ? 1 : 0)
  }

  ready(isReady: boolean): void {
    this.#ready.set(isReady ? 1 : 0)
  }
}
