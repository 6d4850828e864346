/** Features and types in words, for comments that reviewers read. */
import type { ValueType } from '../../dsl/index.ts'
import type { Aggregate, Feature, Listed, OnDemandFeature, OnDemandView, TypedExpression, View } from './catalog.ts'
import { formatDuration } from './format-duration.ts'

/** @example 'ratio of count where delay > 15 over 2h to count over 2h' */
export function describeFeature(feature: Feature, view: View): string {
  const { computation } = feature
  const ttl = view.ttl === null || computation.kind !== 'latest' ? '' : `, ttl ${formatDuration(view.ttl)}`
  const suffix = feature.default === null ? '' : `, default ${JSON.stringify(feature.default)}`
  return `${describeComputation(computation)}${ttl}${suffix}`
}

/** Without what is applied when it is read. */
export function describeComputation(computation: Feature['computation']): string {
  switch (computation.kind) {
    case 'latest':
      return `${computation.pick} ${describeExpression(computation.value)}${where(computation.where)}`
    case 'aggregate':
      return describeAggregate(computation)
    case 'ratio':
      return `${describeAggregate(computation.numerator)} / ${describeAggregate(computation.denominator)}`
    default:
      return computation satisfies never
  }
}

function describeAggregate({ aggregate, value, where: filter, over }: Aggregate): string {
  const argument = value === null ? '' : ` ${describeExpression(value)}`
  return `${aggregate}${argument}${where(filter)} over ${over === null ? 'all history' : formatDuration(over)}`
}

function where(filter: TypedExpression | null): string {
  return filter === null ? '' : ` where ${describeExpression(filter)}`
}

const infix: Readonly<Record<string, string>> = {
  eq: '=',
  ne: '<>',
  lt: '<',
  lte: '<=',
  gt: '>',
  gte: '>=',
  and: 'and',
  or: 'or',
  add: '+',
  subtract: '-',
  multiply: '*',
  divide: '/',
  modulo: '%',
  concat: '||',
}

/** @example 'delay > 15' */
export function describeExpression(node: TypedExpression, nested = false): string {
  switch (node.kind) {
    case 'column':
      return node.name
    case 'literal':
      return node.value === null ? 'null' : node.type.type === 'string' ? `'${node.value}'` : String(node.value)
    case 'call': {
      const operator = infix[node.function]
      const args = node.arguments.map(argument => describeExpression(argument, operator !== undefined))
      const text = operator ? args.join(` ${operator} `) : `${node.function}(${args.join(', ')})`
      return operator && nested ? `(${text})` : text
    }
    default:
      return node satisfies never
  }
}

/** @example 'decimal(12, 2)' */
export function describeType(type: ValueType): string {
  switch (type.type) {
    case 'decimal':
      return `decimal(${type.precision}, ${type.scale})`
    case 'list':
      return `list of ${describeType(type.element)}`
    case 'vector':
      return `vector(${type.dimensions})`
    default:
      return type.type
  }
}

/** @example 'materialized every 5m; ttl 7d' */
export function describeView(view: View): string {
  const facts = [
    describeRefresh(view),
    view.freshness === null ? null : `at most ${formatDuration(view.freshness)} old`,
    view.ttl === null ? null : `ttl ${formatDuration(view.ttl)}`,
    view.boundary === 'before' ? 'rows strictly before the instant' : null,
    view.owner === null ? null : `owner ${view.owner}`,
  ]
  return facts.filter(fact => fact !== null).join('; ')
}

/** @example 'materialized every 5m' */
export function describeRefresh({ materialize, ticks }: View): string {
  return materialize && ticks ? `materialized every ${formatDuration(ticks.refresh)}` : 'computed when read'
}

/** @example 'by a function, default 0' */
export function describeOnDemandFeature({ default: value }: OnDemandFeature): string {
  return `by a function${value === null ? '' : `, default ${JSON.stringify(value)}`}`
}

/** @example 'computed on demand from the request and origin_stats' */
export function describeOnDemandView({ request, inputs, owner }: OnDemandView): string {
  const from = [...(request.length === 0 ? [] : ['the request']), ...inputs.map(({ listed }) => describeListed(listed))]
  const suffix = owner === null ? '' : `; owner ${owner}`
  if (from.length === 0) return `computed on demand${suffix}`
  const list = from.length === 1 ? from[0] : `${from.slice(0, -1).join(', ')} and ${from.at(-1)}`
  return `computed on demand from ${list}${suffix}`
}

/** @example 'origin_stats as origin' */
export function describeListed({ view, alias }: Listed): string {
  return alias === null ? view : `${view} as ${alias}`
}
