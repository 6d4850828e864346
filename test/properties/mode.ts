/** A way to run a project: where its rows are, and what a store is opened on. */
import type { Store } from 'meridian/runtime'
import type { OfflineEngine } from '../../runtime/offline/engine.ts'
import type { RecordedTick } from '../../runtime/schedule/recording.ts'
import type { SourceRow } from '../reference/index.ts'
import type { Project } from './project.ts'

export interface Mode {
  readonly name: string
  createTables(project: Project): Promise<void>
  /** In place of the rows that are there. */
  replaceRows(project: Project, rows: Readonly<Record<string, readonly SourceRow[]>>): Promise<void>
  /** In place of those that are there; with none, the table is gone too. */
  replaceTicks(ticks: readonly RecordedTick[]): Promise<void>
  /** A store whose online part is empty. */
  connect(generated: URL): Promise<Store>
  /** What computes its statements, by itself. */
  engine(folder: string): Promise<OfflineEngine>
  close(): Promise<void>
}
