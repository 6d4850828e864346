/** What the generated client holds: a typed handle for each view and service. */

import type { Field, ServiceManifest } from './contract.ts'
import { type Instant, toMicroseconds } from './instant.ts'
import type { Keys } from './keys.ts'
import { type Materialized, materializeView } from './materialize.ts'
import type { RunOptions } from './offline/engine.ts'
import { tickRelation } from './offline/recorded-ticks.ts'
import { isRecorded, TrainingData, type TrainingDataOptions } from './offline/training-data.ts'
import type { Status } from './online/read.ts'
import { type GetOptions, Retrieval } from './retrieve.ts'
import { type Environment, relationsOf, type ViewRuntime } from './view-runtime.ts'

/** Each feature with its status, the tick it was stored at and the instant it happened. */
export type Detailed<Features> = {
  readonly [Name in keyof Features]: {
    readonly value: Features[Name]
    readonly status: Status
    readonly tick: Date | null
    readonly eventTimestamp: Date | null
  }
}

/** A row of training data: the spine's columns, and the features. */
export type TrainingRow<KeysType, Features> = { readonly event_timestamp: Date } & KeysType &
  Features & {
    readonly [column: string]: unknown
  }

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
  readonly #retrieval: Retrieval
  readonly #environment: Environment
  readonly #views: readonly ViewRuntime[]
  readonly #keys: readonly Field[]
  readonly #training: string | undefined

  constructor(
    environment: Environment,
    name: string,
    keys: readonly Field[],
    views: readonly ViewRuntime[],
    training: string | undefined,
  ) {
    this.name = name
    this.#environment = environment
    this.#views = views
    this.#keys = keys
    this.#training = training
    this.#retrieval = new Retrieval(environment, name, keys, views)
  }

  /**
   * The features of one key.
   *
   * @throws MeridianError `key.invalid`, `instant.invalid`
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
   * @throws MeridianError `key.invalid`, `instant.invalid`
   * @example
   * const rows = await store.originStats.getMany([{ origin: 'SEA' }, { origin: 'SFO' }])
   */
  getMany(keys: readonly KeysType[], options: GetOptions & { readonly status: true }): Promise<Detailed<Features>[]>
  getMany(keys: readonly KeysType[], options?: GetOptions): Promise<Features[]>
  getMany(keys: readonly KeysType[], options: GetOptions = {}): Promise<Features[] | Detailed<Features>[]> {
    return this.#retrieval.many(keys as readonly Keys[], options) as Promise<Features[]>
  }

  /**
   * The spine's rows, each with its features as of its instant; computed when it is iterated or written.
   *
   * @throws MeridianError `spine.invalid`, `training.failed`, `ticks.missing`, `aborted` when it is iterated or written
   * @example
   * await store.lateFlights.trainingData({ spine: 'labels.parquet' }).toParquet('training.parquet')
   */
  trainingData(options: TrainingDataOptions): TrainingData<TrainingRow<KeysType, Features>> {
    const { engine, artefacts } = this.#environment
    const text = (path: string | undefined) => artefacts.statement(path ?? '')
    const manifests = this.#views.map(view => view.manifest)
    return new TrainingData(
      {
        engine,
        relations: [
          ...relationsOf(this.#environment, manifests),
          ...tickRelation(this.#environment, isRecorded(options)),
        ],
        views: manifests.map(({ name, statements }) => ({ name, sql: text(statements[engine.dialect]?.pointInTime) })),
        sql: text(this.#training),
        keys: this.#keys,
        features: manifests.flatMap(view => view.features),
      },
      options,
    )
  }
}

/** One feature view. */
export class FeatureView<KeysType = Keys, Features = Readonly<Record<string, unknown>>> extends Handle<
  KeysType,
  Features
> {
  readonly #environment: Environment
  readonly #view: ViewRuntime

  constructor(environment: Environment, view: ViewRuntime) {
    const { name, keys, statements } = view.manifest
    super(environment, name, keys, [view], statements[environment.engine.dialect]?.training)
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

/** The views of one model, asked for together. */
export class FeatureService<KeysType = Keys, Features = Readonly<Record<string, unknown>>> extends Handle<
  KeysType,
  Features
> {
  constructor(environment: Environment, service: ServiceManifest, views: readonly ViewRuntime[]) {
    super(environment, service.name, service.keys, views, service.statements[environment.engine.dialect]?.training)
  }
}
