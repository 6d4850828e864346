import type { FeatureViewDefinition } from './definitions.ts'
import type { Entity, JoinKeys } from './entity.ts'
import { frozen } from './freeze.ts'
import type { Flat, InferKeys, Shape } from './shape.ts'
import type { Columns, ColumnsOfType, Source } from './source.ts'
import { type ViewOptionsInput, viewOptions } from './view-options.ts'
import { type Roles, withRoles } from './view-use.ts'
import type { Features, InferFeatures, Vocabulary } from './vocabulary.ts'
import { definitionsOf, vocabulary } from './words.ts'

/** Features over the rows of a source. `Keys` and `Values` are the types of its join keys and features. */
export interface FeatureView<Keys = unknown, Values = unknown>
  extends FeatureViewDefinition,
    Shape<Keys, Values>,
    Roles<Keys, Values> {}

/** The source's column for each join key, of the key's type. A key needs one unless a column of its name and type is there. */
type KeyMapping<K extends JoinKeys, C extends Columns> = {
  readonly [N in keyof K & string as N extends ColumnsOfType<C, K[N]> ? never : N]: ColumnsOfType<C, K[N]>
} & { readonly [N in keyof K & string]?: ColumnsOfType<C, K[N]> }

type JoinKeyOption<K extends JoinKeys, C extends Columns> =
  Record<never, never> extends KeyMapping<K, C>
    ? { readonly joinKeys?: KeyMapping<K, C> }
    : { readonly joinKeys: KeyMapping<K, C> }

export type FeatureViewOptions<K extends JoinKeys, C extends Columns, F extends Features> = ViewOptionsInput & {
  /** What the features describe. */
  readonly entity: Entity<K>
  /** The rows that they are computed from. */
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
): FeatureView<Flat<InferKeys<K>>, Flat<InferFeatures<F>>> {
  return withRoles(
    frozen<FeatureViewDefinition>({
      kind: 'feature_view',
      name,
      ...viewOptions(options, ['entity', 'source', 'joinKeys', 'features']),
      entity: options.entity,
      source: options.source,
      joinKeys: (options.joinKeys ?? {}) as Readonly<Record<string, string>>,
      features: definitionsOf(options.features(vocabulary<C>())),
    }),
  ) as never
}
