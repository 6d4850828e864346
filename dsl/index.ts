/** What users import from 'meridian': the builders, the value types, and the plain data they return. */
export { defineConfig, type Project } from './config.ts'
export * from './definitions.ts'
export { type Duration, durationUnits } from './duration.ts'
export { type Entity, entity, type JoinKeys } from './entity.ts'
export * from './expression.ts'
export { type FeatureService, featureService } from './feature-service.ts'
export { type FeatureView, featureView } from './feature-view.ts'
export type { AggregateKind } from './features/aggregate.ts'
export { type AggregateName, aggregates } from './features/index.ts'
export {
  type ComputedFeature,
  type OnDemandFeatureView,
  type OnDemandVocabulary,
  onDemandFeatureView,
} from './on-demand-feature-view.ts'
export type { FeaturesOf, KeysOf } from './shape.ts'
export { type Columns, type Source, source } from './source.ts'
export { sql } from './sql.ts'
export { type QueryColumn, type SqlFeatureView, type SqlVocabulary, sqlFeatureView } from './sql-feature-view.ts'
export * from './types.ts'
export type {
  AnyValue,
  ComparableValue,
  Condition,
  InstantValue,
  IntegerValue,
  Literal,
  NumberValue,
  OrderedValue,
  Row,
  TextValue,
  Value,
  ValueExpression,
} from './value.ts'
export type { PickedFeatures, PickedView, Roles, ViewInRole } from './view-use.ts'
export type { Aggregate, Defaultable, Feature, Latest, Vocabulary } from './vocabulary.ts'
export { when } from './when.ts'
