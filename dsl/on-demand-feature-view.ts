import type { OnDemandFeature, OnDemandFeatureViewDefinition, ViewDefinition } from './definitions.ts'
import type { LiteralValue } from './expression.ts'
import type { FeaturesOf, Shape } from './feature-view.ts'
import type { Literal } from './row.ts'
import type { Columns } from './source.ts'
import type { Infer, ValueType } from './types.ts'

declare const result: unique symbol

/** A feature computed by a TypeScript function. */
export interface ComputedFeature<out Out> {
  readonly definition: OnDemandFeature
  /** Only in types: what a getter returns. */
  readonly [result]?: Out
}

type InputViews = Readonly<Record<string, ViewDefinition & Shape<unknown, unknown>>>

/** What a function is given: the request, the features of each input view, and the instant. */
export type ComputeInput<R extends Columns, I extends InputViews> = {
  readonly request: { readonly [N in keyof R]: Infer<R[N]> }
  /** The instant the feature is computed for. */
  readonly now: Date
} & { readonly [N in keyof I]: FeaturesOf<I[N]> }

export interface OnDemandVocabulary<R extends Columns, I extends InputViews> {
  /** A feature of type `type`. The function must depend on nothing but its argument. */
  feature<const T extends ValueType>(
    type: T,
    compute: (input: ComputeInput<R, I>) => Infer<T> | null,
  ): ComputedFeature<Infer<T> | null> & {
    /** The value in place of null. */
    default(value: Literal<T>): ComputedFeature<Infer<T>>
  }
}

type Computed = Readonly<Record<string, ComputedFeature<unknown>>>
type InferComputed<F> = { readonly [N in keyof F]: F[N] extends ComputedFeature<infer Out> ? Out : never }

export interface OnDemandFeatureView<Keys = unknown, Values = unknown>
  extends OnDemandFeatureViewDefinition,
    Shape<Keys, Values> {}

/**
 * Declares features computed on the fly from request data and other views' features. They are typed here; a service
 * that lists one does not build yet.
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
export function onDemandFeatureView<const R extends Columns, const I extends InputViews, const F extends Computed>(
  name: string,
  options: {
    /** What the caller sends with the request, and what the spine holds as columns. */
    readonly request?: R
    readonly inputs?: I
    readonly owner?: string
    readonly tags?: readonly string[]
    readonly features: (words: OnDemandVocabulary<R, I>) => F
  },
): OnDemandFeatureView<{ readonly [N in keyof R]: Infer<R[N]> }, InferComputed<F>> {
  const features = options.features({ feature: (type, compute) => computed(type, compute, null) })
  return {
    kind: 'on_demand_feature_view',
    name,
    request: options.request ?? {},
    inputs: options.inputs ?? {},
    owner: options.owner ?? null,
    tags: options.tags ?? [],
    features: Object.fromEntries(Object.entries(features).map(([key, { definition }]) => [key, definition])),
  }
}

function computed<T extends ValueType>(type: T, compute: OnDemandFeature['compute'], value: LiteralValue) {
  return {
    definition: { kind: 'on_demand', type, compute, default: value } as const,
    default: (replacement: Literal<T>) => computed(type, compute, replacement as LiteralValue),
  }
}
