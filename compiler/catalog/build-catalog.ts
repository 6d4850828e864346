/** Definitions that passed every check become the catalogue. */
import type {
  AggregateFeature,
  Binding,
  EntityDefinition,
  Expression,
  FeatureDefinition,
  FeatureViewDefinition,
  PerDialect,
  SourceDefinition,
  SqlFeatureViewDefinition,
  SqlText,
  ValueType,
} from '../../dsl/index.ts'
import { aggregates } from '../../dsl/index.ts'
import { resolveExpression } from '../check/expression.ts'
import type { Loaded } from '../load/evaluate.ts'
import type { Locator } from '../load/locate.ts'
import type {
  Aggregate,
  Catalog,
  Feature,
  JoinKey,
  OnDemandView,
  Relation,
  Service,
  Source,
  TypedExpression,
  View,
} from './catalog.ts'
import { columnsOf, type Documented, document } from './documented.ts'
import { parseDuration, parseOffset } from './duration.ts'
import { checkedLiteral } from './literal.ts'
import { buildOnDemandView, listed } from './on-demand.ts'

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

export function buildCatalog(project: string, loaded: Loaded, locator: Locator, dialects: readonly string[]): Catalog {
  const sources: Source[] = []
  const views: View[] = []
  const onDemandViews: OnDemandView[] = []
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
          onStoreFailure: definition.onStoreFailure,
          views: definition.views.map(listed),
        })
        break
      case 'on_demand_feature_view':
        onDemandViews.push(buildOnDemandView(definition, documented))
        break
      case 'entity':
        break
      default:
        definition satisfies never
    }
  }
  return { project, sources, views, onDemandViews, services }
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
      default: checkedLiteral(value, type),
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
    default: checkedLiteral(feature.default, type),
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
