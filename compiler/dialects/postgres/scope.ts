/** Names and clauses that all parts of a view's statements share. Source columns are always qualified by `event`. */
import type { LatestGroup, Measure, ViewPlan } from '../../plan/view-plan.ts'
import { latestName, selected } from '../select.ts'
import { aggregateSql, expression, operand, output, sortKey } from './functions.ts'
import { identifier, interval, typeName } from './types.ts'

export interface Scope {
  /** A relation of this view; no definition's name holds two underscores, so it hides none. */
  readonly name: (step: string) => string
  readonly source: string
  readonly keys: readonly { readonly name: string; readonly column: string; readonly selected: string }[]
  readonly eventTimestamp: string
  readonly createdTimestamp: string | null
  /** The event timestamp and, where there is one, the created timestamp. */
  readonly instants: readonly string[]
}

export function scopeOf({ view, source }: ViewPlan): Scope {
  const event = `event.${identifier(source.eventTimestamp)}`
  const created = source.createdTimestamp === null ? null : `event.${identifier(source.createdTimestamp)}`
  return {
    name: step => identifier(`${view.name}__${step}`),
    source: identifier(source.name),
    keys: view.joinKeys.map(key => {
      const name = identifier(key.name)
      const column = `event.${identifier(key.column)}`
      return { name, column, selected: selected(column, name) }
    }),
    eventTimestamp: event,
    createdTimestamp: created,
    instants: [event, ...(created === null ? [] : [created])],
  }
}

/** What makes a row visible as of an instant. Nulls compare as unknown, so such a row is not. */
export function visibleAt(scope: Scope, asOf: string): string[] {
  return scope.instants.map(instant => `${instant} <= ${asOf}`)
}

export function ofKeys(scope: Scope, base: string): string[] {
  return scope.keys.map(key => `${key.column} = ${base}.${key.name}`)
}

/** Rows in the total order, the last first or the first first: timestamps, tie-break, and the values themselves. */
export function order(plan: ViewPlan, group: LatestGroup, scope: Scope): string[] {
  const direction = group.pick === 'last' ? ' DESC' : ''
  const nulls = group.pick === 'last' ? ' DESC NULLS LAST' : ' NULLS FIRST'
  const types = new Map(plan.source.columns.map(({ name, type }) => [name, type]))
  const known = new Set([...scope.instants, ...scope.keys.map(key => key.column)])
  const ties = plan.source.tieBreak.map(name => ({ kind: 'column', name, type: types.get(name) }) as const)
  const values = group.values
    .map(value => value.expression)
    .filter(({ type }) => !['json', 'list', 'vector', 'bytes'].includes(type.type))
  const terms = [...ties, ...values].flatMap(node => {
    const { type } = node
    if (type === undefined || known.has(expression({ ...node, type }, 'event.'))) return []
    return [sortKey({ ...node, type }, 'event.')]
  })
  return [...scope.instants.map(sql => `${sql}${direction}`), ...[...new Set(terms)].map(sql => `${sql}${nulls}`)]
}

/** The columns that features of one row are taken from, with its event timestamp. */
export function groupColumns(group: LatestGroup, scope: Scope): string[] {
  return [
    `${scope.eventTimestamp}::TIMESTAMP AS ${identifier(group.eventTimestamp)}`,
    ...group.values.map(({ name, expression: value }) => selected(output(value, 'event.'), identifier(name))),
  ]
}

export function groupAlias(plan: ViewPlan, group: LatestGroup): string {
  return identifier(latestName(group, plan.latest))
}

/** One aggregate over the rows of a window that ends at `asOf`, among rows that are as old as `longest`. */
export function measureSql(measure: Measure, scope: Scope, asOf: string, longest: number | null): string {
  const { aggregate, value, where, over } = measure.aggregate
  const filters = [
    ...(over === null || over === longest ? [] : [`${scope.eventTimestamp} > ${asOf} - ${interval(over)}`]),
    ...(where === null ? [] : [operand(where)]),
  ]
  const filter = filters.length === 0 ? '' : ` FILTER (WHERE ${filters.join(' AND ')})`
  const argument = value === null ? '*' : expression(value, 'event.')
  const sql = aggregateSql[aggregate].call(argument, filter, value?.type ?? null)
  return aggregate === 'sum' && measure.type.type !== 'float64' ? `(${sql})::${typeName(measure.type)}` : sql
}

/** The longest window of all measures; null where one looks at all history. */
export function longestWindow(measures: readonly Measure[]): number | null {
  const lengths = measures.map(({ aggregate: { over } }) => over)
  return lengths.includes(null) ? null : Math.max(...lengths.filter(over => over !== null))
}
