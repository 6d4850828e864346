/** The words of `vocabulary.ts` at run time: each makes plain data and carries it in `definition`. */
import type { AggregateFeature, FeatureDefinition, LatestFeature, RatioFeature } from './definitions.ts'
import type { Expression, LiteralValue } from './expression.ts'
import type { AggregateName } from './features/index.ts'
import { rowOf, toExpression } from './row.ts'
import type { Columns } from './source.ts'
import type { Features, Vocabulary } from './vocabulary.ts'

/** A column's name, or a function of the row. */
function argument(value: unknown): Expression {
  if (typeof value === 'function') return toExpression(value(rowOf()))
  return { kind: 'column', name: String(value) }
}

// What is not typed has no method either: `last('delay').over('2h')` fails, and its window is not lost without a word.
const latestOf = (definition: LatestFeature) => ({
  definition,
  where: (condition: unknown) => latestOf({ ...definition, where: argument(condition) }),
  default: (value: LiteralValue) => ({ definition: { ...definition, default: value } }),
})

const aggregateOf = (definition: AggregateFeature) => ({
  definition,
  where: (condition: unknown) => aggregateOf({ ...definition, where: argument(condition) }),
  over: (window: string) => aggregateOf({ ...definition, over: window }),
  default: (value: LiteralValue) => ({ definition: { ...definition, default: value } }),
})

const ratioOf = (definition: RatioFeature) => ({
  definition,
  default: (value: LiteralValue) => ({ definition: { ...definition, default: value } }),
})

const latest = (pick: LatestFeature['pick']) => (value: unknown) =>
  latestOf({ kind: 'latest', pick, value: argument(value), where: null, default: null })

const aggregate = (name: AggregateName) => (value?: unknown) =>
  aggregateOf({
    kind: 'aggregate',
    aggregate: name,
    value: value === undefined ? null : argument(value),
    where: null,
    over: null,
    default: null,
  })

interface Built {
  readonly definition: AggregateFeature
}

const words = {
  last: latest('last'),
  first: latest('first'),
  count: aggregate('count'),
  countDistinct: aggregate('countDistinct'),
  sum: aggregate('sum'),
  avg: aggregate('avg'),
  min: aggregate('min'),
  max: aggregate('max'),
  stddev: aggregate('stddev'),
  variance: aggregate('variance'),
  ratio: (numerator: Built, denominator: Built) =>
    ratioOf({ kind: 'ratio', numerator: numerator.definition, denominator: denominator.definition, default: null }),
} satisfies Record<keyof Vocabulary<Columns>, unknown>

export function vocabulary<C extends Columns>(): Vocabulary<C> {
  return words as unknown as Vocabulary<C>
}

/** The plain data of what a `features` function returned. */
export function definitionsOf(features: Features): Readonly<Record<string, FeatureDefinition>> {
  return Object.fromEntries(Object.entries(features).map(([name, { definition }]) => [name, definition]))
}
