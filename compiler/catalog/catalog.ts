/**
 * The catalogue: definitions resolved into readonly, serialisable, tagged data. Everything after `check` reads this
 * and nothing else. Durations are microseconds, literals are canonical, every expression carries its type.
 */
import type { AggregateName, FunctionName, ValueType } from '../../dsl/index.ts'
import type { WireLiteral } from '../../runtime/contract.ts'

/** Where a symbol is defined: a file relative to the project and the exported name. No lines, so edits above it touch no artefact. */
export interface Provenance {
  readonly file: string
  readonly symbol: string
}

export interface Column {
  readonly name: string
  readonly type: ValueType
}

export type TypedExpression =
  | { readonly kind: 'column'; readonly name: string; readonly type: ValueType }
  | { readonly kind: 'literal'; readonly value: WireLiteral; readonly type: ValueType }
  | {
      readonly kind: 'call'
      readonly function: FunctionName
      readonly arguments: readonly TypedExpression[]
      readonly type: ValueType
    }

export type Relation =
  | { readonly kind: 'table'; readonly name: string }
  | { readonly kind: 'file'; readonly format: 'parquet' | 'csv'; readonly path: string }
  /** The author's text; sources in it by name, to be quoted by the dialect. */
  | { readonly kind: 'query'; readonly parts: readonly (string | { readonly source: string })[] }

export interface Source {
  readonly name: string
  readonly provenance: Provenance
  readonly doc: string | null
  readonly columns: readonly Column[]
  readonly eventTimestamp: string
  readonly createdTimestamp: string | null
  readonly tieBreak: readonly string[]
  /** By dialect name. */
  readonly relations: Readonly<Record<string, Relation>>
  /** 'query' for the query of a SQL feature view, whose rows are used as they come. */
  readonly origin: 'source' | 'query'
}

export interface JoinKey {
  /** The entity's name for it: in the spine, the getters, the store. */
  readonly name: string
  /** The source's column. */
  readonly column: string
  readonly type: ValueType
}

export interface Latest {
  readonly kind: 'latest'
  readonly pick: 'last' | 'first'
  readonly value: TypedExpression
  readonly where: TypedExpression | null
}

export interface Aggregate {
  readonly kind: 'aggregate'
  readonly aggregate: AggregateName
  readonly value: TypedExpression | null
  readonly where: TypedExpression | null
  /** Microseconds; null: all history. */
  readonly over: number | null
}

export interface Ratio {
  readonly kind: 'ratio'
  readonly numerator: Aggregate
  readonly denominator: Aggregate
}

export interface Feature {
  readonly name: string
  readonly doc: string | null
  readonly type: ValueType
  readonly default: WireLiteral
  readonly computation: Latest | Aggregate | Ratio
}

export interface View {
  readonly name: string
  readonly provenance: Provenance
  readonly doc: string | null
  readonly entity: string
  readonly joinKeys: readonly JoinKey[]
  /** Name of the source; a SQL feature view reads the source of its own name. */
  readonly source: string
  readonly ttl: number | null
  readonly boundary: 'at' | 'before'
  /** Null unless `refresh` is given. */
  readonly ticks: { readonly refresh: number; readonly offset: number; readonly delay: number } | null
  readonly materialize: boolean
  /** How old stored values may be; null where nothing is said. */
  readonly freshness: number | null
  readonly owner: string | null
  readonly tags: readonly string[]
  readonly features: readonly Feature[]
}

/** A view as a service or an on-demand view lists it. */
export interface Listed {
  readonly view: string
  /** Null where it is listed by its own name. */
  readonly alias: string | null
  /** The argument that each of the view's join keys is given by; none for an on-demand view. */
  readonly keys: readonly string[]
  /** The view's own names of the features that are asked for. */
  readonly features: readonly string[]
}

export interface OnDemandFeature {
  readonly name: string
  readonly doc: string | null
  readonly type: ValueType
  readonly default: WireLiteral
}

/** A view whose features are computed by functions. */
export interface OnDemandView {
  readonly name: string
  readonly provenance: Provenance
  readonly doc: string | null
  readonly owner: string | null
  readonly tags: readonly string[]
  readonly request: readonly Column[]
  /** With the names that its functions know them by. */
  readonly inputs: readonly { readonly name: string; readonly listed: Listed }[]
  readonly features: readonly OnDemandFeature[]
}

export interface Service {
  readonly name: string
  readonly provenance: Provenance
  readonly doc: string | null
  readonly owner: string | null
  readonly onStoreFailure: 'error' | 'defaults'
  /** In declared order. */
  readonly views: readonly Listed[]
}

export interface Catalog {
  readonly project: string
  readonly sources: readonly Source[]
  readonly views: readonly View[]
  readonly onDemandViews: readonly OnDemandView[]
  readonly services: readonly Service[]
}
