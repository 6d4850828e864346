/** The statement that gives a source, or a view's own query, the name that other statements read. */
import type { Source } from '../../catalog/catalog.ts'
import { lines } from '../../emit/render.ts'
import { describeTimeline } from '../timeline.ts'
import { render } from './render.ts'
import { identifier, text, typeName } from './types.ts'

export function relation(source: Source): string {
  const target = source.relations.duckdb
  if (!target) throw new Error(`source ${source.name} has no relation in DuckDB`)
  const common = {
    kind: source.origin === 'query' ? 'query of view' : 'source',
    name: source.name,
    provenance: source.provenance,
    doc: lines(source.doc),
    rows: describeTimeline(source),
    relation: identifier(source.name),
  }
  if (source.origin === 'query') return render('relation.sql', { ...common, query: queryText(source) })
  return render('relation.sql', {
    ...common,
    query: null,
    columns: source.columns.map(column => ({
      expression: `${identifier(column.name)}::${typeName(column.type)} AS ${identifier(column.name)}`,
    })),
    from: from(source),
  })
}

/** What the columns are read from. */
export function from(source: Source): string {
  const target = source.relations.duckdb
  switch (target?.kind) {
    case 'table':
      return tableName(target.name)
    case 'file':
      return target.format === 'parquet'
        ? `read_parquet(${filePath(target.path)})`
        : `read_csv(${filePath(target.path)}, types = {${csvTypes(source)}})`
    case 'query':
      return `(\n${queryText(source)}\n)`
    case undefined:
      throw new Error(`source ${source.name} has no relation in DuckDB`)
    default:
      return target satisfies never
  }
}

/**
 * Relative paths start at the project's folder, which each session knows as a variable: DuckDB itself would look in the
 * working directory first, and might find another file of that name there.
 */
export function filePath(path: string): string {
  const absolute = path.startsWith('/') || /^[A-Za-z][A-Za-z0-9+.-]*:/.test(path)
  return absolute ? text(path) : `getvariable('project') || ${text(`/${path}`)}`
}

/** A CSV file has no types of its own, and what DuckDB guesses would round decimals. */
function csvTypes({ columns }: Source): string {
  return columns.map(column => `${text(column.name)}: ${text(typeName(column.type))}`).join(', ')
}

/** The author's text, with sources by the names of their relations. */
export function queryText(source: Source): string {
  const target = source.relations.duckdb
  if (target?.kind !== 'query') throw new Error(`source ${source.name} is not a query`)
  return target.parts.map(part => (typeof part === 'string' ? part : identifier(part.source))).join('')
}

/**
 * A table of the project's database, not of the session, whose schema is `main` as well: the session's relation of the same name
 * must not read itself. A dotted name is schema and table.
 */
function tableName(name: string): string {
  const parts = name.split('.')
  const path = parts.length === 1 ? ['project', 'main', name] : parts.length === 2 ? ['project', ...parts] : parts
  return path.map(identifier).join('.')
}
