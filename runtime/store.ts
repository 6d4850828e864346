import type { Manifest, ViewManifest } from './contract.ts'
import { MeridianError } from './errors.ts'
import { FeatureService, FeatureView, type MaterializeOptions, OnDemandFeatureView } from './handles.ts'
import type { Keys } from './keys.ts'
import type { Materialized } from './materialize.ts'
import { OnDemandRuntime } from './on-demand/view.ts'
import type { Runtimes } from './retrieval-plan.ts'
import { type Refreshing, type RefreshOptions, startRefreshing } from './schedule/refreshing.ts'
import { memoryScheduling, type Scheduling } from './schedule/scheduling.ts'
import { StatusReader, type ViewStatus } from './schedule/status.ts'
import { type Environment, ViewRuntime } from './view-runtime.ts'

/**
 * An open feature store. The generated client is one with a typed property for each view and service: use that where there is one.
 *
 * @example
 * const store = await connect(new URL('./generated/flights/', import.meta.url))
 * const features = await store.service('late_flights').get({ origin: 'SEA', destination: 'SFO' })
 * await store.close()
 */
export class Store {
  readonly #environment: Environment
  readonly #scheduling: Scheduling
  readonly #views = new Map<string, ViewRuntime>()
  readonly #onDemand = new Map<string, OnDemandRuntime>()
  readonly #runtimes: Runtimes
  readonly #refreshing = new Set<Refreshing>()
  readonly #status: StatusReader

  constructor(environment: Environment, scheduling: Scheduling = memoryScheduling(environment.now)) {
    this.#environment = environment
    this.#scheduling = scheduling
    this.#status = new StatusReader(environment, scheduling)
    const { artefacts } = environment
    for (const view of Object.values(artefacts.manifest.views))
      this.#views.set(view.name, new ViewRuntime(view, artefacts))
    for (const view of Object.values(artefacts.manifest.onDemandViews))
      this.#onDemand.set(view.name, new OnDemandRuntime(view, artefacts.applyRows(view.name)))
    this.#runtimes = {
      view: name => known(this.#views, 'view', name),
      onDemand: name => known(this.#onDemand, 'on-demand view', name),
    }
  }

  /** What was built: the schemas, fingerprints and files. */
  get manifest(): Manifest {
    return this.#environment.artefacts.manifest
  }

  /** The dialect of the statements that it runs. */
  get dialect(): string {
    return this.#environment.engine.dialect
  }

  /**
   * A view by its name.
   *
   * @throws MeridianError `name.unknown`
   */
  view<KeysType = Keys, Features = Readonly<Record<string, unknown>>>(name: string): FeatureView<KeysType, Features> {
    return new FeatureView<KeysType, Features>(this.#environment, this.#runtimes.view(name), this.#runtimes)
  }

  /**
   * An on-demand view by its name.
   *
   * @throws MeridianError `name.unknown`
   */
  onDemandView<KeysType = Keys, Features = Readonly<Record<string, unknown>>>(
    name: string,
  ): OnDemandFeatureView<KeysType, Features> {
    const { manifest } = this.#runtimes.onDemand(name)
    return new OnDemandFeatureView<KeysType, Features>(this.#environment, manifest, this.#runtimes)
  }

  /**
   * A service by its name.
   *
   * @throws MeridianError `name.unknown`
   */
  service<KeysType = Keys, Features = Readonly<Record<string, unknown>>>(
    name: string,
  ): FeatureService<KeysType, Features> {
    const { services } = this.manifest
    // A name such as "constructor" is none of the record's own.
    const service = Object.hasOwn(services, name) ? services[name] : undefined
    if (!service) throw unknown('service', name, Object.keys(services))
    return new FeatureService<KeysType, Features>(this.#environment, service, this.#runtimes)
  }

  /**
   * Stores the values of materialized views at their last ticks: of one view, of some, or of all.
   *
   * @throws MeridianError `name.unknown`, `materialize.failed`, `aborted`
   * @example
   * await store.materialize() // every materialized view, now
   * await store.materialize('origin_stats', { at: '2001-06-15T12:00:00Z' })
   */
  async materialize(names?: string | readonly string[], options: MaterializeOptions = {}): Promise<Materialized[]> {
    const all = (): string[] =>
      Object.values(this.manifest.views)
        .filter(isMaterialized)
        .map(view => view.name)
    const chosen = names === undefined ? all() : typeof names === 'string' ? [names] : names
    const views = chosen.map(name => this.view(name))
    const done: Materialized[] = []
    for (const [index, view] of views.entries()) {
      const { onProgress } = options
      const share = onProgress && {
        onProgress: ({ fraction }: { fraction: number }) => onProgress({ fraction: (index + fraction) / views.length }),
      }
      done.push(await view.materialize({ ...options, ...share }))
      onProgress?.({ fraction: (index + 1) / views.length })
    }
    return done
  }

  /**
   * Keeps materialized views fresh from now on: runs each when its tick comes, beside any other workers of the same store.
   * Goes on when a server that was away is back.
   *
   * @throws MeridianError `name.unknown`
   * @example
   * const refreshing = store.startRefreshing()
   * await refreshing.stop({ grace: 30_000 }) // or `await store.close()`
   */
  startRefreshing(options: RefreshOptions = {}): Refreshing {
    const refreshing = startRefreshing(this.#environment, this.#scheduling, this.#views, options)
    this.#refreshing.add(refreshing)
    const over = () => void this.#refreshing.delete(refreshing)
    refreshing.finished.then(over, over)
    return refreshing
  }

  /**
   * How fresh materialized views are, who works on them and what went wrong, by the store's clock.
   *
   * @throws MeridianError `name.unknown`, `store.unavailable`, `store.timeout`, `store.refused`
   * @example
   * const stale = (await store.status()).filter(view => view.stale)
   */
  status(views?: readonly string[]): Promise<ViewStatus[]> {
    return this.#status.read(views)
  }

  /** Ends all work and frees what the store holds. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#refreshing].map(refreshing => refreshing.stop()))
    await this.#status.close()
    await this.#environment.online.close()
    await this.#environment.engine.close()
  }
}

function known<T>(all: ReadonlyMap<string, T>, kind: string, name: string): T {
  const found = all.get(name)
  if (!found) throw unknown(kind, name, [...all.keys()])
  return found
}

function isMaterialized(view: ViewManifest): boolean {
  return view.materialize
}

function unknown(kind: string, name: string, known: readonly string[]): MeridianError {
  return new MeridianError('name.unknown', `there is no ${kind} "${name}": there are ${known.join(', ') || 'none'}`, {
    name,
    known,
  })
}
