/** Smaller data that shows the same disagreement. */
import type { DataSet } from './data.ts'
import { moduleText, write } from './module.ts'
import type { Disagreement } from './pipe.ts'
import type { Project } from './project.ts'

export interface Failure {
  readonly data: DataSet
  readonly problem: Disagreement
}

/** Whatever compares answers for some data. */
export interface Comparison {
  disagreement(data: DataSet): Promise<Disagreement | null>
}

/** Leaves out rows, spine rows and reads, one at a time, for as long as the same kind of disagreement stays. */
export async function shrunk(pipe: Comparison, data: DataSet, problem: Disagreement): Promise<Failure> {
  let best: Failure = { data, problem }
  for (let smaller = true; smaller; ) {
    smaller = false
    for (let index = 0; ; index += 1) {
      const candidate = without(best.data, index)
      if (candidate === null) break
      const still = await pipe.disagreement(candidate)
      if (still?.where !== problem.where) continue
      best = { data: candidate, problem: still }
      smaller = true
      index -= 1
    }
  }
  return best
}

/** The data without its `index`th part; null beyond the last. */
function without(data: DataSet, index: number): DataSet | null {
  let left = index
  const cut = <T>(items: readonly T[], least: number): readonly T[] | null => {
    if (items.length <= least) return null
    if (left >= items.length) {
      left -= items.length
      return null
    }
    const at = left
    left = Number.POSITIVE_INFINITY
    return items.filter((_, position) => position !== at)
  }
  for (const [name, items] of Object.entries(data.rows)) {
    const rows = cut(items, 0)
    if (rows) return { ...data, rows: { ...data.rows, [name]: rows } }
  }
  const spine = cut(data.spine, 1)
  if (spine) return { ...data, spine }
  for (const [name, items] of Object.entries(data.completed)) {
    const ticks = cut(items, 0)
    if (ticks) return { ...data, completed: { ...data.completed, [name]: ticks } }
  }
  const moments = cut(data.moments, 1)
  if (moments) return { ...data, moments }
  const reads = cut(data.reads, 0)
  return reads && { ...data, reads }
}

export function report(project: Project, { data, problem }: Failure): string {
  return [
    `${problem.where}: ${problem.what}`,
    `reference: ${problem.expected}`,
    `actual:    ${problem.actual}`,
    moduleText(project),
    `rows: ${write(data.rows)}`,
    `spine: ${write(data.spine)}`,
    `completed: ${write(data.completed)}`,
    `moments: ${write(data.moments)}`,
    `reads: ${write(data.reads)}`,
  ].join('\n\n')
}
