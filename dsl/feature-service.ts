import type { FeatureServiceDefinition } from './definitions.ts'
import { frozen } from './freeze.ts'
import type { FeaturesOf, Flat, KeysOf, Merge, Shape } from './shape.ts'
import { unknownOptions } from './unknown-options.ts'
import type { Listable } from './view-use.ts'

/** The views of one model, asked for together. */
export interface FeatureService<Keys = unknown, Values = unknown>
  extends FeatureServiceDefinition,
    Shape<Keys, Values> {}

export interface ServiceOptions {
  readonly owner?: string
  /**
   * What an API pod answers while the store or the database is away. `'error'`, which is the default: 503. `'defaults'`: what a key
   * without rows has, that is defaults, counts of 0 and nulls, and the answer says that it is `degraded`. Getters throw, whatever
   * this says.
   */
  readonly onStoreFailure?: 'error' | 'defaults'
}

/**
 * Declares the features of a model: its getter asks for the join keys and request data of all the views and returns all their features.
 *
 * @example
 * const lateFlights = featureService('late_flights', [originStats, destinationStats])
 */
export function featureService<const V extends readonly Listable[]>(
  name: string,
  views: V,
  options: ServiceOptions = {},
): FeatureService<Flat<Merge<KeysOf<V[number]>>>, Flat<Merge<FeaturesOf<V[number]>>>> {
  return frozen({
    kind: 'feature_service',
    name,
    views,
    owner: options.owner ?? null,
    onStoreFailure: options.onStoreFailure ?? 'error',
    ...unknownOptions(options, ['owner', 'onStoreFailure']),
  })
}
