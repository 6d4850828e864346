/** Definitions that passed every check become the catalogue. */
import type {
  AggregateFeature,
  Binding,
  EntityDefinition,
  Expression,
  FeatureDefinition,
  FeatureViewDefinition,
  LiteralValue,
  PerDialect,
  SourceDefinition,
  SqlFeatureViewDefinition,
  SqlText,
  ValueType,
} from '../../dsl/index.ts'
import { aggregates } from '../../dsl/index.ts'
import type { WireLiteral } from '../../runtime/contract.ts'
import { resolveExpression } from '../check/expression.ts'
import type { Loaded, LoadedDefinition } from '../load/evaluate.ts'
import type { Locator } from '../load/locate.ts'
import type {
  Aggregate,
  Catalog,
  Column,
  Feature,
  JoinKey,
  Provenance,
  Relation,
  Service,
  Source,
  TypedExpression,
  View,
} from './catalog.ts'
import { parseDuration, parseOffset } from './duration.ts'
import { canonicalLiteral } from './literal.ts'

/**
 * The sources and queries that can be understood, for a build that has errors elsewhere: what an engine says of them is
 * reported with the rest. Those that cannot have a diagnostic of their own already.
 */
export function soundSources(loaded: Loaded, locator: Locator, dialects: readonly string[]): Source[] {
  return loaded.definitions.flatMap(item => {
    const { definition } = item
    const documented = document(item, locator)
    try {
      if (definition.kind === 'source') return [buildSource(definition, documented, dialects)]
      if (definition.kind === 'sql_feature_view') return [querySource(definition, documented, dialects)]
    } catch {}
    return []
  })
}

interface Documented {
  readonly provenance: Provenance
  /** JSDoc of the definition, or of the part of it that the path names. */
  readonly doc: (...path: string[]) => string | null
}

export function buildCatalog(project: string, loaded: Loaded, locator: Locator, dialects: readonly string[]): Catalog {
  const sources: Source[] = []
  const views: View[] = []
  const services: Service[] = []
  for (const item of loaded.definitions) {
    const documented = document(item, locator)
    const { definition } = item
    switch (definition.kind) {
      case 'source':
        sources.push(buildSource(definition, documented, dialects))
        break
      case 'feature_view':
        views.push(buildView(definition, documented))
        break
      case 'sql_feature_view':
        sources.push(querySource(definition, documented, dialects))
        views.push(buildSqlView(definition, documented))
        break
      case 'feature_service':
        services.push({
          name: definition.name,
          provenance: documented.provenance,
          doc: documented.doc(),
          owner: definition.owner,
          views: definition.views.map(view => view.name),
        })
        break
      case 'entity':
      case 'on_demand_feature_view':
        break
      default:
        definition satisfies never
    }
  }
  return { project, sources, views, services }
}

function document({ file, symbol }: LoadedDefinition, locator: Locator): Documented {
  const provenance = { file, symbol }
  return { provenance, doc: (...path) => locator.doc(provenance, path) }
}

function buildSource(definition: SourceDefinition, documented: Documented, dialects: readonly string[]): Source {
  const table: Binding = { kind: 'table', name: definition.name }
  return {
    name: definition.name,
    provenance: documented.provenance,
    doc: documented.doc(),
    columns: columnsOf(definition.columns),
    eventTimestamp: definition.eventTimestamp,
    createdTimestamp: definition.createdTimestamp,
    tieBreak: definition.tieBreak,
    relations: relations(dialects, dialect => relation(forDialect(definition.bindings, dialect) ?? table)),
    origin: 'source',
  }
}

/** A query is a source of the view's name: everything later treats its rows like any other's. */
function querySource(
  definition: SqlFeatureViewDefinition,
  documented: Documented,
  dialects: readonly string[],
): Source {
  const timestamp: ValueType = { type: 'timestamp' }
  const { eventTimestamp, createdTimestamp } = definition
  const columns: Record<string, ValueType> = { ...definition.entity.joinKeys, [eventTimestamp]: timestamp }
  if (createdTimestamp !== null) columns[createdTimestamp] = timestamp
  Object.assign(columns, definition.columns)
  for (const [name, feature] of Object.entries(definition.features)) columns[name] = feature.type
  return {
    name: definition.name,
    provenance: documented.provenance,
    doc: documented.doc(),
    columns: columnsOf(columns),
    eventTimestamp,
    createdTimestamp,
    tieBreak: definition.tieBreak,
    relations: relations(dialects, dialect => {
      const { query } = definition
      const text = isSqlText(query) ? query : forDialect(query, dialect)
      return text ? relation(text) : null
    }),
    origin: 'query',
  }
}

function relations(dialects: readonly string[], of: (dialect: string) => Relation | null): Record<string, Relation> {
  return Object.fromEntries(dialects.flatMap(dialect => (of(dialect) ? [[dialect, of(dialect) as Relation]] : [])))
}

function relation(binding: Binding): Relation {
  return binding.kind === 'sql' ? { kind: 'query', parts: binding.parts } : binding
}

export function forDialect<T>(values: PerDialect<T>, dialect: string): T | undefined {
  return (values as Readonly<Record<string, T | undefined>>)[dialect]
}

function isSqlText(query: SqlFeatureViewDefinition['query']): query is SqlText {
  return 'kind' in query
}

function buildView(definition: FeatureViewDefinition, documented: Documented): View {
  const { columns } = definition.source
  return {
    ...viewCommon(definition, documented, definition.joinKeys),
    source: definition.source.name,
    features: Object.entries(definition.features).map(([name, feature]) =>
      buildFeature(name, feature, columns, documented.doc('features', name)),
    ),
  }
}

function buildSqlView(definition: SqlFeatureViewDefinition, documented: Documented): View {
  return {
    ...viewCommon(definition, documented, {}),
    source: definition.name,
    features: Object.entries(definition.features).map(([name, { type, default: value }]) => ({
      name,
      doc: documented.doc('features', name),
      type,
      default: literal(value, type),
      computation: { kind: 'latest', pick: 'last', value: { kind: 'column', name, type }, where: null },
    })),
  }
}

function viewCommon(
  definition: FeatureViewDefinition | SqlFeatureViewDefinition,
  documented: Documented,
  mapping: Readonly<Record<string, string>>,
): Omit<View, 'source' | 'features'> {
  const { refresh } = definition
  return {
    name: definition.name,
    provenance: documented.provenance,
    doc: documented.doc(),
    entity: definition.entity.name,
    joinKeys: joinColumns(definition.entity, mapping).map(
      ([name, column]): JoinKey => ({ name, column, type: definition.entity.joinKeys[name]! }),
    ),
    ttl: definition.ttl === null ? null : parseDuration(definition.ttl),
    boundary: definition.boundary,
    ticks:
      refresh === null
        ? null
        : {
            refresh: parseDuration(refresh) ?? 0,
            offset: parseOffset(definition.offset ?? '0s') ?? 0,
            delay: parseOffset(definition.delay ?? '0s') ?? 0,
          },
    materialize: definition.materialize,
    freshness: definition.freshness === null ? null : parseDuration(definition.freshness),
    owner: definition.owner,
    tags: definition.tags,
  }
}

/** Each join key with the source's column for it. */
export function joinColumns(entity: EntityDefinition, mapping: Readonly<Record<string, string>>): [string, string][] {
  return Object.keys(entity.joinKeys).map(key => [key, mapping[key] ?? key])
}

function buildFeature(
  name: string,
  feature: FeatureDefinition,
  columns: Readonly<Record<string, ValueType>>,
  doc: string | null,
): Feature {
  const finish = (type: ValueType, computation: Feature['computation']): Feature => ({
    name,
    doc,
    type,
    default: literal(feature.default, type),
    computation,
  })
  switch (feature.kind) {
    case 'latest': {
      const value = typed(feature.value, columns)
      return finish(value.type, { kind: 'latest', pick: feature.pick, value, where: filter(feature.where, columns) })
    }
    case 'aggregate': {
      const aggregate = buildAggregate(feature, columns)
      return finish(aggregates[aggregate.aggregate].result(aggregate.value?.type ?? null), aggregate)
    }
    case 'ratio':
      return finish(
        { type: 'float64' },
        {
          kind: 'ratio',
          numerator: buildAggregate(feature.numerator, columns),
          denominator: buildAggregate(feature.denominator, columns),
        },
      )
    default:
      return feature satisfies never
  }
}

function buildAggregate(feature: AggregateFeature, columns: Readonly<Record<string, ValueType>>): Aggregate {
  return {
    kind: 'aggregate',
    aggregate: feature.aggregate,
    value: feature.value === null ? null : typed(feature.value, columns),
    where: filter(feature.where, columns),
    over: feature.over === null ? null : parseDuration(feature.over),
  }
}

function filter(where: Expression | null, columns: Readonly<Record<string, ValueType>>): TypedExpression | null {
  return where === null ? null : typed(where, columns, { type: 'boolean' })
}

function typed(
  expression: Expression,
  columns: Readonly<Record<string, ValueType>>,
  expected?: ValueType,
): TypedExpression {
  const { typed: result, problems } = resolveExpression(expression, columns, expected)
  if (!result) throw new Error(`unchecked expression: ${JSON.stringify(problems)}`)
  return result
}

function literal(value: LiteralValue, type: ValueType): WireLiteral {
  if (value === null) return null
  const canonical = canonicalLiteral(value, type)
  if (canonical === undefined) throw new Error(`unchecked constant ${String(value)} of type ${type.type}`)
  return canonical
}

function columnsOf(columns: Readonly<Record<string, ValueType>>): Column[] {
  return Object.entries(columns).map(([name, type]) => ({ name, type }))
}
