/**
 * The logical plan of a view, free of any dialect: which rows it reads, what must be computed from them, and how
 * features are made of that. Equal computations are planned once.
 */
import { aggregates } from '../../dsl/index.ts'
import type { Field, WireLiteral } from '../../runtime/contract.ts'
import type { Aggregate, Column, Feature, Latest, Source, TypedExpression, View } from '../catalog/catalog.ts'
import { canonicalJson } from '../catalog/fingerprint.ts'

/** One aggregate over one window. */
export interface Measure {
  readonly name: string
  readonly aggregate: Aggregate
  readonly type: Column['type']
}

/** Features taken from the same row: the last, or first, that passes `where`. */
export interface LatestGroup {
  readonly pick: Latest['pick']
  readonly where: TypedExpression | null
  /** Column that holds the row's event timestamp; null in it means there is no row. */
  readonly eventTimestamp: string
  readonly values: readonly { readonly name: string; readonly expression: TypedExpression }[]
}

export type Output = {
  readonly name: string
  readonly doc: string | null
  readonly type: Column['type']
  readonly default: WireLiteral
} & (
  | { readonly kind: 'latest'; readonly value: string; readonly eventTimestamp: string }
  | { readonly kind: 'measure'; readonly measure: Measure }
  | { readonly kind: 'ratio'; readonly numerator: Measure; readonly denominator: Measure }
)

export interface ViewPlan {
  readonly view: View
  readonly source: Source
  readonly measures: readonly Measure[]
  readonly latest: readonly LatestGroup[]
  /** In declared order. */
  readonly outputs: readonly Output[]
  /** What a stored row holds: event timestamps of the latest groups, then the features. */
  readonly fields: readonly Field[]
}

export function planView(view: View, source: Source): ViewPlan {
  const measures = new Map<string, Measure>()
  const groups = new Map<string, { -readonly [K in keyof LatestGroup]: LatestGroup[K] }>()

  const direct = (feature: Feature) => (feature.computation.kind === 'aggregate' ? [feature.computation] : [])
  for (const feature of view.features)
    for (const aggregate of direct(feature)) addMeasure(measures, feature.name, aggregate)

  const outputs = view.features.map((feature): Output => {
    const { name, doc, type, computation } = feature
    const common = { name, doc, type, default: feature.default }
    switch (computation.kind) {
      case 'latest': {
        const identity = canonicalJson([computation.pick, computation.where])
        const group = groups.get(identity) ?? {
          pick: computation.pick,
          where: computation.where,
          eventTimestamp: `${name}__event_timestamp`,
          values: [],
        }
        groups.set(identity, { ...group, values: [...group.values, { name, expression: computation.value }] })
        return { ...common, kind: 'latest', value: name, eventTimestamp: group.eventTimestamp }
      }
      case 'aggregate':
        return { ...common, kind: 'measure', measure: addMeasure(measures, name, computation) }
      case 'ratio':
        return {
          ...common,
          kind: 'ratio',
          numerator: addMeasure(measures, `${name}__numerator`, computation.numerator),
          denominator: addMeasure(measures, `${name}__denominator`, computation.denominator),
        }
      default:
        return computation satisfies never
    }
  })

  const latest = [...groups.values()]
  const fields: Field[] = [
    ...latest.map(group => ({ name: group.eventTimestamp, type: { type: 'timestamp' } as const })),
    ...view.features.map(({ name, type }) => ({ name, type })),
  ]
  return { view, source, measures: [...measures.values()], latest, outputs, fields }
}

/** The measure for an aggregate; one that is planned already keeps its first name. */
function addMeasure(measures: Map<string, Measure>, name: string, aggregate: Aggregate): Measure {
  const identity = canonicalJson(aggregate)
  const known = measures.get(identity)
  if (known) return known
  const type = aggregates[aggregate.aggregate].result(aggregate.value?.type ?? null)
  const measure: Measure = { name, aggregate, type }
  measures.set(identity, measure)
  return measure
}

/** Whether a feature's value can be null in an answer. */
export function isNullable(output: Output): boolean {
  if (output.default !== null) return false
  return output.kind !== 'measure' || emptyValue(output) === null
}

/** The value of a feature whose key has no visible row. */
export function emptyValue(output: Output): 0 | null {
  return output.kind === 'measure' ? aggregates[output.measure.aggregate.aggregate].empty : null
}
