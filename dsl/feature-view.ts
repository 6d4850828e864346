import type { FeatureViewDefinition } from './definitions.ts'
import type { Entity, JoinKeys } from './entity.ts'
import type { Columns, ColumnsOfType, Source } from './source.ts'
import type { Infer } from './types.ts'
import { type ViewOptionsInput, viewOptions } from './view-options.ts'
import { definitionsOf, type Feature, type Features, type Vocabulary, vocabulary } from './vocabulary.ts'

declare const shape: unique symbol

/** A view's join keys and values, as TypeScript types. */
export interface Shape<Keys, Values> {
  /** Only in types. */
  readonly [shape]?: { readonly keys: Keys; readonly values: Values }
}

/** What a getter of the view asks for. */
export type KeysOf<V> = V extends Shape<infer Keys, unknown> ? Keys : never
/** What a getter of the view returns. */
export type FeaturesOf<V> = V extends Shape<unknown, infer Values> ? Values : never

export type InferKeys<K extends JoinKeys> = { readonly [N in keyof K]: Infer<K[N]> }
export type InferFeatures<F> = { readonly [N in keyof F]: F[N] extends Feature<infer Out> ? Out : never }

export interface FeatureView<Keys = unknown, Values = unknown> extends FeatureViewDefinition, Shape<Keys, Values> {}

/** The columns that can serve as join key `N`: those of its type. */
type KeyColumn<K extends JoinKeys, N extends keyof K, C extends Columns> = ColumnsOfType<C, K[N]>

/** A join key is mapped unless a column of its name and type is there. */
type KeyMapping<K extends JoinKeys, C extends Columns> = {
  readonly [N in keyof K & string as N extends KeyColumn<K, N, C> ? never : N]: KeyColumn<K, N, C>
} & { readonly [N in keyof K & string]?: KeyColumn<K, N, C> }

type JoinKeyOption<K extends JoinKeys, C extends Columns> =
  Record<never, never> extends KeyMapping<K, C>
    ? { readonly joinKeys?: KeyMapping<K, C> }
    : { readonly joinKeys: KeyMapping<K, C> }

export type FeatureViewOptions<K extends JoinKeys, C extends Columns, F extends Features> = ViewOptionsInput & {
  readonly entity: Entity<K>
  readonly source: Source<C>
  /** The features, written with the words it is given. */
  readonly features: (words: Vocabulary<C>) => F
} & JoinKeyOption<NoInfer<K>, NoInfer<C>>

/**
 * Declares features of an entity over the rows of a source.
 *
 * A join key reads the source's column of its own name, unless `joinKeys` names another.
 *
 * @example
 * const originStats = featureView('origin_stats', {
 *   entity: airport,
 *   source: landings,
 *   refresh: '5m',
 *   materialize: true,
 *   features: ({ avg, count }) => ({
 *     flights_2h: count().over('2h'),
 *     avg_delay_1d: avg('delay').over('1d'),
 *   }),
 * })
 */
export function featureView<const K extends JoinKeys, const C extends Columns, const F extends Features>(
  name: string,
  options: FeatureViewOptions<K, C, F>,
): FeatureView<InferKeys<K>, InferFeatures<F>> {
  return {
    kind: 'feature_view',
    name,
    ...viewOptions(options),
    entity: options.entity,
    source: options.source,
    joinKeys: (options.joinKeys ?? {}) as Readonly<Record<string, string>>,
    features: definitionsOf(options.features(vocabulary<C>())),
  }
}
