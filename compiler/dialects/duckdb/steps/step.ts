/**
 * A step is one common table expression of a statement: the template that renders it and what the template needs.
 * A step that answers for every spine row also says how the view's last step joins it.
 */

import type { Measure, ViewPlan } from '../../../plan/view-plan.ts'
import { selected } from '../../select.ts'
import { identifier, interval } from '../types.ts'

export interface Step {
  readonly template: string
  readonly relation: string
}

export interface Join {
  readonly join: 'LEFT JOIN' | 'ASOF LEFT JOIN'
  readonly relation: string
  readonly alias: string
  readonly on: readonly string[]
}

/** Names and clauses that all steps of a view share. Source columns are always qualified by `event`. */
export interface Scope {
  /** A relation of this view; no definition's name holds two underscores, so it hides none. */
  readonly name: (step: string) => string
  readonly source: string
  readonly keys: readonly { readonly name: string; readonly column: string; readonly selected: string }[]
  readonly eventTimestamp: string
  readonly createdTimestamp: string | null
  /** The instant from which a row can be seen. */
  readonly visibleFrom: string
  /** What makes a row count at all: a key, an event timestamp, and a created timestamp where there is one. */
  readonly countable: readonly string[]
}

export function scopeOf({ view, source }: ViewPlan): Scope {
  const event = `event.${identifier(source.eventTimestamp)}`
  const created = source.createdTimestamp === null ? null : `event.${identifier(source.createdTimestamp)}`
  const keys = view.joinKeys.map(key => {
    const name = identifier(key.name)
    const column = `event.${identifier(key.column)}`
    return { name, column, selected: selected(column, name) }
  })
  return {
    name: step => identifier(`${view.name}__${step}`),
    source: identifier(source.name),
    keys,
    eventTimestamp: event,
    createdTimestamp: created,
    visibleFrom: created === null ? event : `greatest(${event}, ${created})`,
    countable: [...keys.map(key => key.column), event, ...(created === null ? [] : [created])].map(
      column => `${column} IS NOT NULL`,
    ),
  }
}

/** Some steps, the relations that the view's last step joins for them, and the SQL of each measure there. */
export interface Part {
  readonly steps: readonly Step[]
  readonly joins: readonly Join[]
  readonly value: (measure: Measure) => string
}

/**
 * Rows that a window of the given length can hold for some spine row; null: all history. Without this every window would
 * read all that the view reads, whatever the spine asks about.
 */
export function inSpan(scope: Scope, over: number | null): string[] {
  return over === null
    ? []
    : [`${scope.eventTimestamp} > (SELECT first_as_of FROM ${scope.name('span')}) - ${interval(over)}`]
}

/** Join conditions of a relation that has the view's keys under their own names. */
export function onKeys(scope: Scope, left: string, right: string): string[] {
  return scope.keys.map(key => `${left}.${key.name} = ${right}.${key.name}`)
}
