/** What a view or service says about itself in types only: its join keys and the values of its features. */
import type { JoinKeys } from './entity.ts'
import type { Infer } from './types.ts'

declare const shape: unique symbol

/** `Own` are the features by the names that functions know them by: those of the view, whatever alias it has. */
export interface Shape<Keys, Values, Own = Values> {
  /** Only in types. */
  readonly [shape]?: { readonly keys: Keys; readonly values: Values; readonly own: Own }
}

/** The same type, written out: what an editor shows, and what a declaration file can hold. */
export type Flat<T> = T extends unknown ? { [N in keyof T]: T[N] } : never

/** The type that is all of the union's members at once. */
export type Merge<U> = (U extends unknown ? (value: U) => void : never) extends (value: infer I) => void ? I : never

/**
 * What a getter of the view or service asks for.
 *
 * @example
 * type Keys = KeysOf<typeof originStats> // { readonly origin: string }
 */
export type KeysOf<V> = V extends Shape<infer Keys, unknown, unknown> ? Keys : never

/**
 * What a getter of the view or service returns.
 *
 * @example
 * type Values = FeaturesOf<typeof originStats> // { readonly flights_2h: number; readonly avg_delay_1d: number | null }
 */
export type FeaturesOf<V> = V extends Shape<unknown, infer Values, unknown> ? Values : never

/** What a function is given of the view. */
export type OwnFeaturesOf<V> = V extends Shape<unknown, unknown, infer Own> ? Own : never

export type InferKeys<K extends JoinKeys> = { readonly [N in keyof K]: Infer<K[N]> }
