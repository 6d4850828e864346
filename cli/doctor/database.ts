/** What doctor asks of a database, of any dialect. Nothing of it reads a row or changes one. */
import type { Field } from '../../runtime/contract.ts'

export interface DescribedColumn {
  readonly name: string
  /** As the engine names it. */
  readonly type: string
}

export type Described =
  | { readonly columns: readonly DescribedColumn[]; readonly error: null }
  | { readonly columns: null; readonly error: string }

/** Why something failed, in one line of the engine's; null where it did not. */
export type Complaint = string | null

export interface Database {
  /** Makes what belongs to the session alone: a relation. */
  create(statement: string): Promise<Complaint>
  /** Makes an empty table of the session, in place of one of that name. */
  createTable(name: string, columns: readonly Field[]): Promise<void>
  /** The columns of what stands after `FROM`. */
  describe(from: string): Promise<Described>
  /** Whether a statement can be run, without running it. */
  prepare(statement: string): Promise<Complaint>
}
