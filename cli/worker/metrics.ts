/** What a worker does, and how fresh views are, as metrics that Prometheus reads. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { MeridianError, type Observer, type ViewStatus } from '../../runtime/index.ts'

/** How fresh views are, read when metrics are asked for. */
export type ReadStatus = () => Promise<readonly ViewStatus[]>

export interface Metrics {
  readonly observe: Observer
  readonly contentType: string
  /** In the text format of Prometheus. */
  text(): Promise<string>
}

/** Seconds. */
const buckets = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600]

export function metrics(worker: string, readStatus: ReadStatus): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const ofView = { registers, labelNames: ['view'] } as const
  const completed = new Counter({
    ...ofView,
    name: 'meridian_ticks_completed_total',
    help: 'Ticks that this worker brought online.',
  })
  const failed = new Counter({
    ...ofView,
    name: 'meridian_ticks_failed_total',
    help: 'Runs of this worker that failed, by whose fault: view, or a server that was away.',
    labelNames: ['view', 'fault'],
  })
  const duration = new Histogram({
    ...ofView,
    buckets,
    name: 'meridian_tick_duration_seconds',
    help: 'What completed runs took.',
  })
  const lateness = new Histogram({
    ...ofView,
    buckets,
    name: 'meridian_tick_lateness_seconds',
    help: 'From a tick until its values were online.',
  })
  const rows = new Counter({
    ...ofView,
    name: 'meridian_rows_computed_total',
    help: 'Keys whose values were computed.',
  })
  const written = new Counter({
    ...ofView,
    name: 'meridian_rows_written_total',
    help: 'Of these, those that were not older than what was stored.',
  })
  const attempts = new Counter({
    registers,
    name: 'meridian_lock_attempts_total',
    help: 'Looks for work: won a lock, found none, or lost it while the tick ran.',
    labelNames: ['result'],
  })
  const waiting = new Gauge({
    registers,
    name: 'meridian_waiting',
    help: 'Whether this worker waits for a server that is away.',
    labelNames: ['for'],
  })
  const unrecorded = new Gauge({
    registers,
    name: 'meridian_ticks_unrecorded',
    help: 'Completed ticks that could not be recorded yet.',
  })
  const lag = new Gauge({ ...ofView, name: 'meridian_lag_seconds', help: 'How old the stored values of a view are.' })
  const freshness = new Gauge({
    ...ofView,
    name: 'meridian_freshness_seconds',
    help: 'How old they may be, where the definition says.',
  })
  const stale = new Gauge({
    ...ofView,
    name: 'meridian_stale',
    help: 'Whether they are older than that, or missing.',
  })
  const failures = new Gauge({
    ...ofView,
    name: 'meridian_failures_in_a_row',
    help: 'Failures of a view since its last completed tick, of any worker.',
  })
  const readable = new Gauge({
    registers,
    name: 'meridian_status_readable',
    help: 'Whether the store could be asked how fresh views are. Where not, their lag is missing here.',
  })
  const info = { registers, name: 'meridian_worker_info', help: 'The name of this worker.', labelNames: ['worker'] }
  new Gauge(info).set({ worker }, 1)
  for (const result of ['won', 'none', 'lost']) attempts.inc({ result }, 0)
  for (const server of ['store', 'database']) waiting.set({ for: server }, 0)

  const notRecorded = new Set<string>()
  const nameOf = ({ view, tick }: { readonly view: string; readonly tick: Date }) => `${view} ${tick.getTime()}`

  const ofStatus = async (): Promise<void> => {
    // A number that is no longer true is worse than none.
    for (const gauge of [lag, stale, failures, freshness]) gauge.reset()
    try {
      for (const status of await readStatus()) {
        const { view } = status
        if (status.lag !== null) lag.set({ view }, status.lag)
        if (status.freshness !== null) {
          freshness.set({ view }, status.freshness)
          stale.set({ view }, status.stale ? 1 : 0)
        }
        failures.set({ view }, status.failure?.attempt ?? 0)
      }
      readable.set(1)
    } catch (error) {
      if (!(error instanceof MeridianError)) throw error
      readable.set(0)
    }
  }

  return {
    contentType: registry.contentType,
    async text() {
      await ofStatus()
      return registry.metrics()
    },
    observe(event) {
      switch (event.kind) {
        case 'tick.completed': {
          const { view } = event
          completed.inc({ view })
          duration.observe({ view }, event.seconds)
          lateness.observe({ view }, event.lag)
          rows.inc({ view }, event.rows)
          written.inc({ view }, event.written)
          // A tick is recorded, with all that waited, before it is told of.
          if (!notRecorded.delete(nameOf(event))) unrecorded.set(0)
          break
        }
        case 'tick.failed':
          failed.inc({ view: event.view, fault: event.attempt === 0 ? 'server' : 'view' })
          break
        case 'lock.won':
          attempts.inc({ result: 'won' })
          break
        case 'lock.none':
          attempts.inc({ result: 'none' })
          break
        case 'lock.lost':
          attempts.inc({ result: 'lost' })
          break
        case 'record.failed':
          notRecorded.add(nameOf(event))
          unrecorded.set(event.waiting)
          break
        case 'waiting':
          waiting.set({ for: event.for }, 1)
          break
        case 'resumed':
          waiting.set({ for: event.for }, 0)
          break
        case 'tick.started':
        case 'tick.skipped':
        case 'tick.released':
        case 'entered':
        case 'stopping':
        case 'stopped':
          break
        default:
          event satisfies never
      }
    },
  }
}
