/** The indexes that statements need on the tables that sources are bound to. */
import { createHash } from 'node:crypto'
import type { Source } from '../../catalog/catalog.ts'
import type { ViewPlan } from '../../plan/view-plan.ts'
import { tableName } from './relation.ts'
import { render } from './render.ts'
import { identifier } from './types.ts'

interface Index {
  readonly table: string
  readonly columns: readonly string[]
}

export function indexes(plans: readonly ViewPlan[]): string | null {
  const wanted = new Map<string, Index & { readonly views: string[] }>()
  const queries = new Set<string>()
  for (const plan of plans) {
    const target = plan.source.relations.postgres
    if (target?.kind === 'query' && plan.source.origin === 'source') queries.add(plan.source.name)
    if (target?.kind !== 'table') continue
    for (const columns of columnsOf(plan)) {
      const table = tableName(target.name)
      const key = `${table} ${columns.join()}`
      const known = wanted.get(key)
      if (known) known.views.push(plan.view.name)
      else wanted.set(key, { table, columns, views: [plan.view.name] })
    }
  }
  if (wanted.size === 0 && queries.size === 0) return null
  return render('indexes.sql', {
    indexes: [...wanted.values()].map(index => ({ ...index, name: nameOf(index), views: index.views.join(', ') })),
    queries: [...queries],
  })
}

function columnsOf({ view, source }: ViewPlan): string[][] {
  const instants = instantsOf(source)
  const ofKey = [...view.joinKeys.map(key => identifier(key.column)), ...instants.map(name => `${name} DESC`)]
  // What changed since the last tick is found by time alone.
  return [ofKey, ...(view.materialize ? instants.map(name => [name]) : [])]
}

function instantsOf({ eventTimestamp, createdTimestamp }: Source): string[] {
  return [eventTimestamp, ...(createdTimestamp === null ? [] : [createdTimestamp])].map(identifier)
}

/** A name that says what it is for, cut where Postgres would cut it, and told apart then. */
function nameOf({ table, columns }: Index): string {
  const plain = [table.split('.').at(-1), ...columns.map(column => column.split(' ')[0])].join('__').replaceAll('"', '')
  const name = `meridian__${plain}`
  const hash = createHash('sha256').update(`${table} ${columns.join()}`).digest('hex').slice(0, 8)
  return identifier(
    Buffer.byteLength(name) <= 63 ? name : `${name.slice(0, 40).replace(/[^\x20-\x7e]/g, '_')}__${hash}`,
  )
}
