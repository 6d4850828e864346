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
  /** Reads `spine`; `$as_served` chooses the accuracy. Its rows become the table `<view>__features`. */
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

export interface ServiceManifest {
  readonly name: string
  readonly property: string
  /** The join keys of all its views, each once. */
  readonly keys: readonly Field[]
  readonly views: readonly string[]
  readonly owner: string | null
  /** Reads `spine` and `<view>__features` of each of its views. */
  readonly statements: Readonly<Record<string, { readonly training: string }>>
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

export interface Manifest {
  readonly manifestVersion: 1
  readonly project: string
  /** Folder that relative data paths start from, relative to the manifest's folder. */
  readonly root: string
  readonly sources: Readonly<Record<string, SourceManifest>>
  readonly views: Readonly<Record<string, ViewManifest>>
  readonly services: Readonly<Record<string, ServiceManifest>>
  /** SHA-256 in hex of every other file of the build, by path. */
  readonly artefacts: Readonly<Record<string, string>>
}
