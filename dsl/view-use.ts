import type { ListedView, ViewDefinition, ViewUseDefinition } from './definitions.ts'
import { frozen } from './freeze.ts'
import type { Flat, Shape } from './shape.ts'

/** What services and on-demand views list, with its types. */
export type Listable = ListedView & Shape<unknown, unknown, unknown>

/** The argument for each join key that is to have another name. Names of no join key are refused. */
type JoinKeyNames<Keys, M> = M & { readonly [N in Exclude<keyof M, keyof Keys>]: never }

type Renamed<Keys, M> = Flat<{ readonly [N in keyof Keys as N extends keyof M ? M[N] & string : N]: Keys[N] }>
type Prefixed<A extends string, Values> = Flat<{ readonly [N in keyof Values & string as `${A}_${N}`]: Values[N] }>
/** By `keyof Values`, so that editors go from a picked feature to its definition; from one of `Pick` they would not. */
export type Picked<Values, N extends keyof Values> = {
  readonly [P in keyof Values as P extends N ? P : never]: Values[P]
}

/** Picks features, and names a view for a role. */
export interface Roles<Keys, Values> {
  /**
   * The view in a role: its join keys are given by arguments of other names, and its features are answered under their
   * names with the alias before them. So one view serves two roles.
   *
   * @example
   * airportStats.as('origin', { joinKeys: { airport: 'origin' } }) // origin_flights_2h, ... of the airport `origin`
   */
  as<const A extends string, const M extends { readonly [N in keyof Keys]?: string }>(
    alias: A,
    options: { readonly joinKeys: JoinKeyNames<Keys, M> },
  ): ViewInRole<Renamed<Keys, M>, A, Values>
  /**
   * Some of the view's features.
   *
   * @example
   * featureService('late_flights', [originStats.pick('flights_2h', 'late_rate_2h')])
   */
  pick<const N extends keyof Values & string>(first: N, ...others: N[]): PickedView<Keys, Picked<Values, N>>
}

/** A view by an alias. */
export interface ViewInRole<Keys, A extends string, Own> extends ViewUseDefinition, Shape<Keys, Prefixed<A, Own>, Own> {
  /** Some of the view's features, by the names they have in the view. */
  pick<const N extends keyof Own & string>(first: N, ...others: N[]): ViewInRole<Keys, A, Picked<Own, N>>
}

/** Some features of a view. */
export interface PickedFeatures<Keys, Values> extends ViewUseDefinition, Shape<Keys, Values> {}

/** Some features of a view that can be given an alias. */
export interface PickedView<Keys, Values> extends PickedFeatures<Keys, Values> {
  /** The same of the view in a role, with other names for its join keys. */
  as<const A extends string, const M extends { readonly [N in keyof Keys]?: string }>(
    alias: A,
    options: { readonly joinKeys: JoinKeyNames<Keys, M> },
  ): ViewInRole<Renamed<Keys, M>, A, Values>
}

interface AsOptions {
  readonly joinKeys: Readonly<Record<string, string>>
}

const use = (definition: Omit<ViewUseDefinition, 'kind'>): ViewUseDefinition =>
  frozen({ kind: 'view_use', ...definition })

/** A frozen definition can still be asked for roles: what asks is no part of its data. */
function withMethods<T extends object>(definition: T, methods: Readonly<Record<string, unknown>>): T {
  const hidden = Object.entries(methods).map(([name, value]) => [name, { value, enumerable: false }])
  return Object.freeze(Object.defineProperties({ ...definition }, Object.fromEntries(hidden)))
}

/** A view that can be given an alias and picked from. */
export function withRoles<V extends ViewDefinition>(definition: V): V & Roles<never, never> {
  const view: V = withMethods(definition, {
    as: (alias: string, { joinKeys }: AsOptions) => inRole(view, alias, joinKeys, null),
    pick: (...picked: string[]) =>
      withMethods(use({ view, alias: null, joinKeys: {}, picked }), {
        as: (alias: string, { joinKeys }: AsOptions) => inRole(view, alias, joinKeys, picked),
      }),
  })
  return view as V & Roles<never, never>
}

/** A view that can be picked from. */
export function withPick<V extends ViewDefinition>(definition: V): V {
  const view: V = withMethods(definition, {
    pick: (...picked: string[]) => use({ view, alias: null, joinKeys: {}, picked }),
  })
  return view
}

function inRole(
  view: ViewDefinition,
  alias: string,
  joinKeys: ViewUseDefinition['joinKeys'],
  picked: readonly string[] | null,
): ViewUseDefinition {
  return withMethods(use({ view, alias, joinKeys, picked }), {
    pick: (...names: string[]) => use({ view, alias, joinKeys, picked: names }),
  })
}
