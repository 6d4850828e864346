/**
 * What the builders return: plain, readonly, tagged data. The compiler reads nothing else,
 * so a definition can be made by hand, printed or compared like any other value.
 */
import type { Expression, LiteralValue } from './expression.ts'
import type { AggregateName } from './features/index.ts'
import type { JoinKeyType, ValueType } from './types.ts'

/** What builders add to any definition. */
export interface Built {
  /** Names of options that were given and that there are not, and those that there are. */
  readonly unknownOptions?: { readonly given: readonly string[]; readonly known: readonly string[] }
}

export interface EntityDefinition extends Built {
  readonly kind: 'entity'
  readonly name: string
  /** In declared order, which is the order of the key's parts in the store. */
  readonly joinKeys: Readonly<Record<string, JoinKeyType>>
}

/** SQL as the author wrote it. Interpolated sources stay references, so that each dialect quotes them its way. */
export interface SqlText {
  readonly kind: 'sql'
  readonly parts: readonly (string | { readonly source: string })[]
}

/** Where the rows of a source are, for one dialect. */
export type Binding =
  | { readonly kind: 'table'; readonly name: string }
  | { readonly kind: 'file'; readonly format: 'parquet' | 'csv'; readonly path: string }
  | SqlText

/** The dialects a binding or a query can be given for. */
export interface PerDialect<T> {
  readonly duckdb?: T
  readonly postgres?: T
}

/** How the rows of a source or of a query are ordered and when they are known. */
export interface TimeColumns {
  /** When it happened. */
  readonly eventTimestamp: string
  /** When it became known; null: at its event timestamp. */
  readonly createdTimestamp: string | null
  /** Columns that order rows of one key with equal timestamps. */
  readonly tieBreak: readonly string[]
}

export interface SourceDefinition extends Built, TimeColumns {
  readonly kind: 'source'
  readonly name: string
  readonly columns: Readonly<Record<string, ValueType>>
  /** A dialect without a binding reads a table of the source's name. */
  readonly bindings: PerDialect<Binding>
}

export interface LatestFeature {
  readonly kind: 'latest'
  readonly pick: 'last' | 'first'
  readonly value: Expression
  readonly where: Expression | null
  readonly default: LiteralValue
}

export interface AggregateFeature {
  readonly kind: 'aggregate'
  readonly aggregate: AggregateName
  /** Null for the count of rows. */
  readonly value: Expression | null
  readonly where: Expression | null
  /** Duration text such as '2h'; null: all history. */
  readonly over: string | null
  readonly default: LiteralValue
}

export interface RatioFeature {
  readonly kind: 'ratio'
  readonly numerator: AggregateFeature
  readonly denominator: AggregateFeature
  readonly default: LiteralValue
}

/** A column of the user's query. */
export interface ColumnFeature {
  readonly kind: 'column'
  readonly type: ValueType
  readonly default: LiteralValue
}

export type FeatureDefinition = LatestFeature | AggregateFeature | RatioFeature

/** What every stored or computed view says besides its features. Durations are text as written. */
export interface ViewOptions extends Built {
  readonly ttl: string | null
  /** `'at'`: rows up to and including the instant. `'before'`: strictly earlier rows only. */
  readonly boundary: 'at' | 'before'
  readonly refresh: string | null
  readonly offset: string | null
  readonly delay: string | null
  readonly materialize: boolean
  /** How old stored values may be. */
  readonly freshness: string | null
  readonly owner: string | null
  readonly tags: readonly string[]
}

export interface FeatureViewDefinition extends ViewOptions {
  readonly kind: 'feature_view'
  readonly name: string
  readonly entity: EntityDefinition
  readonly source: SourceDefinition
  /** The source's column for each join key of the entity; a key not named here reads the column of its own name. */
  readonly joinKeys: Readonly<Record<string, string>>
  readonly features: Readonly<Record<string, FeatureDefinition>>
}

/** A view over the user's own query, which yields the join keys, the timestamps and the features as columns. */
export interface SqlFeatureViewDefinition extends ViewOptions, TimeColumns {
  readonly kind: 'sql_feature_view'
  readonly name: string
  readonly entity: EntityDefinition
  /** One text for every dialect, or one for each. */
  readonly query: SqlText | PerDialect<SqlText>
  /** Types of the columns in `tieBreak` that are neither join keys, timestamps nor features. */
  readonly columns: Readonly<Record<string, ValueType>>
  readonly features: Readonly<Record<string, ColumnFeature>>
}

export interface OnDemandFeature {
  readonly kind: 'on_demand'
  readonly type: ValueType
  readonly default: LiteralValue
  // biome-ignore lint/suspicious/noExplicitAny: the builder types the argument; as data it is only a function
  readonly compute: (input: any) => unknown
}

export interface OnDemandFeatureViewDefinition extends Built {
  readonly kind: 'on_demand_feature_view'
  readonly name: string
  readonly request: Readonly<Record<string, ValueType>>
  /** By the names that its functions know them by. */
  readonly inputs: Readonly<Record<string, ListedView>>
  readonly owner: string | null
  readonly tags: readonly string[]
  readonly features: Readonly<Record<string, OnDemandFeature>>
}

export type ViewDefinition = FeatureViewDefinition | SqlFeatureViewDefinition | OnDemandFeatureViewDefinition

/** A view with other names for its join keys, with some of its features, or both. */
export interface ViewUseDefinition {
  readonly kind: 'view_use'
  readonly view: ViewDefinition
  /** Stands before the names of its features in an answer; null: nothing does. */
  readonly alias: string | null
  /** The argument that a join key is given by; one that is not named here keeps its name. */
  readonly joinKeys: Readonly<Record<string, string>>
  /** Names of features; null: all. */
  readonly picked: readonly string[] | null
}

/** What services and on-demand views list. */
export type ListedView = ViewDefinition | ViewUseDefinition

export interface FeatureServiceDefinition extends Built {
  readonly kind: 'feature_service'
  readonly name: string
  readonly views: readonly ListedView[]
  readonly owner: string | null
  /** What a pod answers while a store is away: an error, or what is known of a key without rows. */
  readonly onStoreFailure: 'error' | 'defaults'
}

export type Definition = EntityDefinition | SourceDefinition | ViewDefinition | FeatureServiceDefinition
