/**
 * Random projects: an entity, its sources, views over them and a service of the views. One file because each part is drawn
 * to fit the others: views need the columns of their source, services the names of their views.
 */
import {
  type AggregateFeature,
  type AggregateName,
  type ColumnFeature,
  type EntityDefinition,
  entity,
  type FeatureDefinition,
  type FeatureServiceDefinition,
  type FeatureViewDefinition,
  featureService,
  type JoinKeyType,
  type LiteralValue,
  type SourceDefinition,
  type SqlFeatureViewDefinition,
  source,
  type ValueType,
} from 'meridian'
import type { SourceRow, StoredView } from '../reference/index.ts'
import type { Draw } from './draw.ts'
import { type Columns, Expressions, isNumeric, isScalar } from './expressions.ts'
import { constantOf, quoteName } from './values.ts'

export interface Project {
  readonly entity: EntityDefinition
  readonly sources: readonly SourceDefinition[]
  readonly views: readonly StoredView[]
  readonly service: FeatureServiceDefinition
  /** The rows of a SQL view's query, computed from those of its source. */
  readonly queryRows: Readonly<Record<string, { source: string; rows: (rows: readonly SourceRow[]) => SourceRow[] }>>
}

const keyNames = ['user_id', 'Key', 'order', 'group', 'K2', 'value', 'as_of', 'event']
const columnNames = [
  'amount',
  'Total Amount',
  'say "hi"',
  "it's",
  'select',
  'Group By',
  'naïve',
  'x.y',
  'row',
  'moment',
  'spine',
  'event_timestamp',
  'ts',
  'a',
  '$1',
  '{{each}}',
  '-- no',
  'semi;colon',
  'back\\slash',
  'b',
  'known',
  'rank',
  'count',
]
const featureNames = [
  'amount',
  'total',
  'Select',
  'end',
  'latest',
  'moment',
  'n',
  'row',
  'b',
  'a',
  'last_x',
  'Rate',
  'as_of',
  'position',
  'instant',
  'sum',
  'visible',
  'timeline',
  'source',
  'frame',
]
const valueTypes: readonly ValueType[] = [
  { type: 'boolean' },
  { type: 'int32' },
  { type: 'int64', as: 'bigint' },
  { type: 'int64', as: 'number' },
  { type: 'float64' },
  { type: 'decimal', precision: 10, scale: 2 },
  { type: 'decimal', precision: 20, scale: 4 },
  { type: 'decimal', precision: 38, scale: 0 },
  { type: 'string' },
  { type: 'timestamp' },
]
const carriedTypes: readonly ValueType[] = [
  { type: 'vector', dimensions: 3 },
  { type: 'bytes' },
  { type: 'json' },
  { type: 'list', element: { type: 'int32' } },
  { type: 'list', element: { type: 'string' } },
  { type: 'vector', dimensions: 2 },
]
const keyTypes: readonly JoinKeyType[] = [
  { type: 'string' },
  { type: 'string' },
  { type: 'int64', as: 'bigint' },
  { type: 'int32' },
  { type: 'boolean' },
]
const durations = ['1us', '500ms', '10s', '1m', '90s', '7m', '1h', '1d']

const folded = (name: string) => name.toLowerCase()
/** Names without those taken; engines fold case when they compare. */
const free = (names: readonly string[], taken: readonly string[]) =>
  names.filter(name => !taken.map(folded).includes(folded(name)))

export function makeProject(draw: Draw): Project {
  const keys = draw.some(keyNames, draw.between(1, 2))
  const theEntity = entity('thing', { joinKeys: Object.fromEntries(keys.map(key => [key, draw.pick(keyTypes)])) })
  const sources = draw.list(draw.between(1, 2), index => makeSource(draw, theEntity, `rows_${index}`))
  const queryRows: Record<string, Project['queryRows'][string]> = {}
  let names = draw.some(free(featureNames, keys), featureNames.length)
  const views = draw.list(draw.between(1, 3), (index): StoredView => {
    const from = draw.pick(sources)
    const count = draw.between(1, 4)
    const mine = names.slice(0, count)
    names = names.slice(count)
    if (draw.chance(70)) return makeView(draw, theEntity, from.source, from.joinKeys, `view_${index}`, mine)
    const made = makeSqlView(draw, theEntity, from.source, from.joinKeys, `view_${index}`, mine)
    queryRows[made.view.name] = { source: from.source.name, rows: made.rows }
    return made.view
  })
  return {
    entity: theEntity,
    sources: sources.map(made => made.source),
    views,
    service: featureService('everything', views as never),
    queryRows,
  }
}

interface MadeSource {
  readonly source: SourceDefinition
  readonly joinKeys: Readonly<Record<string, string>>
}

function makeSource(draw: Draw, of: EntityDefinition, name: string): MadeSource {
  const joinKeys: Record<string, string> = {}
  const columns: Record<string, ValueType> = {}
  for (const [key, type] of Object.entries(of.joinKeys)) {
    const column = draw.chance(60) ? key : `${key}_of`
    if (column !== key) joinKeys[key] = column
    columns[column] = type
  }
  const names = draw.some(free(columnNames, Object.keys(columns)), columnNames.length)
  const eventTimestamp = names.pop()!
  const createdTimestamp = draw.chance(60) ? names.pop()! : undefined
  const seq = draw.chance(85) ? names.pop()! : undefined
  columns[eventTimestamp] = { type: 'timestamp' }
  if (createdTimestamp) columns[createdTimestamp] = { type: 'timestamp' }
  if (seq) columns[seq] = { type: 'int32' }
  for (const type of draw.some(valueTypes, draw.between(2, 6))) columns[names.pop()!] = type
  if (seq && draw.chance(60)) columns[names.pop()!] = draw.pick(carriedTypes)
  return {
    joinKeys,
    source: source(name, {
      columns,
      eventTimestamp,
      ...(createdTimestamp && { createdTimestamp }),
      tieBreak: seq ? [seq] : [],
      duckdb: { table: `raw ${name}` },
      postgres: { table: `raw ${name}` },
    } as never),
  }
}

function makeOptions(draw: Draw) {
  const materialize = draw.chance(60)
  const refreshed = materialize || draw.chance(30)
  return {
    ttl: draw.chance(60) ? draw.pick(durations) : null,
    boundary: draw.chance(30) ? ('before' as const) : ('at' as const),
    refresh: refreshed ? draw.pick(['1m', '7m', '1h', '90s']) : null,
    offset: refreshed && draw.chance(40) ? draw.pick(['0s', '10s', '59s']) : null,
    delay: refreshed && draw.chance(40) ? draw.pick(['0s', '5s', '2m']) : null,
    materialize,
    freshness: null,
    owner: null,
    tags: [],
  }
}

function makeView(
  draw: Draw,
  of: EntityDefinition,
  from: SourceDefinition,
  joinKeys: Readonly<Record<string, string>>,
  name: string,
  features: readonly string[],
): FeatureViewDefinition {
  const expressions = new Expressions(draw, from.columns)
  return {
    kind: 'feature_view',
    name,
    ...makeOptions(draw),
    entity: of,
    source: from,
    joinKeys,
    features: Object.fromEntries(features.map(feature => [feature, makeFeature(draw, expressions, from)])),
  }
}

function makeFeature(draw: Draw, expressions: Expressions, from: SourceDefinition): FeatureDefinition {
  const kind = draw.below(10)
  if (kind < 4 && from.tieBreak.length > 0) {
    const value = expressions.any(2)
    const type = expressions.typeOf(value)
    return {
      kind: 'latest',
      pick: draw.chance(65) ? 'last' : 'first',
      value,
      where: draw.chance(35) ? expressions.condition(2) : null,
      default: defaultFor(draw, type),
    }
  }
  if (kind < 5) {
    const [numerator, denominator] = [
      makeAggregate(draw, expressions, ratioParts),
      makeAggregate(draw, expressions, divisors),
    ]
    return { kind: 'ratio', numerator, denominator, default: defaultFor(draw, { type: 'float64' }) }
  }
  const made = makeAggregate(draw, expressions, Object.keys(aggregates) as AggregateName[])
  return { ...made, default: defaultFor(draw, aggregates[made.aggregate](expressions, made)) }
}

const defaultFor = (draw: Draw, type: ValueType): LiteralValue => (draw.chance(30) ? constantOf(draw, type) : null)

const float64: ValueType = { type: 'float64' }
const count: ValueType = { type: 'int64', as: 'number' }

/** The type of each aggregate's value. */
const aggregates: Readonly<Record<AggregateName, (expressions: Expressions, feature: AggregateFeature) => ValueType>> =
  {
    count: () => count,
    countDistinct: () => count,
    avg: () => float64,
    stddev: () => float64,
    variance: () => float64,
    min: (expressions, { value }) => expressions.typeOf(value!),
    max: (expressions, { value }) => expressions.typeOf(value!),
    sum: (expressions, { value }) => {
      const type = expressions.typeOf(value!)
      if (type.type === 'decimal') return { ...type, precision: 38 }
      return type.type === 'int32' ? count : type
    },
  }
const ratioParts: readonly AggregateName[] = ['count', 'sum', 'avg', 'min', 'max', 'countDistinct']
/** Not those whose zero would hang on the order in which floats are added. */
const divisors: readonly AggregateName[] = ['count', 'count', 'max', 'countDistinct']

function makeAggregate(draw: Draw, expressions: Expressions, names: readonly AggregateName[]): AggregateFeature {
  const aggregate = draw.pick(names)
  const isRatioPart = names === ratioParts || names === divisors
  return {
    kind: 'aggregate',
    aggregate,
    value: makeArgument(draw, expressions, aggregate, isRatioPart),
    where: draw.chance(35) ? expressions.condition(2) : null,
    over: draw.chance(70) ? draw.pick(durations) : null,
    default: null,
  }
}

function makeArgument(draw: Draw, expressions: Expressions, aggregate: AggregateName, numeric: boolean) {
  switch (aggregate) {
    case 'count':
      return draw.chance(50) ? null : expressions.any(1)
    case 'countDistinct':
      return draw.chance(60)
        ? expressions.column(type => isScalar(type) || type.type === 'bytes')
        : expressions.number(2)
    case 'min':
    case 'max':
      return numeric || draw.chance(50)
        ? expressions.number(2)
        : expressions.column(type => isScalar(type) && type.type !== 'boolean')
    case 'stddev':
    case 'variance':
      // Of numbers so large that squares round away the difference, no two ways to compute it agree.
      return (
        (draw.chance(60) ? expressions.column(type => type.type === 'float64') : null) ??
        expressions.column(
          type => isNumeric(type) && type.type !== 'int64' && !(type.type === 'decimal' && type.scale === 0),
        ) ??
        expressions.number(0)
      )
    default:
      return expressions.number(2)
  }
}

interface MadeSqlView {
  readonly view: SqlFeatureViewDefinition
  readonly rows: (rows: readonly SourceRow[]) => SourceRow[]
}

/** `SELECT columns FROM source WHERE column IS NOT NULL`, under other names. */
function makeSqlView(
  draw: Draw,
  of: EntityDefinition,
  from: SourceDefinition,
  joinKeys: Readonly<Record<string, string>>,
  name: string,
  features: readonly string[],
): MadeSqlView {
  const taken = [...Object.keys(of.joinKeys), ...features]
  const [eventTimestamp, createdTimestamp, seq] = free(['Happened', 'known at', 'order by', 'x', 'y', 'z'], taken)
  const selected: Record<string, string> = {}
  for (const key of Object.keys(of.joinKeys)) selected[key] = joinKeys[key] ?? key
  selected[eventTimestamp!] = from.eventTimestamp
  if (from.createdTimestamp !== null) selected[createdTimestamp!] = from.createdTimestamp
  const [tieBreak] = from.tieBreak
  if (tieBreak !== undefined) selected[seq!] = tieBreak
  const types: Columns = from.columns
  const ordered = Object.keys(types).filter(column => tieBreak !== undefined || isScalar(types[column]!))
  const columns: Record<string, ColumnFeature> = {}
  for (const feature of features) {
    const column = draw.pick(ordered)
    selected[feature] = column
    columns[feature] = { kind: 'column', type: types[column]!, default: defaultFor(draw, types[column]!) }
  }
  const filter = draw.chance(50) ? draw.pick(Object.keys(types)) : null
  const list = Object.entries(selected).map(([as, column]) => `${quoteName(column)} AS ${quoteName(as)}`)
  const where = filter === null ? '' : ` WHERE ${quoteName(filter)} IS NOT NULL -- only those`
  return {
    view: {
      kind: 'sql_feature_view',
      name,
      ...makeOptions(draw),
      entity: of,
      query: { kind: 'sql', parts: [`SELECT ${list.join(', ')} FROM `, { source: from.name }, where] },
      eventTimestamp: eventTimestamp!,
      createdTimestamp: from.createdTimestamp === null ? null : createdTimestamp!,
      tieBreak: tieBreak === undefined ? Object.keys(columns) : [seq!],
      columns: tieBreak === undefined ? {} : { [seq!]: types[tieBreak]! },
      features: columns,
    },
    rows: rows =>
      rows
        .filter(row => filter === null || (row[filter] ?? null) !== null)
        .map(row => Object.fromEntries(Object.entries(selected).map(([as, column]) => [as, row[column] ?? null]))),
  }
}
