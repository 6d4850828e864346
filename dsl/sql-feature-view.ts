import type { ColumnFeature, PerDialect, SqlFeatureViewDefinition, SqlText } from './definitions.ts'
import type { Entity, JoinKeys } from './entity.ts'
import type { LiteralValue } from './expression.ts'
import { frozen } from './freeze.ts'
import type { Flat, InferKeys, Shape } from './shape.ts'
import type { Columns } from './source.ts'
import type { Infer, ValueType } from './types.ts'
import type { Literal } from './value.ts'
import { type ViewOptionsInput, viewOptions } from './view-options.ts'
import { type Roles, withRoles } from './view-use.ts'

declare const result: unique symbol

/** A column of the query, as a feature. */
export interface QueryColumn<out Out> {
  readonly definition: ColumnFeature
  /** Only in types: what a getter returns. */
  readonly [result]: Out
}

/** What a SQL view's `features` is given. */
export interface SqlVocabulary {
  /**
   * The query's column of the feature's name; the row is chosen as for `last`.
   *
   * @example
   * column(t.decimal(12, 2)).default('0.00')
   */
  column<const T extends ValueType>(
    type: T,
  ): QueryColumn<Infer<T> | null> & {
    /** The value in place of null, missing and expired. */
    default(value: Literal<T>): QueryColumn<Infer<T>>
  }
}

export type QueryColumns = Readonly<Record<string, QueryColumn<unknown>>>
type InferColumns<F> = { readonly [N in keyof F]: F[N] extends QueryColumn<infer Out> ? Out : never }

/** Features that the author's own query computes. */
export interface SqlFeatureView<Keys = unknown, Values = unknown>
  extends SqlFeatureViewDefinition,
    Shape<Keys, Values>,
    Roles<Keys, Values> {}

export type SqlFeatureViewOptions<K extends JoinKeys, F extends QueryColumns> = ViewOptionsInput & {
  /** What the features describe. */
  readonly entity: Entity<K>
  /** Yields the join keys, the timestamps and the features as columns of their names. One text, or one for each dialect. */
  readonly query: SqlText | PerDialect<SqlText>
  /** The query's column that says when a row happened. */
  readonly eventTimestamp: string
  /** The query's column that says when a row became known. */
  readonly createdTimestamp?: string
  /** Columns that put rows of one key with equal timestamps in order. */
  readonly tieBreak?: readonly string[]
  /** Types of the columns that only `tieBreak` names. */
  readonly columns?: Columns
  /** The columns of the query that are features, with their types. */
  readonly features: (words: SqlVocabulary) => F
}

const names = ['entity', 'query', 'eventTimestamp', 'createdTimestamp', 'tieBreak', 'columns', 'features']

/**
 * Declares features that the author's own query computes. The query is prepared at build time, its columns and types
 * are compared with what is declared here, and it is used verbatim.
 *
 * @example
 * const routeDelays = sqlFeatureView('route_delays', {
 *   entity: route,
 *   query: sql`
 *     SELECT origin, destination, date_trunc('day', landed_at) + INTERVAL '1 day' AS day_end, count(*) AS flights_day
 *     FROM ${landings}
 *     GROUP BY origin, destination, day_end
 *   `,
 *   eventTimestamp: 'day_end',
 *   tieBreak: ['day_end'],
 *   features: ({ column }) => ({ flights_day: column(t.int64()) }),
 * })
 */
export function sqlFeatureView<const K extends JoinKeys, const F extends QueryColumns>(
  name: string,
  options: SqlFeatureViewOptions<K, F>,
): SqlFeatureView<Flat<InferKeys<K>>, Flat<InferColumns<F>>> {
  const features = options.features({ column: type => column(type, null) as never })
  return withRoles(
    frozen<SqlFeatureViewDefinition>({
      kind: 'sql_feature_view',
      name,
      ...viewOptions(options, names),
      entity: options.entity,
      query: options.query,
      eventTimestamp: options.eventTimestamp,
      createdTimestamp: options.createdTimestamp ?? null,
      tieBreak: options.tieBreak ?? [],
      columns: options.columns ?? {},
      features: Object.fromEntries(Object.entries(features).map(([key, { definition }]) => [key, definition])),
    }),
  ) as never
}

function column(type: ValueType, value: LiteralValue) {
  return {
    definition: { kind: 'column', type, default: value } as const,
    default: (replacement: LiteralValue) => column(type, replacement),
  }
}
