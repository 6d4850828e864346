/**
 * The wire types between a build and what runs it: `manifest.json` and the layout of stored rows.
 * Imports nothing, so that the compiler may depend on it without depending on the runtime.
 */

/** A value type as it stands in the manifest; the same plain data as in the definitions. */
export type WireType =
  | { readonly type: 'boolean' | 'int32' | 'float64' | 'string' | 'timestamp' | 'bytes' | 'json' }
  | { readonly type: 'int64'; readonly as: 'bigint' | 'number' }
  | { readonly type: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly type: 'list'; readonly element: WireType }
  | { readonly type: 'vector'; readonly dimensions: number }

/**
 * A constant in canonical form: int64 and decimal as decimal text, float64 as a number or 'NaN' | 'Infinity' |
 * '-Infinity', timestamp as microseconds since the epoch in decimal text, all else as itself.
 */
export type WireLiteral = null | boolean | number | string

export interface Field {
  readonly name: string
  readonly type: WireType
}

export interface FeatureManifest extends Field {
  /** What it is, in words: 'count where delay > 15 over 2h'. */
  readonly description: string
  /** Changes with what is computed; not with its name, its default or its documentation. */
  readonly fingerprint: string
  /** False where a default, or a count, rules null out. */
  readonly nullable: boolean
  readonly default: WireLiteral
  /** The value of a key that has no visible row: 0 for counts. */
  readonly empty: 0 | null
  /**
   * The stored column that holds the event timestamp of the row the value came from: null in it means missing, and
   * `ttl` is measured from it. Null for aggregates and ratios, which are never missing.
   */
  readonly eventTimestamp: string | null
}

/** A stored row: the header (tick, event and created timestamp), then these fields. */
export interface Layout {
  /** Changes when stored values change meaning or place; part of every key. */
  readonly fingerprint: string
  readonly fields: readonly Field[]
}

/** All durations in microseconds. */
export interface Ticks {
  readonly refresh: number
  readonly offset: number
  readonly delay: number
}

/** Paths are relative to the manifest. */
export interface ViewStatements {
  /**
   * Reads `spine` and `meridian__ticks`; `$as_served` chooses the accuracy, `$recorded` which ticks it goes by. Its rows become
   * the table `<view>__features`.
   */
  readonly pointInTime: string
  /** The rows of `spine` with those of `<view>__features`: the training data of the view by itself. */
  readonly training: string
  /** All keys at `$as_of`; null unless the view is materialized. */
  readonly materialize: string | null
  /** The keys whose stored row at `$as_of` can differ from the one at `$since`; null unless the view is materialized. */
  readonly materializeChanged: string | null
  /** The keys in `keys` at `$as_of`; null where the view is materialized. */
  readonly lookup: string | null
}

export interface ViewManifest {
  readonly name: string
  /** The property of the generated client, in camel case. */
  readonly property: string
  readonly entity: string
  readonly keys: readonly Field[]
  /** Names of the sources whose relations its statements read, its own query among them. */
  readonly sources: readonly string[]
  /** Whether rows of the very instant are seen: `<=` or `<`. */
  readonly boundary: 'at' | 'before'
  /** Microseconds, or null. */
  readonly ttl: number | null
  /**
   * How far back its features look, in microseconds: a row whose last event is longer ago says no more than none would.
   * Null where one looks back without end.
   */
  readonly horizon: number | null
  readonly ticks: Ticks | null
  readonly materialize: boolean
  /** How old stored values may be, in microseconds: a view whose lag is beyond it fails. Null where nothing was said. */
  readonly freshness: number | null
  readonly features: readonly FeatureManifest[]
  /** Present on materialized views and the shape of what `lookup` returns. */
  readonly layout: Layout
  /** The module that writes and reads its stored rows; where it is not materialized, reads what its lookup finds. */
  readonly codec: string
  readonly owner: string | null
  readonly tags: readonly string[]
  readonly statements: Readonly<Record<string, ViewStatements>>
  /** Changes with anything that is not part of the layout fingerprint: documentation, owner, tags. */
  readonly metadataFingerprint: string
}

/** A feature view with these join keys: itself, or by an alias. */
export interface ViewUse {
  /** The view's name, or `<view>__<alias>`. Its point-in-time rows become the table `<name>__features`. */
  readonly name: string
  readonly view: string
  /** The argument, and spine column, that each of the view's join keys is given by, in the view's order. */
  readonly keys: readonly string[]
  /** Per dialect: the view's own statement, or the same for other key columns. Paths are relative to the manifest. */
  readonly pointInTime: Readonly<Record<string, string>>
}

/** Where a feature comes from: of a use by its name, or of an on-demand view by its name. */
export interface FeatureOrigin {
  /** In the answer, or in the object that a function gets. */
  readonly name: string
  readonly of: string
  readonly feature: string
}

/** What an answer needs, of a service or of an on-demand view by itself. */
export interface Retrieved {
  /** The arguments that are join keys, each once, and the spine's columns. */
  readonly keys: readonly Field[]
  /** The arguments that are request data, each once, and the spine's columns. */
  readonly request: readonly Field[]
  /** All feature views that are read, also those that only functions see. */
  readonly uses: readonly ViewUse[]
  /** Names of the on-demand views that are computed, each after those it needs. */
  readonly onDemand: readonly string[]
  /** What is answered, in declared order. */
  readonly answer: readonly FeatureOrigin[]
}

export interface ServiceManifest extends Retrieved {
  readonly name: string
  readonly property: string
  readonly owner: string | null
  /** What a pod answers while a store is away: an error, or what is known of a key without rows. */
  readonly onStoreFailure: 'error' | 'defaults'
  /** Reads `spine`, and `<name>__features` of each use and on-demand view that is part of the answer. */
  readonly statements: Readonly<Record<string, { readonly training: string }>>
}

export interface OnDemandFeatureManifest extends Field {
  /** False where a default rules null out. */
  readonly nullable: boolean
  readonly default: WireLiteral
}

/** An on-demand feature view. Its functions are the properties of what `on-demand.mjs` exports by its name. */
export interface OnDemandViewManifest extends Retrieved {
  readonly name: string
  readonly property: string
  /** The request data that its own functions are given. */
  readonly requested: readonly Field[]
  /** The objects of features that its functions are given, by the names that they know them by. */
  readonly inputs: Readonly<Record<string, readonly FeatureOrigin[]>>
  readonly features: readonly OnDemandFeatureManifest[]
  /** Changes with the bundled text of its functions, their types and what they are given. */
  readonly fingerprint: string
  readonly metadataFingerprint: string
  readonly owner: string | null
  readonly tags: readonly string[]
  readonly statements: Readonly<
    Record<
      string,
      {
        /**
         * What its functions are given, a row for each of `spine`, in its order: `__row`, `event_timestamp`, the view's join
         * keys, its request data, then `<input>__<feature>`. What they return becomes the table `<name>__features`.
         */
        readonly inputs: string
        readonly training: string
      }
    >
  >
}

export interface SourceStatements {
  /** Makes the relation of the source's name for a session. */
  readonly relation: string
  /**
   * Where a dialect needs it: evaluates a query once, into a table of the session of that name, for training data, whose
   * statements ask it about each row of a spine. Null where the relation serves.
   */
  readonly snapshot: string | null
}

/** A relation that statements read by name: a source, or the query of a SQL feature view. */
export interface SourceManifest {
  readonly name: string
  readonly columns: readonly Field[]
  /** Columns: when a row happened, and when it became known; null: when it happened. */
  readonly eventTimestamp: string
  readonly createdTimestamp: string | null
  /** Columns that order rows of equal timestamps. */
  readonly tieBreak: readonly string[]
  /** Changes with its rows: columns, order, and where its data lie or what its query is. Not with its name. */
  readonly fingerprint: string
  /** Per dialect. */
  readonly statements: Readonly<Record<string, SourceStatements>>
  /** Sources that a query reads and that must exist before it. */
  readonly reads: readonly string[]
}

/**
 * Statements that make the relation `meridian__ticks`, which says when ticks were completed: without any, and of those that
 * workers recorded, for training data that asks for them.
 */
export interface TickStatements {
  readonly none: string
  readonly recorded: string
}

export interface Manifest {
  readonly manifestVersion: 1
  readonly project: string
  /** Folder that relative data paths start from, relative to the manifest's folder. */
  readonly root: string
  readonly sources: Readonly<Record<string, SourceManifest>>
  readonly views: Readonly<Record<string, ViewManifest>>
  readonly onDemandViews: Readonly<Record<string, OnDemandViewManifest>>
  readonly services: Readonly<Record<string, ServiceManifest>>
  /** Per dialect; empty where no view is materialized. */
  readonly ticks: Readonly<Record<string, TickStatements>>
  /** SHA-256 in hex of every other file of the build, by path. */
  readonly artefacts: Readonly<Record<string, string>>
}
