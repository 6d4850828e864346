/** The words that a plan is told in, on a terminal as in Markdown. */
import type { Change, FeatureChange, StoredRows } from '../../compiler/change/change.ts'
import type { PlanReport } from '../plan.ts'
import { plural } from '../terminal.ts'

export const kinds = { source: 'source', view: 'view', on_demand_view: 'on-demand view', service: 'service' } as const

/** 'values', or what happened to the whole thing. */
export function effectOf({ change, effect }: Change): string {
  if (change === 'added' || change === 'removed') return change
  switch (effect) {
    case 'layout':
      return 'layout changes'
    case 'values':
      return 'values change'
    case 'metadata':
      return change === 'renamed' ? 'renamed' : 'metadata only'
    case 'statements':
      return 'same values'
    case null:
      return change
    default:
      return effect satisfies never
  }
}

export function featureWords({ name, was, change, reasons }: FeatureChange): string {
  const why = reasons.length > 0 ? `: ${reasons.join('; ')}` : ''
  switch (change) {
    case 'added':
      return `${name} is new${why}`
    case 'removed':
      return `${name} is gone`
    case 'renamed':
      return `${name} was ${was}${why}`
    case 'changed':
      return `${name}${why}`
    default:
      return change satisfies never
  }
}

/** What one has to know besides features and statements, each a line. */
export function reasonsOf({ was, reasons, because, effect }: Change): string[] {
  return [
    ...(was === null ? [] : [`was ${was}`]),
    ...reasons,
    ...(because.length > 0 ? [`by ${because.join(', ')}`] : []),
    ...(effect === 'statements' ? ['computed by other statements'] : []),
  ]
}

export function rowsOf(rows: StoredRows, { counts }: PlanReport): string {
  const count = counts?.of(rows) ?? null
  return count === null ? 'all keys' : plural(count, 'key')
}

export const backfills = {
  before: (view: string) => `meridian materialize ${view}`,
  full: (view: string) => `meridian materialize --full ${view}`,
} as const

/** 'values of 1 view change, 2 services are affected'; 'nothing changes'. */
export function summaryOf({ changes, breaking, isFirst }: PlanReport): string {
  const count = (test: (change: Change) => boolean) => changes.filter(test).length
  const views = (effect: Change['effect']) =>
    count(change => change.kind.endsWith('view') && change.change !== 'affected' && change.effect === effect)
  const parts = [
    [count(({ change }) => change === 'added'), 'added'],
    [count(({ change }) => change === 'removed'), 'removed'],
    [views('layout'), 'with another layout'],
    [views('values'), 'with other values'],
    [count(({ change }) => change === 'affected'), 'affected'],
    [count(({ effect }) => effect === 'metadata'), 'in name or metadata only'],
  ] as const
  const told = parts.flatMap(([number, what]) => (number > 0 ? [`${number.toLocaleString('en-US')} ${what}`] : []))
  const first = isFirst ? ['nothing was built there'] : []
  const breaks = breaking.length > 0 ? [`${plural(breaking.length, 'breaking change')}`] : []
  if (changes.length === 0 && breaks.length === 0) return 'nothing changes'
  return [...first, ...told, ...breaks].join(', ') || 'statements only'
}
