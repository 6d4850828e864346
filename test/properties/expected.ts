/** What the reference says of a project's views. */
import {
  type Accuracy,
  type Answers,
  keysAt,
  online,
  pointInTime,
  type SourceRow,
  type StoredView,
} from '../reference/index.ts'
import type { DataSet } from './data.ts'
import type { Project } from './project.ts'

/** The rows a view reads: its source's, or those of its query. */
export function rowsOf(project: Project, data: DataSet, view: StoredView): readonly SourceRow[] {
  if (view.kind === 'feature_view') return data.rows[view.source.name]!
  const query = project.queryRows[view.name]!
  return query.rows(data.rows[query.source]!)
}

export function trainingAnswers(project: Project, data: DataSet, view: StoredView, accuracy: Accuracy): Answers[] {
  const rows = rowsOf(project, data, view)
  return data.spine.map(({ key, t }) => pointInTime(view, rows, key, t, accuracy))
}

export const readAnswers = (
  project: Project,
  data: DataSet,
  view: StoredView,
  key: SourceRow,
  asOf: bigint,
  readAt: bigint,
): Answers => online(view, rowsOf(project, data, view), key, asOf, readAt)

export const storedKeys = (project: Project, data: DataSet, view: StoredView, tick: bigint): SourceRow[] =>
  keysAt(view, rowsOf(project, data, view), tick)
