/** The statements that give a source, or a view's own query, the name that other statements read. */
import type { Source } from '../../catalog/catalog.ts'
import { lines } from '../../emit/render.ts'
import { describeTimeline } from '../timeline.ts'
import { render } from './render.ts'
import { identifier, text, typeName } from './types.ts'

export function relation(source: Source): string {
  if (source.origin === 'query') return render('relation.sql', { ...heading(source), query: queryText(source) })
  return render('relation.sql', {
    ...heading(source),
    query: null,
    columns: source.columns.map(({ name, type }) => ({
      // An instant keeps its type, with a time zone or without, so that an index on the column serves.
      expression:
        type.type === 'timestamp' ? identifier(name) : `${identifier(name)}::${typeName(type)} AS ${identifier(name)}`,
    })),
    from: from(source),
  })
}

/** Training data asks about each row of a spine, and must not run the author's query each time. */
export function snapshot(source: Source): string | null {
  if (source.origin !== 'query') return null
  const { eventTimestamp, createdTimestamp } = source
  const instants = [eventTimestamp, ...(createdTimestamp === null ? [] : [createdTimestamp])]
  return render('snapshot.sql', {
    ...heading(source),
    query: queryText(source),
    // The join keys stand first among the columns of a query.
    indexed: [
      ...source.columns
        .slice(
          0,
          source.columns.findIndex(({ name }) => instants.includes(name)),
        )
        .map(({ name }) => identifier(name)),
      ...instants.map(name => `${identifier(name)} DESC`),
    ],
  })
}

function heading(source: Source) {
  return {
    kind: source.origin === 'query' ? 'query of view' : 'source',
    name: source.name,
    provenance: source.provenance,
    doc: lines(source.doc),
    rows: describeTimeline(source),
    relation: identifier(source.name),
  }
}

/** What the columns are read from. */
export function from(source: Source): string {
  const target = source.relations.postgres
  switch (target?.kind) {
    case 'table':
      return tableName(target.name)
    case 'query':
      return `(\n${queryText(source)}\n) AS rows`
    case 'file':
      // Types rule it out, and verification says so: nothing that is made of this is written.
      return text(target.path)
    case undefined:
      throw new Error(`source ${source.name} has no relation in Postgres`)
    default:
      return target satisfies never
  }
}

/** The author's text, with sources by the names of their relations. */
export function queryText(source: Source): string {
  const target = source.relations.postgres
  if (target?.kind !== 'query') throw new Error(`source ${source.name} is not a query`)
  return target.parts.map(part => (typeof part === 'string' ? part : identifier(part.source))).join('')
}

/**
 * A table of a schema: the session's relation of the same name must not read itself. A dotted name is schema and table.
 */
export function tableName(name: string): string {
  const parts = name.split('.')
  return (parts.length === 1 ? ['public', name] : parts).map(identifier).join('.')
}
