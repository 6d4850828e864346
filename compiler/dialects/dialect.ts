/**
 * What a SQL dialect must answer. Everything that differs between engines is behind this; no other folder names one.
 */
import type { ValueType } from '../../dsl/index.ts'
import type { Column, Source, TypedExpression } from '../catalog/catalog.ts'
import type { EvidencePart } from '../plan/evidence-plan.ts'
import type { FeatureTable, TrainingPlan } from '../plan/training-plan.ts'
import type { ViewPlan } from '../plan/view-plan.ts'

/** An index that statements need on a table: its columns as they are named there. */
export interface WantedIndex {
  readonly name: string
  /** As the dialect writes it. */
  readonly table: string
  /** Compared for equality; none where rows are found by time alone. */
  readonly keys: readonly string[]
  /** Compared and ordered by. */
  readonly instants: readonly string[]
  /** Names of the views whose statements need it. */
  readonly views: readonly string[]
}

export interface Dialect {
  /** Also the key of bindings and queries in definitions, and the folder of its statements. */
  readonly name: string
  /** Whether what sources are bound to can be looked at where a build runs: what was found there may not hold for ever. */
  readonly seesData: boolean
  /** The statement that gives a source, or a view's query, the name that other statements read. */
  relation(source: Source): string
  /** What a source's rows are read from, as it stands after `FROM`. */
  from(source: Source): string
  /** Whether a column of type `actual`, as the engine names it, can hold what is declared, without loss. */
  accepts(type: ValueType, actual: string): boolean
  /** Whether `actual` is the type of a declared column, as a query must yield it. */
  isType(type: ValueType, actual: string): boolean
  /** Statements that evaluate a query once, into a table of its name, where training data needs it; else null. */
  snapshot(source: Source): string | null
  /**
   * The relation `meridian__ticks`, which says of training data when ticks were completed: of none, or of those that were
   * recorded.
   */
  ticks(which: 'none' | 'recorded'): string
  /** The features as of each row of `spine`, by `__row`; of a view whose keys have other names, with the alias. */
  pointInTime(plan: ViewPlan, alias?: string): string
  /** Every key's stored row at an instant, `as_of`. */
  materialize(plan: ViewPlan): string
  /** The stored rows at `as_of` of the keys for which they can differ from those at `since`. */
  materializeChanged(plan: ViewPlan): string
  /** The same rows for the keys in `keys`. */
  lookup(plan: ViewPlan): string
  /** The rows of `spine` with the features of views, whose rows are tables by then. */
  training(plan: TrainingPlan): string
  /** What functions are given for each row of `spine`, in its order: `__row`, the instant, the columns of both. */
  inputs(plan: TrainingPlan): string
  /** The indexes that statements need on the tables that sources are bound to, where the dialect has any; else null. */
  indexes(plans: readonly ViewPlan[]): string | null
  /** The same as data, to be compared with those that are there. */
  wantedIndexes(plans: readonly ViewPlan[]): readonly WantedIndex[]
  /**
   * What says of the rows of a key whether each is part of a value, made when somebody asks. `use`: the view's name, or that of
   * the view in a role; `limit`: how many rows of a verdict are found.
   */
  evidence(plan: ViewPlan, use: string, limit: number): Evidence
  /** How each feature of a view is computed offline, in words, by name. */
  explain(plan: ViewPlan): ReadonlyMap<string, string>
  /** An empty database to prepare statements on. */
  openCatalogue(): Promise<EmptyCatalogue>
}

/** Statements that read `spine`, and `meridian__ticks` where the view's own do. */
export interface Evidence {
  /** The table that the rows of `rows` become. */
  readonly table: string
  /** All rows of the keys of `spine`; of a key that has none, a row of nulls. */
  readonly rows: string
  readonly parts: readonly {
    readonly part: EvidencePart
    /** The expression whose value stands beside a row; null where that is a column, or there are several. */
    readonly value: TypedExpression | null
    /** Reads the table. By verdict: how many rows there are, the oldest and the newest, and the first of them. */
    readonly statement: string
    /** The columns of what it finds: `evidenceFields`, the value as `__value`, and the source's. */
    readonly fields: readonly Column[]
  }[]
}

export interface DescribedColumn {
  readonly name: string
  /** The engine's own name of the type. */
  readonly type: string
}

/** A scratch database without rows, in which every emitted statement must prepare. */
export interface EmptyCatalogue {
  /** Makes an empty table with the source's declared columns; false where the engine has no such columns. */
  createSource(source: Source): Promise<boolean>
  /** What the author's query yields, or the engine's complaint. */
  describeQuery(source: Source): Promise<Described>
  /** What a source's own binding yields, where its data can be reached from here; null where they cannot. */
  describeBinding(source: Source, root: string): Promise<Described | null>
  /** Makes the empty tables that hold the rows of views. */
  createFeatures(tables: readonly FeatureTable[]): Promise<void>
  /** Prepares statements that read `spine` or `keys` with these columns, join keys and request data: the engine's complaint about each, or null. */
  prepare(columns: readonly Column[], statements: readonly string[]): Promise<readonly (string | null)[]>
  close(): Promise<void>
}

export type Described =
  | { readonly columns: readonly DescribedColumn[]; readonly error: null }
  | { readonly columns: null; readonly error: string }
