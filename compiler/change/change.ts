/** What differs between two builds, as plain data. */

export type ChangedKind = 'source' | 'view' | 'on_demand_view' | 'service'

/**
 * The gravest of what a change does. `layout`: stored rows have other keys or hold other fields. `values`: a value can
 * differ. `metadata`: documentation, owner, tags. `statements`: other SQL for the same values, of another version of Meridian.
 */
export type Effect = 'layout' | 'values' | 'metadata' | 'statements'

export interface Change {
  readonly kind: ChangedKind
  readonly name: string
  /** Its name before, where only the name changed. */
  readonly was: string | null
  /** `affected`: its definition is as before, but not what it is made of. */
  readonly change: 'added' | 'removed' | 'renamed' | 'changed' | 'affected'
  /** Null for what was added or removed. */
  readonly effect: Effect | null
  /** In words, one for each difference: 'ttl is 1d, was 7d'. */
  readonly reasons: readonly string[]
  /** What it is made of and that changed: 'source landings'. */
  readonly because: readonly string[]
  readonly features: readonly FeatureChange[]
  /** Null where nothing is stored, before or after. */
  readonly cost: Cost | null
  readonly statements: readonly StatementChange[]
}

export interface FeatureChange {
  readonly name: string
  readonly was: string | null
  readonly change: 'added' | 'removed' | 'renamed' | 'changed'
  readonly reasons: readonly string[]
}

/** What it takes of the online store until the new build is served. */
export interface Cost {
  /** Rows that have to be written: those of all keys. */
  readonly write: StoredRows | null
  /** Rows that nothing reads any longer. They expire by themselves. */
  readonly orphan: StoredRows | null
  /**
   * `before`: materialize before readers of the new build start, who find nothing until then. `full`: rows are kept and
   * read, but hold old values until all keys are materialized. `none`: nothing to do.
   */
  readonly backfill: 'none' | 'before' | 'full'
}

export interface StoredRows {
  readonly view: string
  /** Part of their keys. */
  readonly layout: string
  /** What their keys look like: '{airport:<origin>}:origin_stats:118951873d87'. */
  readonly pattern: string
}

export interface StatementChange {
  /** In the generated folder. */
  readonly path: string
  readonly change: 'added' | 'removed' | 'changed'
  /** Where it was, if elsewhere. */
  readonly was: string | null
}

/** What callers of the generated client, and readers of its training data, must change. */
export interface Breaking {
  readonly code:
    | 'feature-removed'
    | 'feature-renamed'
    | 'feature-type'
    | 'feature-null'
    | 'argument-added'
    | 'argument-removed'
    | 'argument-type'
    | 'handle-removed'
    | 'handle-renamed'
  readonly message: string
  /** The handles of the client that it is about: 'view origin_stats'. */
  readonly of: readonly string[]
}

export interface Plan {
  readonly project: string
  /** Sources first, then what is made of them. */
  readonly changes: readonly Change[]
  /** Of no one thing: the indexes that all statements need. */
  readonly otherStatements: readonly StatementChange[]
  readonly breaking: readonly Breaking[]
}
