import type { Binding, SourceDefinition, SqlText } from './definitions.ts'
import { frozen } from './freeze.ts'
import type { TimestampType, ValueType } from './types.ts'
import { unknownOptions } from './unknown-options.ts'

/** The columns of a source or a request, each with its type. */
export type Columns = Readonly<Record<string, ValueType>>

/**
 * Names of the columns whose type is one of `T`. By `keyof`, because TypeScript then shows the names themselves in
 * errors, not this alias.
 */
export type ColumnsOfType<C extends Columns, T extends ValueType> = keyof {
  [K in keyof C as C[K] extends T ? K & string : never]: never
}

/** A table of events: when each happened, when it became known, and what it says. */
export interface Source<C extends Columns = Columns> extends SourceDefinition {
  readonly columns: C
}

/** Where the rows are: a table, a dotted name being schema and table, or a query. */
export type TableOption = { readonly table: string } | SqlText

/** The same, or a file: a path or glob relative to the project. */
export type BindingOption = TableOption | { readonly parquet: string } | { readonly csv: string }

export interface SourceOptions<C extends Columns> {
  /** Where the rows are in local mode. */
  readonly duckdb?: BindingOption
  /** Where the rows are in production; no file, since a server reads none of ours. */
  readonly postgres?: TableOption
  /** The columns that are read, by name, each with its type. Others may be there. */
  readonly columns: C
  /** The column that says when it happened. Rows without one are invisible. */
  readonly eventTimestamp: NoInfer<ColumnsOfType<C, TimestampType>>
  /** The column that says when it became known; without one, a row is known when it happens. */
  readonly createdTimestamp?: NoInfer<ColumnsOfType<C, TimestampType>>
  /** Columns that put rows of one key with equal timestamps in order. `last` and `first` need them. */
  readonly tieBreak?: readonly NoInfer<keyof C & string>[]
}

const names = ['duckdb', 'postgres', 'columns', 'eventTimestamp', 'createdTimestamp', 'tieBreak']

/**
 * Declares a source. Without a binding for a dialect it is a table of the source's name there.
 *
 * @example
 * const payments = source('payments', {
 *   columns: { user_id: t.int64(), amount: t.decimal(12, 2), paid_at: t.timestamp(), payment_id: t.int64() },
 *   eventTimestamp: 'paid_at',
 *   tieBreak: ['payment_id'],
 *   duckdb: { parquet: 'data/payments.parquet' },
 * })
 */
export function source<const C extends Columns>(name: string, options: SourceOptions<C>): Source<C> {
  return frozen({
    kind: 'source',
    name,
    columns: options.columns,
    eventTimestamp: options.eventTimestamp,
    createdTimestamp: options.createdTimestamp ?? null,
    tieBreak: options.tieBreak ?? [],
    bindings: {
      ...(options.duckdb && { duckdb: binding(options.duckdb) }),
      ...(options.postgres && { postgres: binding(options.postgres) }),
    },
    ...unknownOptions(options, names),
  })
}

function binding(option: BindingOption): Binding {
  if ('kind' in option) return option
  if ('table' in option) return { kind: 'table', name: option.table }
  if ('parquet' in option) return { kind: 'file', format: 'parquet', path: option.parquet }
  return { kind: 'file', format: 'csv', path: option.csv }
}
