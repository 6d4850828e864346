/** The rows that `last` and `first` choose from: for each key, those that were the newest (or oldest) at some instant. */
import type { LatestGroup, ViewPlan } from '../../../plan/view-plan.ts'
import { latestName, selected } from '../../select.ts'
import { expression, operand } from '../functions.ts'
import { identifier, interval, typeName } from '../types.ts'
import { type Join, onKeys, type Scope, type Step } from './step.ts'

/** The total order of rows: event timestamp, created timestamp, tie-break, and the values themselves. */
function order(plan: ViewPlan, group: LatestGroup, scope: Scope): Term[] {
  const { tieBreak } = plan.source
  const ties = tieBreak.map(column => `event.${identifier(column)}`)
  const values = group.values
    .filter(({ expression: { type } }) => !['json', 'list', 'vector', 'bytes'].includes(type.type))
    .map(({ expression: value }) => expression(value, 'event.'))
  const fixed = [scope.eventTimestamp, ...(scope.createdTimestamp === null ? [] : [scope.createdTimestamp])]
  const known = new Set([...fixed, ...scope.keys.map(key => key.column)])
  const nullable = [...new Set([...ties, ...values])].filter(sql => !known.has(sql))
  return [...fixed.map(sql => ({ sql, nullable: false })), ...nullable.map(sql => ({ sql, nullable: true }))]
}

interface Term {
  readonly sql: string
  readonly nullable: boolean
}

function ascending({ sql, nullable }: Term): string {
  return nullable ? `${sql} NULLS FIRST` : sql
}

function common(plan: ViewPlan, group: LatestGroup, scope: Scope) {
  const terms = order(plan, group, scope)
  return {
    ...scope,
    eventTimestampSelected: selected(scope.eventTimestamp, identifier(group.eventTimestamp)),
    terms,
    order: terms.map(ascending),
    partition: scope.keys.map(key => key.column),
    values: group.values.map(({ name, expression: value }) => {
      const sql = expression(value, 'event.')
      return { selected: selected(value.kind === 'column' ? sql : `${sql}::${typeName(value.type)}`, identifier(name)) }
    }),
  }
}

/** As of any instant: the rows to join by the instant from which each is the one. */
export function latestStep(plan: ViewPlan, group: LatestGroup, scope: Scope): { step: Step; join: Join } {
  const name = latestName(group, plan.latest)
  const relation = scope.name(name)
  const alias = identifier(name)
  const ranked = scope.createdTimestamp !== null
  const newest = group.pick === 'last'
  const step = {
    ...common(plan, group, scope),
    filters: [...candidates(plan, group, scope), ...(group.where === null ? [] : [operand(group.where)])],
    template: ranked ? 'latest_ranked.sql' : newest ? 'last.sql' : 'first.sql',
    relation,
    ranked: scope.name(`${name}_ranked`),
    pick: newest ? 'newest' : 'oldest',
    extreme: newest ? 'max' : 'min',
    // Places rise from key to key, so one running extreme over all keys serves: upwards for the newest, else downwards.
    keyDirection: newest ? '' : ' DESC',
    placeDirection: newest ? ' DESC' : '',
  }
  const join: Join = {
    join: 'ASOF LEFT JOIN',
    relation,
    alias,
    on: [...onKeys(scope, alias, 'spine'), `${alias}.__visible_from <= spine.__as_of`],
  }
  return { step, join }
}

/** A last row that is older than the ttl of every spine row is expired for all of them; a first row hides later ones. */
function candidates({ view }: ViewPlan, group: LatestGroup, scope: Scope): string[] {
  if (view.ttl === null || group.pick === 'first') return []
  return [`${scope.eventTimestamp} >= (SELECT first_event FROM ${scope.name('span')}) - ${interval(view.ttl)}`]
}

/** At one instant: the one row of each key among those visible then. */
export function latestAtStep(plan: ViewPlan, group: LatestGroup, scope: Scope, visible: string): Step {
  return {
    ...common(plan, group, scope),
    template: 'latest_at.sql',
    relation: scope.name(latestName(group, plan.latest)),
    source: visible,
    filters: group.where === null ? [] : [operand(group.where)],
    order: takenFirst(plan, group, scope),
  } as Step
}

/** The total order, with the row that is taken first. */
export function takenFirst(plan: ViewPlan, group: LatestGroup, scope: Scope): string[] {
  return order(plan, group, scope).map(term =>
    group.pick === 'last' ? `${term.sql} DESC${term.nullable ? ' NULLS LAST' : ''}` : ascending(term),
  )
}
