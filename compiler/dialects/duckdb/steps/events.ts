/** The rows of the source that can matter for some spine row, read once for all steps of a view. */
import type { TypedExpression } from '../../../catalog/catalog.ts'
import type { ViewPlan } from '../../../plan/view-plan.ts'
import { selected } from '../../select.ts'
import { identifier, interval } from '../types.ts'
import type { Scope, Step } from './step.ts'

/** The view's own rows, from the first that a window or ttl can reach to the last that can be seen. */
export function eventsSteps(plan: ViewPlan, scope: Scope): Step[] {
  const first = firstNeeded(plan)
  const span = scope.name('span')
  const filters = [
    ...scope.countable,
    ...(first === null ? [] : [`${scope.eventTimestamp} >= (SELECT first_needed FROM ${span})`]),
    `${scope.visibleFrom} <= (SELECT last_as_of FROM ${span})`,
  ]
  const columns = columnsRead(plan).map(column => {
    const name = identifier(column)
    return { selected: selected(`event.${name}`, name) }
  })
  return [
    { template: 'span.sql', relation: span, spine: scope.name('spine'), first } as Step,
    { template: 'events.sql', relation: scope.name('events'), source: scope.source, columns, filters } as Step,
  ]
}

/** The steps that follow read these rows. */
export function eventsScope(scope: Scope): Scope {
  return { ...scope, source: scope.name('events') }
}

/** The least instant that any feature looks back to; null where one looks back without end. */
function firstNeeded({ view, measures, latest }: ViewPlan): string | null {
  const windows = measures.map(({ aggregate }) => aggregate.over)
  const endless = windows.includes(null) || latest.some(group => view.ttl === null || group.pick === 'first')
  if (endless) return null
  const lengths = windows.filter(over => over !== null)
  const starts = [
    ...(lengths.length === 0 ? [] : [`min(__as_of) - ${interval(Math.max(...lengths))}`]),
    ...(latest.length === 0 || view.ttl === null ? [] : [`min(event_timestamp) - ${interval(view.ttl)}`]),
  ]
  return starts.length === 1 ? (starts[0] ?? null) : `least(${starts.join(', ')})`
}

/** Names of the source's columns that the view's features, keys and order need, in declared order. */
function columnsRead({ view, source, measures, latest }: ViewPlan): string[] {
  const read = new Set<string>([...view.joinKeys.map(key => key.column), source.eventTimestamp])
  if (source.createdTimestamp !== null) read.add(source.createdTimestamp)
  if (latest.length > 0) for (const column of source.tieBreak) read.add(column)
  const visit = (node: TypedExpression | null): void => {
    if (node?.kind === 'column') read.add(node.name)
    if (node?.kind === 'call') for (const argument of node.arguments) visit(argument)
  }
  for (const { aggregate } of measures) for (const node of [aggregate.value, aggregate.where]) visit(node)
  for (const { where, values } of latest)
    for (const node of [where, ...values.map(value => value.expression)]) visit(node)
  return source.columns.map(column => column.name).filter(name => read.has(name))
}
