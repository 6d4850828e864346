/** Pieces of SELECT lists and of WITH clauses that every dialect writes the same way. */
import { describeFeature } from '../catalog/describe.ts'
import { formatDuration } from '../catalog/format-duration.ts'
import { lines } from '../emit/render.ts'
import type { LatestGroup, ViewPlan } from '../plan/view-plan.ts'

/** A column of a select list, with an alias where it would not have that name by itself. */
export function selected(expression: string, name: string): string {
  return expression.endsWith(`.${name}`) ? expression : `${expression} AS ${name}`
}

/** Steps with the commas between them. */
export function separated<T extends object>(steps: readonly T[]): T[] {
  return steps.map((step, index) => ({ ...step, comma: index < steps.length - 1 ? ',' : '' }))
}

/** What reviewers read above a feature: its documentation, and what it is. */
export function comment(plan: ViewPlan, index: number): string[] {
  const feature = plan.view.features[index]
  if (!feature) throw new Error(`no feature ${index} in ${plan.view.name}`)
  return [...lines(feature.doc), ...lines(describeFeature(feature, plan.view))]
}

/** What reviewers read above the instants of a materialized view. */
export function instantComment(refresh: number): string[] {
  return [
    `As of its own instant, or as served: as of the last tick, every ${formatDuration(refresh)}, that was online by then.`,
    'With recorded ticks: as of the newest that had been completed by then.',
  ]
}

/** What features taken from one row are called together. */
export function latestName(group: LatestGroup, groups: readonly LatestGroup[]): string {
  return groups.length === 1 ? group.pick : `${group.pick}_${group.values[0]?.name}`
}

/** The group that a `last`, `first` or query column is taken from. */
export function groupOf(
  plan: ViewPlan,
  output: { readonly name: string; readonly eventTimestamp: string },
): LatestGroup {
  const group = plan.latest.find(candidate => candidate.eventTimestamp === output.eventTimestamp)
  if (!group) throw new Error(`no group of ${output.name}`)
  return group
}
