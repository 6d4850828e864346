/**
 * What a view's features are worth: the semantics page, as naively as it can be written. Every question looks at every row.
 */
import type {
  AggregateFeature,
  FeatureDefinition,
  FeatureViewDefinition,
  LiteralValue,
  SqlFeatureViewDefinition,
  ValueType,
} from '../../dsl/index.ts'
import { aggregate, aggregateType, type Typed } from './aggregate.ts'
import { evaluate, type ScalarRow } from './expression.ts'
import { compare, compareNullsFirst, type Literal, read, type Scalar, show, toFloat } from './scalar.ts'
import { type Accuracy, asOf, duration } from './time.ts'
import { type Columns, typeOf } from './type-of.ts'

export type StoredView = FeatureViewDefinition | SqlFeatureViewDefinition
/** A row of a source, or of a view's query, as a test writes it. */
export type SourceRow = Readonly<Record<string, Literal>>
export type Key = Readonly<Record<string, Literal>>
export type Status = 'present' | 'null' | 'missing' | 'expired'

export interface Answer {
  readonly value: Literal
  readonly status: Status
}
export type Answers = Readonly<Record<string, Answer>>

/** A row with its instants. */
interface Event {
  readonly e: bigint
  readonly c: bigint
  readonly row: ScalarRow
}

/** The columns of what a view reads: its source, or its query. */
export function columnsOf(view: StoredView): Columns {
  if (view.kind === 'feature_view') return view.source.columns
  const timestamp: ValueType = { type: 'timestamp' }
  return {
    ...view.entity.joinKeys,
    ...view.columns,
    [view.eventTimestamp]: timestamp,
    ...(view.createdTimestamp === null ? {} : { [view.createdTimestamp]: timestamp }),
    ...Object.fromEntries(Object.entries(view.features).map(([name, { type }]) => [name, type])),
  }
}

/** The features as those of a feature view; a query's column is its last value. */
function featuresOf(view: StoredView): Readonly<Record<string, FeatureDefinition>> {
  if (view.kind === 'feature_view') return view.features
  return Object.fromEntries(
    Object.entries(view.features).map(([name, feature]) => [
      name,
      { kind: 'latest', pick: 'last', value: { kind: 'column', name }, where: null, default: feature.default },
    ]),
  )
}

const timesOf = (view: StoredView) => (view.kind === 'feature_view' ? view.source : view)

function keyColumn(view: StoredView, key: string): string {
  return view.kind === 'feature_view' ? (view.joinKeys[key] ?? key) : key
}

/** The type of a feature's value. */
export function featureType(view: StoredView, name: string): ValueType {
  const feature = featuresOf(view)[name]!
  const columns = columnsOf(view)
  switch (feature.kind) {
    case 'latest':
      return typeOf(feature.value, columns)!
    case 'aggregate':
      return aggregateType(feature.aggregate, feature.value && typeOf(feature.value, columns))
    case 'ratio':
      return { type: 'float64' }
    default:
      return feature satisfies never
  }
}

function scalars(row: SourceRow, columns: Columns): ScalarRow {
  return Object.fromEntries(Object.entries(columns).map(([name, type]) => [name, read(row[name], type)]))
}

/** The rows of any key that are visible at `a`. */
function visibleRows(view: StoredView, rows: readonly SourceRow[], a: bigint): Event[] {
  const times = timesOf(view)
  const visible: Event[] = []
  for (const written of rows) {
    const row = scalars(written, columnsOf(view))
    const e = row[times.eventTimestamp] as bigint | null
    const c = row[times.createdTimestamp ?? times.eventTimestamp] as bigint | null
    if (e === null || c === null) continue
    const seen = view.boundary === 'at' ? e <= a && c <= a : e < a && c < a
    if (seen) visible.push({ e, c, row })
  }
  return visible
}

/** Whether the row is of the key. A null matches nothing. */
function matches(view: StoredView, { row }: Event, key: Key): boolean {
  return Object.entries(view.entity.joinKeys).every(([name, type]) => {
    const wanted = read(key[name], type)
    const actual = row[keyColumn(view, name)] ?? null
    return wanted !== null && actual !== null && compare(wanted, actual) === 0
  })
}

/** The features of `key` at spine instant `t`, evaluated as of `a`; null: of a store that holds nothing. */
function answersAt(view: StoredView, rows: readonly SourceRow[], key: Key, a: bigint | null, t: bigint): Answers {
  const visible = a === null ? [] : visibleRows(view, rows, a).filter(event => matches(view, event, key))
  const features = featuresOf(view)
  return Object.fromEntries(
    Object.entries(features).map(([name, feature]) => {
      const type = featureType(view, name)
      const { value, status } =
        feature.kind === 'latest'
          ? latest(view, feature, visible, t)
          : present(
              feature.kind === 'ratio' ? ratio(view, feature, visible, a) : total(view, feature, visible, a).value,
            )
      const replaced = status === 'present' ? value : defaultOf(feature.default, type)
      return [name, { value: show(replaced, type), status }]
    }),
  )
}

const defaultOf = (value: LiteralValue, type: ValueType): Scalar => read(value, type)

interface Outcome {
  readonly value: Scalar
  readonly status: Status
}

const present = (value: Scalar): Outcome => ({ value, status: value === null ? 'null' : 'present' })

function passes(view: StoredView, { where }: Latest | AggregateFeature, event: Event): boolean {
  return where === null || evaluate(where, event.row, columnsOf(view), { type: 'boolean' }) === true
}

type Latest = Extract<FeatureDefinition, { kind: 'latest' }>

function latest(view: StoredView, feature: Latest, visible: readonly Event[], t: bigint): Outcome {
  const ordered = visible.filter(event => passes(view, feature, event)).sort((a, b) => order(view, feature, a, b))
  const chosen = feature.pick === 'last' ? ordered.at(-1) : ordered[0]
  if (!chosen) return { value: null, status: 'missing' }
  if (view.ttl !== null && t - chosen.e > duration(view.ttl)) return { value: null, status: 'expired' }
  return present(evaluate(feature.value, chosen.row, columnsOf(view)))
}

/** By event timestamp, created timestamp, tie-break columns, then the values of the features taken from the same row. */
function order(view: StoredView, feature: Latest, a: Event, b: Event): number {
  const columns = columnsOf(view)
  const together = Object.values(featuresOf(view)).filter(
    (other): other is Latest =>
      other.kind === 'latest' && other.pick === feature.pick && same(other.where, feature.where),
  )
  const parts: readonly ((event: Event) => Scalar)[] = [
    event => event.e,
    event => event.c,
    ...timesOf(view).tieBreak.map(name => (event: Event) => event.row[name] ?? null),
    ...together.map(other => (event: Event) => evaluate(other.value, event.row, columns)),
  ]
  for (const part of parts) {
    const result = compareNullsFirst(part(a), part(b))
    if (result !== 0) return result
  }
  return 0
}

function same(a: unknown, b: unknown): boolean {
  const text = (value: unknown) =>
    JSON.stringify(value, (_, part) => (typeof part === 'bigint' || typeof part === 'number' ? String(part) : part))
  return text(a) === text(b)
}

function total(view: StoredView, feature: AggregateFeature, visible: readonly Event[], a: bigint | null): Typed {
  const columns = columnsOf(view)
  const { value } = feature
  const rows = visible.filter(event => inWindow(view, feature, event, a) && passes(view, feature, event))
  if (value === null)
    return aggregate(
      feature.aggregate,
      rows.map(() => true),
      null,
    )
  const values = rows.map(({ row }) => evaluate(value, row, columns)).filter(item => item !== null)
  return aggregate(feature.aggregate, values, typeOf(value, columns))
}

/** `(a - w, a]`, or `[a - w, a)` under `before`. Visibility bounds the other end. */
function inWindow(view: StoredView, feature: AggregateFeature, { e }: Event, a: bigint | null): boolean {
  if (feature.over === null || a === null) return true
  const start = a - duration(feature.over)
  return view.boundary === 'at' ? e > start : e >= start
}

type Ratio = Extract<FeatureDefinition, { kind: 'ratio' }>

function ratio(view: StoredView, feature: Ratio, visible: readonly Event[], a: bigint | null): number | null {
  const numerator = total(view, feature.numerator, visible, a)
  const denominator = total(view, feature.denominator, visible, a)
  if (numerator.value === null || denominator.value === null) return null
  const divisor = toFloat(denominator.value, denominator.type)
  return divisor === 0 ? null : toFloat(numerator.value, numerator.type) / divisor
}

/** Training data: the features for a spine row at `t`. */
export function pointInTime(
  view: StoredView,
  rows: readonly SourceRow[],
  key: Key,
  t: bigint,
  accuracy: Accuracy,
): Answers {
  return answersAt(view, rows, key, asOf(view, t, accuracy), t)
}

/** What a getter returns at `readAt`, after tick `tick` was materialized. */
export function online(view: StoredView, rows: readonly SourceRow[], key: Key, tick: bigint, readAt: bigint): Answers {
  return answersAt(view, rows, key, tick, readAt)
}

/** The keys that have a row visible at `tick`: those that materializing it stores. */
export function keysAt(view: StoredView, rows: readonly SourceRow[], tick: bigint): Key[] {
  const keys = new Map<string, Key>()
  for (const { row } of visibleRows(view, rows, tick)) {
    const parts = Object.entries(view.entity.joinKeys).map(([name, type]) => {
      const value = row[keyColumn(view, name)] ?? null
      return [name, show(value, type)] as const
    })
    if (parts.some(([, value]) => value === null)) continue
    keys.set(parts.map(([, value]) => JSON.stringify(String(value))).join(), Object.fromEntries(parts))
  }
  return [...keys.values()]
}
