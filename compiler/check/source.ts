import type { Definition, SourceDefinition, SqlText, TimeColumns, ValueType } from '../../dsl/index.ts'
import { folded } from './names.ts'
import type { Subject } from './subject.ts'
import { typeText } from './type-text.ts'
import { checkType } from './types.ts'

type Columns = Readonly<Record<string, ValueType>>

export function checkSource(subject: Subject<SourceDefinition>): void {
  const { definition, title } = subject
  const { name, columns, bindings } = definition
  const names = Object.keys(columns)
  if (names.length === 0) {
    subject.report('definition.empty', { kind: 'source', name }, ['columns'])
    return
  }
  for (const [index, column] of names.entries()) {
    const other = names.slice(0, index).find(before => folded(before) === folded(column))
    if (other === undefined) continue
    const what = 'column'
    subject.report('name.duplicate', { what, name: column, other: { what, name: other } }, ['columns', column])
  }
  for (const [column, type] of Object.entries(columns)) {
    checkType(subject, `column "${column}" of ${title}`, type, ['columns', column, 'type'])
  }
  checkTimeColumns(subject, definition, columns, { timestampsDeclared: true })
  for (const [dialect, binding] of Object.entries(bindings)) {
    if (binding?.kind === 'sql') checkReferences(subject, binding, [dialect])
  }
}

/**
 * Reports timestamps that are none, and tie-breaks without order. A query's timestamps need no declared type: they are
 * compared with what the engine says.
 */
export function checkTimeColumns(
  subject: Subject,
  time: TimeColumns,
  columns: Columns,
  { timestampsDeclared }: { readonly timestampsDeclared: boolean },
): void {
  const owner = subject.title
  const names = Object.keys(columns)
  for (const option of ['eventTimestamp', 'createdTimestamp'] as const) {
    const column = time[option]
    if (column === null) continue
    const type = Object.hasOwn(columns, column) ? columns[column] : undefined
    if (!type) {
      if (timestampsDeclared) subject.report('name.unknown-column', { owner, column, columns: names }, [option])
    } else if (type.type !== 'timestamp') {
      subject.report('time.not-a-timestamp', { option, column, owner, type: typeText(type) }, [option])
    }
  }
  for (const [index, column] of time.tieBreak.entries()) {
    const path = ['tieBreak', String(index)]
    const type = Object.hasOwn(columns, column) ? columns[column] : undefined
    const isTimestamp = column === time.eventTimestamp || column === time.createdTimestamp
    if (!type && !isTimestamp) subject.report('name.unknown-column', { owner, column, columns: names }, path)
    else if (type && ['json', 'list', 'vector'].includes(type.type)) {
      subject.report('type.tie-break', { column, type: typeText(type) }, path)
    }
  }
}

/** Reports sources that a text names but no entry exports: their relation would not be there. */
export function checkReferences(subject: Subject<Definition>, text: SqlText, path: readonly string[]): void {
  const { loaded } = subject.project
  for (const part of text.parts) {
    if (typeof part === 'string') continue
    const known = loaded.some(({ definition }) => definition.kind === 'source' && definition.name === part.source)
    if (!known) subject.report('name.not-exported', { what: 'source', name: part.source, user: subject.title }, path)
  }
}
