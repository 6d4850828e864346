/** What an offline engine must do: run emitted statements over the spine, and hand back rows in bounded memory. */
import type { Field } from '../contract.ts'
import type { Instant } from '../instant.ts'
import type { StoredValue } from '../online/row.ts'
import type { RecordTicks } from '../schedule/recording.ts'

/** Rows of training data are asked for as of: where they are, or the rows themselves. Paths start at the working folder. */
export type Spine =
  | { readonly parquet: string }
  | { readonly csv: string }
  | { readonly table: string }
  | { readonly sql: string }
  | Iterable<SpineRow>
  | AsyncIterable<SpineRow>

/** Join keys, request data, `event_timestamp`, and any other columns, which come back untouched. */
export interface SpineRow {
  readonly event_timestamp: Instant
  readonly [column: string]: unknown
}

/** Instants in microseconds: `as_of`, `since`; and `as_served`, `recorded`. */
export type Parameters = Readonly<Record<string, boolean | bigint>>

/** Some rows of a result, column by column. */
export interface Chunk {
  readonly rowCount: number
  readonly columns: readonly (readonly unknown[])[]
}

/** How far work has come. */
export interface Progress {
  /** From 0 to 1, where the engine can tell. */
  readonly fraction: number
}

export interface RunOptions {
  /** Ends the work with `aborted`; statements are cancelled on the server. */
  readonly signal?: AbortSignal | undefined
  /** Is told now and then how far the work has come. */
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

/** What a column of a result is read as; columns that are not named are read as the engine's own type says. */
export type ColumnTypes = ReadonlyMap<string, Field['type']>

/** One piece of work, with tables of its own. */
export interface Session {
  /** Makes `spine`, after every check of it. Returns its number of rows. */
  loadSpine(spine: Spine, request: SpineRequest, options?: RunOptions): Promise<number>
  /** Runs a lookup statement for some keys, whose values are in the order of the fields, as of an instant. */
  lookup(sql: string, request: LookupRequest, types: ColumnTypes, options?: RunOptions): Promise<Stream>
  /** Runs a statement into a table of the session, in place of one of that name. */
  createTemporary(name: string, sql: string, parameters: Parameters, options?: RunOptions): Promise<void>
  /** Runs a statement, and what `compute` makes of its rows into a table of the session, in bounded memory. */
  createComputed(name: string, request: ComputeRequest, options?: RunOptions): Promise<void>
  /** Runs a statement; `stored` gives values as the row codec takes them. */
  stream(
    sql: string,
    parameters: Parameters,
    types: ColumnTypes,
    stored: boolean,
    options?: RunOptions,
  ): Promise<Stream>
  /** Runs a statement into a file. Returns its number of rows. */
  copy(
    sql: string,
    parameters: Parameters,
    path: string,
    format: 'parquet' | 'csv',
    options?: RunOptions,
  ): Promise<number>
  /** Runs a statement into a new table. Returns its number of rows. */
  createTable(sql: string, parameters: Parameters, name: string, options?: RunOptions): Promise<number>
  /** Gives the session back; it must not be used afterwards. */
  release(): void
}

export interface Stream {
  readonly names: readonly string[]
  readonly chunks: AsyncIterable<Chunk>
}

export interface LookupRequest {
  readonly keys: readonly Field[]
  readonly rows: readonly (readonly unknown[])[]
  /** Microseconds. */
  readonly asOf: bigint
}

/** Work on rows that no SQL can do. */
export interface ComputeRequest {
  /** Its first column is `__row`. */
  readonly sql: string
  readonly types: ColumnTypes
  /** The columns that `compute` returns, in the form that the row codec takes. */
  readonly fields: readonly Field[]
  /** `columns` are those after `__row`; `event_timestamp` in microseconds, all others as getters return them. */
  readonly compute: (names: readonly string[], chunk: Chunk) => readonly (readonly StoredValue[])[]
}

export interface SpineRequest {
  readonly keys: readonly Field[]
  /** Columns of request data, in which no value may be null. */
  readonly request?: readonly Field[]
  /** Names that the result adds, which the spine must not have. */
  readonly features: readonly string[]
}

/** A name that statements read, and the statement that makes it for a session. */
export interface Relation {
  readonly name: string
  readonly statement: string
  /** Used in its place for training data, where there is one: evaluates a query once, into a table. */
  readonly snapshot: string | null
}

export interface SessionOptions {
  /** Whether queries are evaluated once, into their snapshots. */
  readonly forTraining?: boolean
}

export interface OfflineEngine {
  /** The dialect whose statements it runs. */
  readonly dialect: string
  /** A session in which the relations of these names exist. */
  session(relations: readonly Relation[], options?: SessionOptions): Promise<Session>
  /**
   * Records when ticks were completed, for training data, in the table `meridian_ticks`, which is made when it is missing.
   * Of several completions of a tick the first is kept.
   *
   * @throws MeridianError `database.unavailable`, `ticks.refused`, `store.closed`
   */
  readonly recordTicks: RecordTicks
  close(): Promise<void>
}
