import type { SourceDefinition, SqlText } from './definitions.ts'
import { frozen } from './freeze.ts'

/**
 * SQL as the author writes it, used verbatim. An interpolated source stands for the relation of its name.
 *
 * @example
 * const query = sql`SELECT origin, count(*) AS flights FROM ${landings} GROUP BY origin`
 */
export function sql(strings: TemplateStringsArray, ...sources: readonly SourceDefinition[]): SqlText {
  const parts = strings.raw.flatMap((text, index) => {
    const source = sources[index]
    return source ? [text, { source: source.name }] : [text]
  })
  return frozen({ kind: 'sql', parts: parts.filter(part => part !== '') })
}
