/** What a pod measures, for Prometheus. What happens with every request is counted here, and handed over when it is asked for. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Detail } from '../online/read.ts'
import { Distribution, type Sample } from './distribution.ts'

export type Step = 'queue' | 'store' | 'compute' | 'total'
export type StoreState = 'closed' | 'half-open' | 'open'

/**
 * One of so many requests is looked at feature by feature, and counts for all of them: to ask what each feature's status is costs as
 * much as the answer.
 */
export const sampled = 32

/** Of a service or view. */
export class Tally {
  readonly steps: Readonly<Record<Step, Distribution>> = {
    queue: new Distribution(),
    store: new Distribution(),
    compute: new Distribution(),
    total: new Distribution(),
  }
  readonly statuses = new Map<number, number>()
  readonly features = new Map<string, number>()
  entities = 0
  degraded = 0

  request(status: number): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1)
  }

  /** Of one request that was looked at, for as many as it counts for. */
  look(details: readonly Readonly<Record<string, Detail>>[], weight: number): void {
    for (const entity of details)
      for (const feature in entity) {
        const { source, status } = entity[feature] as Detail
        const name = `${feature} ${source} ${status}`
        this.features.set(name, (this.features.get(name) ?? 0) + weight)
      }
  }
}

export class Metrics {
  readonly registry = new Registry()
  readonly #tallies = new Map<string, Tally>()
  readonly #refused: Counter
  readonly #store: Gauge
  readonly #ready: Gauge

  /** `inFlight` is asked for when metrics are. */
  constructor(build: string, project: string, inFlight: () => number) {
    const { registry } = this
    const registers = [registry]
    registry.setDefaultLabels({ build })
    collectDefaultMetrics({ register: registry })
    this.#counter(
      'requests_total',
      'Requests by what they asked for and the status of the answer.',
      ['status'],
      tally => [...tally.statuses].map(([status, count]) => [{ status }, count]),
    )
    this.#counter('entities_total', 'Entities that were answered.', [], tally => [[{}, tally.entities]])
    this.#counter('degraded_total', 'Requests answered with defaults since a store was away.', [], tally => [
      [{}, tally.degraded],
    ])
    const weight = `One request of ${sampled} is looked at, and counts for all.`
    const labels = ['feature', 'source', 'status']
    this.#counter('features_total', `Features answered, by source and status. ${weight}`, labels, tally =>
      [...tally.features].map(([name, count]) => {
        const [feature = '', source = '', status = ''] = name.split(' ')
        return [{ feature, source, status }, count]
      }),
    )
    this.#seconds()
    this.#refused = new Counter({
      name: 'meridian_refused_total',
      help: 'Requests that were refused at once, by the reason.',
      labelNames: ['reason'],
      registers,
    })
    const gauge = (name: string, help: string, labelNames: string[] = [], collect?: (gauge: Gauge) => void) =>
      new Gauge({
        name: `meridian_${name}`,
        help,
        labelNames,
        registers,
        ...(collect && {
          collect() {
            collect(this)
          },
        }),
      })
    this.#store = gauge('store_state', 'State of the circuit to a store: 1 for the one it is in.', ['store', 'state'])
    this.#ready = gauge('ready', 'Whether the pod said at last that it is ready.')
    gauge('in_flight', 'Requests for features under way.', [], own => own.set(inFlight()))
    gauge('build_info', 'The build that is served.', ['project']).set({ project }, 1)
  }

  /** That of `services/<name>` or `views/<name>`. */
  tally(subject: string): Tally {
    const tally = this.#tallies.get(subject) ?? new Tally()
    this.#tallies.set(subject, tally)
    return tally
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

  #counter(
    name: string,
    help: string,
    labelNames: readonly string[],
    countsOf: (tally: Tally) => readonly (readonly [Readonly<Record<string, string | number>>, number])[],
  ): void {
    const tallies = this.#tallies
    new Counter({
      name: `meridian_${name}`,
      help,
      labelNames: ['subject', ...labelNames],
      registers: [this.registry],
      collect() {
        this.reset()
        for (const [subject, tally] of tallies)
          for (const [labels, count] of countsOf(tally)) if (count > 0) this.inc({ subject, ...labels }, count)
      },
    })
  }

  #seconds(): void {
    const name = 'meridian_request_seconds'
    const help =
      'Time of requests: in the queue until they are worked on, waiting for stores, computing and writing the answer, and in total.'
    const get = async () => {
      const values: Sample[] = []
      for (const [subject, { steps }] of this.#tallies)
        for (const [step, distribution] of Object.entries(steps))
          values.push(...distribution.samples(name, { subject, step }))
      return { name, help, type: 'histogram', values, aggregator: 'sum' }
    }
    // A registry asks no more of a metric than this.
    this.registry.registerMetric({ name, get } as unknown as Counter)
  }
}
