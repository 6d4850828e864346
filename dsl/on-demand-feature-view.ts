import type { OnDemandFeature, OnDemandFeatureViewDefinition } from './definitions.ts'
import type { LiteralValue } from './expression.ts'
import { frozen } from './freeze.ts'
import type { Flat, KeysOf, Merge, OwnFeaturesOf, Shape } from './shape.ts'
import type { Columns } from './source.ts'
import type { Infer, ValueType } from './types.ts'
import { unknownOptions } from './unknown-options.ts'
import type { Literal } from './value.ts'
import { type Listable, type Picked, type PickedFeatures, withPick } from './view-use.ts'

declare const result: unique symbol

/** A feature computed by a TypeScript function. */
export interface ComputedFeature<out Out> {
  readonly definition: OnDemandFeature
  /** Only in types: what a getter returns. */
  readonly [result]: Out
}

/** Views by the name that a function knows them by, which cannot be that of its other arguments. */
type InputViews = Readonly<Record<string, Listable>> & {
  readonly request?: never
  readonly now?: never
  readonly random?: never
}

/** What a function is given: the request, the features of each input view, the instant, and random numbers. */
export type ComputeInput<R extends Columns, I extends InputViews> = {
  /** The request data, by their names. */
  readonly request: InferRequest<R>
  /** The instant the feature is computed for, to the millisecond. */
  readonly now: Date
  /**
   * Numbers in [0, 1), seeded from the feature, the join keys and the instant: the same for training as when served.
   */
  readonly random: () => number
} & { readonly [N in keyof I]: OwnFeaturesOf<I[N]> }

/** What an on-demand view's `features` is given. */
export interface OnDemandVocabulary<R extends Columns, I extends InputViews> {
  /**
   * A feature of type `type`. The function must depend on nothing but its argument, and is written in place, as the
   * second argument; what it calls may stand anywhere.
   *
   * @example
   * feature(t.boolean(), ({ request, originStats }) => request.distance > 1000 && originStats.flights_2h > 0)
   */
  feature<const T extends ValueType>(
    type: T,
    compute: (input: ComputeInput<R, I>) => Infer<T> | null,
  ): ComputedFeature<Infer<T> | null> & {
    /** The value in place of null. */
    default(value: Literal<T>): ComputedFeature<Infer<T>>
  }
}

type Computed = Readonly<Record<string, ComputedFeature<unknown>>>
type InferRequest<R extends Columns> = { readonly [N in keyof R]: Infer<R[N]> }
type InferComputed<F> = { readonly [N in keyof F]: F[N] extends ComputedFeature<infer Out> ? Out : never }

/** Features computed from request data and other features. `Keys` also holds the join keys of its inputs. */
export interface OnDemandFeatureView<Keys = unknown, Values = unknown>
  extends OnDemandFeatureViewDefinition,
    Shape<Keys, Values> {
  /** Some of the view's features. */
  pick<const N extends keyof Values & string>(first: N, ...others: N[]): PickedFeatures<Keys, Picked<Values, N>>
}

/**
 * Declares features computed on the fly from request data and other views' features: by the same function when they are
 * served and for training.
 *
 * @example
 * const flightRisk = onDemandFeatureView('flight_risk', {
 *   request: { distance: t.int32() },
 *   inputs: { originStats },
 *   features: ({ feature }) => ({
 *     delay_per_100mi: feature(t.float64(), ({ request, originStats }) =>
 *       (originStats.avg_delay_1d ?? 0) / (request.distance / 100)),
 *   }),
 * })
 */
export function onDemandFeatureView<
  const F extends Computed,
  const R extends Columns = Record<never, never>,
  const I extends InputViews = Record<never, never>,
>(
  name: string,
  options: {
    /** What the caller sends with the request, and what the spine holds as columns. */
    readonly request?: R
    readonly inputs?: I
    readonly owner?: string
    readonly tags?: readonly string[]
    readonly features: (words: OnDemandVocabulary<R, I>) => F
  },
): OnDemandFeatureView<Flat<InferRequest<R> & Merge<KeysOf<I[keyof I]>>>, Flat<InferComputed<F>>> {
  const features = options.features({ feature: (type, compute) => computed(type, compute, null) as never })
  const definition = frozen({
    kind: 'on_demand_feature_view',
    name,
    request: options.request ?? {},
    inputs: options.inputs ?? {},
    owner: options.owner ?? null,
    tags: options.tags ?? [],
    features: Object.fromEntries(Object.entries(features).map(([key, { definition }]) => [key, definition])),
    ...unknownOptions(options, ['request', 'inputs', 'owner', 'tags', 'features']),
  } as const)
  return withPick(definition) as never
}

function computed(type: ValueType, compute: OnDemandFeature['compute'], value: LiteralValue) {
  return {
    definition: { kind: 'on_demand', type, compute, default: value } as const,
    default: (replacement: LiteralValue) => computed(type, compute, replacement),
  }
}
