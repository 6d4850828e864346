/** What the generated client holds: a typed handle for each view and service. */

import type { OnDemandViewManifest, Retrieved, ServiceManifest } from './contract.ts'
import type { MeridianError } from './errors.ts'
import { type Instant, toMicroseconds } from './instant.ts'
import type { Keys } from './keys.ts'
import { type Materialized, materializeView } from './materialize.ts'
import type { RunOptions } from './offline/engine.ts'
import { isRecorded, TrainingData, type TrainingDataOptions } from './offline/training-data.ts'
import { trainingPlan } from './offline/training-plan.ts'
import type { Origin, Status } from './online/read.ts'
import type { Runtimes } from './retrieval-plan.ts'
import { type GetOptions, Retrieval } from './retrieve.ts'
import { retrievedView } from './retrieved-view.ts'
import type { Environment, ViewRuntime } from './view-runtime.ts'

/**
 * Each feature with its status, where it came from, the tick it was stored at and the instant it happened. The `value` of
 * one that failed throws its `error` to whoever reads it.
 */
export type Detailed<Features> = {
  readonly [Name in keyof Features]: {
    readonly value: Features[Name]
    readonly status: Status
    readonly source: Origin
    readonly tick: Date | null
    readonly eventTimestamp: Date | null
    /** Why it failed, also where a default took its place. */
    readonly error?: MeridianError
  }
}

/** A row of training data: the spine's columns, and the features. */
export type TrainingRow<KeysType, Features> = { readonly event_timestamp: Date } & KeysType &
  Features & {
    readonly [column: string]: unknown
  }

/** How views are materialized. */
export interface MaterializeOptions extends RunOptions {
  /** The tick is the last one at or before this. Default: now. */
  readonly at?: Instant
  /**
   * Computes all keys, not only those that can have changed since the last completed tick: after rows of a source were
   * changed or came late without a created timestamp that says so, or rows of the store were removed by hand.
   */
  readonly full?: boolean
}

/** Getters and training data, for a view as for a service. */
abstract class Handle<KeysType, Features> {
  readonly name: string
  readonly #environment: Environment
  readonly #retrieved: Retrieved
  readonly #training: string
  readonly #runtimes: Runtimes
  readonly #retrieval: Retrieval

  /** `training`: the path of its statement. */
  constructor(
    environment: Environment,
    name: string,
    retrieved: Retrieved,
    training: string | undefined,
    runtimes: Runtimes,
  ) {
    this.name = name
    this.#environment = environment
    this.#retrieved = retrieved
    this.#training = training ?? ''
    this.#runtimes = runtimes
    this.#retrieval = new Retrieval(environment, name, retrieved, runtimes)
  }

  /**
   * The features of one key, and of the request data that functions are given. A feature whose function failed and that has
   * no default throws `feature.failed` when it is read, or when the answer is copied or serialised.
   *
   * @throws MeridianError `key.invalid`, `request.invalid`, `instant.invalid`, `deadline.exceeded`
   * @example
   * const { avg_delay_1d } = await store.originStats.get({ origin: 'SEA' })
   * const { last_delay } = await store.originStats.get({ origin: 'SEA' }, { status: true }) // { value, status, ... }
   */
  get(keys: KeysType, options: GetOptions & { readonly status: true }): Promise<Detailed<Features>>
  get(keys: KeysType, options?: GetOptions): Promise<Features>
  get(keys: KeysType, options: GetOptions = {}): Promise<Features | Detailed<Features>> {
    return this.#retrieval.one(keys as Keys, options) as Promise<Features>
  }

  /**
   * The features of many keys, in their order, in one round trip to the store.
   *
   * @throws MeridianError `key.invalid`, `request.invalid`, `instant.invalid`, `deadline.exceeded`
   * @example
   * const rows = await store.originStats.getMany([{ origin: 'SEA' }, { origin: 'SFO' }])
   */
  getMany(keys: readonly KeysType[], options: GetOptions & { readonly status: true }): Promise<Detailed<Features>[]>
  getMany(keys: readonly KeysType[], options?: GetOptions): Promise<Features[]>
  getMany(keys: readonly KeysType[], options: GetOptions = {}): Promise<Features[] | Detailed<Features>[]> {
    return this.#retrieval.many(keys as readonly Keys[], options) as Promise<Features[]>
  }

  /**
   * The spine's rows, each with its features as of its instant; computed when it is iterated or written. Request data are
   * columns of the spine.
   *
   * @throws MeridianError `spine.invalid`, `training.failed`, `ticks.missing`, `aborted` when it is iterated or written
   * @example
   * await store.lateFlights.trainingData({ spine: 'labels.parquet' }).toParquet('training.parquet')
   */
  trainingData(options: TrainingDataOptions): TrainingData<TrainingRow<KeysType, Features>> {
    const recorded = isRecorded(options)
    const plan = trainingPlan(this.#environment, this.#retrieved, this.#training, this.#runtimes, recorded)
    return new TrainingData(plan, options)
  }
}

/** One feature view. */
export class FeatureView<KeysType = Keys, Features = Readonly<Record<string, unknown>>> extends Handle<
  KeysType,
  Features
> {
  readonly #environment: Environment
  readonly #view: ViewRuntime

  constructor(environment: Environment, view: ViewRuntime, runtimes: Runtimes) {
    const { name, statements } = view.manifest
    const training = statements[environment.engine.dialect]?.training
    super(environment, name, retrievedView(view.manifest), training, runtimes)
    this.#environment = environment
    this.#view = view
  }

  /**
   * Stores the values at the last tick, of the keys that can have changed since the last one that was completed.
   *
   * @throws MeridianError `materialize.failed`, `aborted`
   * @example
   * await store.originStats.materialize({ at: '2001-06-15T12:00:00Z' }) // { view: 'origin_stats', tick, rows, ... }
   */
  async materialize({ at, ...options }: MaterializeOptions = {}): Promise<Materialized> {
    return materializeView(this.#environment, this.#view, toMicroseconds(at ?? this.#environment.now()), options)
  }
}

/** Features that functions compute, with all that they are given. `KeysType` has the request data too. */
export class OnDemandFeatureView<KeysType = Keys, Features = Readonly<Record<string, unknown>>> extends Handle<
  KeysType,
  Features
> {
  constructor(environment: Environment, view: OnDemandViewManifest, runtimes: Runtimes) {
    super(environment, view.name, view, view.statements[environment.engine.dialect]?.training, runtimes)
  }
}

/** The views of one model, asked for together. `KeysType` has the request data too. */
export class FeatureService<KeysType = Keys, Features = Readonly<Record<string, unknown>>> extends Handle<
  KeysType,
  Features
> {
  constructor(environment: Environment, service: ServiceManifest, runtimes: Runtimes) {
    super(environment, service.name, service, service.statements[environment.engine.dialect]?.training, runtimes)
  }
}
