/** A small project for the evaluator's own tests: one view over one source, everything else as the test says. */
import type {
  AggregateFeature,
  AggregateName,
  Expression,
  FeatureDefinition,
  FeatureViewDefinition,
  FunctionName,
  LatestFeature,
  LiteralValue,
  ValueType,
} from '../../dsl/index.ts'
import { instant } from './time.ts'
import type { SourceRow } from './view.ts'

export const column = (name: string): Expression => ({ kind: 'column', name })
export const constant = (value: LiteralValue): Expression => ({ kind: 'literal', value })
export const call = (name: FunctionName, ...args: readonly Expression[]): Expression => ({
  kind: 'call',
  function: name,
  arguments: args,
})

export const last = (name: string, more: Partial<LatestFeature> = {}): LatestFeature => ({
  kind: 'latest',
  pick: 'last',
  value: column(name),
  where: null,
  default: null,
  ...more,
})

export const total = (
  aggregate: AggregateName,
  value: string | null,
  over: string | null = null,
  more: Partial<AggregateFeature> = {},
): AggregateFeature => ({
  kind: 'aggregate',
  aggregate,
  value: value === null ? null : column(value),
  where: null,
  over,
  default: null,
  ...more,
})

const columns: Readonly<Record<string, ValueType>> = {
  k: { type: 'string' },
  e: { type: 'timestamp' },
  c: { type: 'timestamp' },
  id: { type: 'int32' },
  x: { type: 'int32' },
  big: { type: 'int64', as: 'bigint' },
  f: { type: 'float64' },
  d: { type: 'decimal', precision: 12, scale: 2 },
  s: { type: 'string' },
  b: { type: 'boolean' },
}

export function view(
  features: Readonly<Record<string, FeatureDefinition>>,
  options: Partial<FeatureViewDefinition> & { created?: boolean; tieBreak?: readonly string[] } = {},
): FeatureViewDefinition {
  const { created = true, tieBreak = ['id'], ...rest } = options
  return {
    kind: 'feature_view',
    name: 'v',
    entity: { kind: 'entity', name: 'n', joinKeys: { k: { type: 'string' } } },
    source: {
      kind: 'source',
      name: 'rows',
      columns,
      eventTimestamp: 'e',
      createdTimestamp: created ? 'c' : null,
      tieBreak,
      bindings: {},
    },
    joinKeys: {},
    features,
    ttl: null,
    boundary: 'at',
    refresh: null,
    offset: null,
    delay: null,
    materialize: false,
    freshness: null,
    owner: null,
    tags: [],
    ...rest,
  }
}

/** Noon of a day in 2024, and microseconds around it. */
export const noon = instant('2024-03-10T12:00:00')
export const second = 1_000_000n
export const hour = 3600n * second

/** A row of key 'a' that happened, and was known, at an offset from noon. */
export function row(at: bigint | null, values: SourceRow = {}): SourceRow {
  const e = at === null ? null : noon + at
  return { k: 'a', e, c: e, id: 0, ...values }
}
