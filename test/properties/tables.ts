/** The tables that a project's sources are bound to. */
import type { SourceDefinition, ValueType } from 'meridian'
import type { Literal, SourceRow } from '../reference/index.ts'
import { quoteName } from './values.ts'

export const tableOf = (source: SourceDefinition): string => quoteName(`raw ${source.name}`)

/** The rows of a source as tuples of an INSERT; null where there are none. */
export function valuesOf(
  source: SourceDefinition,
  rows: Readonly<Record<string, readonly SourceRow[]>>,
  literal: (value: Literal | undefined, type: ValueType) => string,
): string | null {
  const tuples = (rows[source.name] ?? []).map(row => {
    const values = Object.entries(source.columns).map(([name, type]) => literal(row[name], type))
    return `(${values.join(', ')})`
  })
  return tuples.length === 0 ? null : tuples.join(', ')
}
