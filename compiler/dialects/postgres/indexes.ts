/** The indexes that statements need on the tables that sources are bound to. */
import { createHash } from 'node:crypto'
import type { ViewPlan } from '../../plan/view-plan.ts'
import type { WantedIndex } from '../dialect.ts'
import { tableName } from './relation.ts'
import { render } from './render.ts'
import { identifier } from './types.ts'

export function indexes(plans: readonly ViewPlan[]): string | null {
  const wanted = wantedIndexes(plans)
  const queries = new Set(
    plans.flatMap(({ source }) =>
      source.relations.postgres?.kind === 'query' && source.origin === 'source' ? [source.name] : [],
    ),
  )
  if (wanted.length === 0 && queries.size === 0) return null
  return render('indexes.sql', {
    indexes: wanted.map(index => ({
      name: identifier(index.name),
      table: index.table,
      columns: columnsOf(index),
      views: index.views.join(', '),
    })),
    queries: [...queries],
  })
}

/** Each once, with the views that need it. */
export function wantedIndexes(plans: readonly ViewPlan[]): WantedIndex[] {
  const wanted = new Map<string, WantedIndex & { readonly views: string[] }>()
  for (const { view, source } of plans) {
    const target = source.relations.postgres
    if (target?.kind !== 'table') continue
    const { eventTimestamp, createdTimestamp } = source
    const instants = [eventTimestamp, ...(createdTimestamp === null ? [] : [createdTimestamp])]
    const keys = view.joinKeys.map(({ column }) => column)
    const needed: Columns[] = [
      { keys, instants },
      // What changed since the last tick is found by time alone.
      ...(view.materialize ? instants.map(instant => ({ keys: [], instants: [instant] })) : []),
    ]
    for (const columns of needed) {
      const table = tableName(target.name)
      const key = `${table} ${columnsOf(columns).join()}`
      const known = wanted.get(key)
      if (known) known.views.push(view.name)
      else wanted.set(key, { name: nameOf(table, columns), table, ...columns, views: [view.name] })
    }
  }
  return [...wanted.values()]
}

type Columns = Pick<WantedIndex, 'keys' | 'instants'>

function columnsOf({ keys, instants }: Columns): string[] {
  const latestFirst = keys.length > 0 ? ' DESC' : ''
  return [...keys.map(identifier), ...instants.map(name => `${identifier(name)}${latestFirst}`)]
}

/** A name that says what it is for, cut where Postgres would cut it, and told apart then. */
function nameOf(table: string, columns: Columns): string {
  const plain = [table.split('.').at(-1), ...columns.keys, ...columns.instants].join('__').replaceAll('"', '')
  const name = `meridian__${plain}`
  const hash = createHash('sha256')
    .update(`${table} ${columnsOf(columns).join()}`)
    .digest('hex')
    .slice(0, 8)
  return Buffer.byteLength(name) <= 63 ? name : `${name.slice(0, 40).replace(/[^\x20-\x7e]/g, '_')}__${hash}`
}
