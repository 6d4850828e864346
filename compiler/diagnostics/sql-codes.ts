import { type Text, unknownName } from './text.ts'

export interface ColumnOf {
  readonly column: string
}
export interface Types extends ColumnOf {
  readonly declared: string
  /** As the engine names it. */
  readonly actual: string
}

/** What an engine says of the author's queries and data, and of our own statements. */
export const sqlCodes = {
  'sql.missing-dialect': (p: {
    readonly view: string
    readonly dialect: string
    readonly given: readonly string[]
  }): Text => ({
    message: `view "${p.view}" has no query for ${p.dialect}`,
    notes: [
      p.given.length > 0 ? `there is one for ${p.given.join(', ')}` : 'there is none for any dialect',
      `add one: query: { ${p.dialect}: sql\`...\` }, or give one text for all dialects`,
    ],
  }),
  'sql.invalid': (p: { readonly view: string; readonly dialect: string; readonly problem: string }): Text => ({
    message: `the query of view "${p.view}" does not run in ${p.dialect}`,
    notes: lines(p.problem),
  }),
  'sql.missing-column': (p: ColumnOf & { readonly view: string; readonly available: readonly string[] }): Text =>
    unknownName(`the query of view "${p.view}" yields no column "${p.column}"`, p.column, 'columns', p.available),
  'sql.wrong-type': (p: Types & { readonly view: string; readonly dialect: string }): Text => ({
    message: `the query of view "${p.view}" yields ${p.actual} for "${p.column}" in ${p.dialect}, which is declared ${p.declared}`,
    notes: ['change the declaration, or cast in the query'],
  }),
  'source.invalid': (p: { readonly source: string; readonly dialect: string; readonly problem: string }): Text => ({
    message: `source "${p.source}" cannot be read in ${p.dialect}`,
    notes: lines(p.problem),
  }),
  'source.missing-column': (p: ColumnOf & { readonly source: string; readonly available: readonly string[] }): Text =>
    unknownName(`the data of source "${p.source}" has no column "${p.column}"`, p.column, 'columns', p.available),
  'source.wrong-type': ({ source, column, declared, actual }: Types & { readonly source: string }): Text => ({
    message: `column "${column}" of source "${source}" is ${actual}, which is declared ${declared}`,
    notes: ['change the declaration, or bind the source to a query that casts'],
  }),
  'statement.invalid': ({ file, problem }: { readonly file: string; readonly problem: string }): Text => ({
    message: `the generated statement ${file} does not prepare`,
    notes: [...lines(problem), 'this is a fault of Meridian, not of the definitions'],
  }),
} as const

function lines(problem: string): readonly string[] {
  return problem.split('\n').filter(line => line.trim() !== '')
}
