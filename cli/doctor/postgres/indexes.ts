/** The indexes that statements need: whether there is one that serves, by its columns, whatever its name. */
import type { WantedIndex } from '../../../compiler/dialects/dialect.ts'
import { quote } from '../../../runtime/offline/quote.ts'
import { type Finding, ok, problem, warning } from '../finding.ts'
import type { PostgresDatabase } from './database.ts'

interface Table {
  readonly table: string
  readonly kind: string
  readonly schema: string
}

interface Index {
  readonly name: string
  readonly schema: string
  readonly valid: boolean
  /** Null for an expression. */
  readonly columns: readonly (string | null)[]
  /** Of each column: 1 for descending, 2 for nulls first. */
  readonly options: readonly number[]
  /** Of all rows, by a tree. */
  readonly plain: boolean
}

export async function indexFindings(database: PostgresDatabase, wanted: readonly WantedIndex[]): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const index of wanted) findings.push(...(await look(database, index)))
  return findings.length > 0
    ? findings
    : [ok('indexes', `the ${wanted.length} that statements need are there and valid`)]
}

async function look(database: PostgresDatabase, wanted: WantedIndex): Promise<Finding[]> {
  const [table] = await database.rows<Table>(
    `SELECT c.oid::regclass::TEXT AS table, c.relkind AS kind, n.nspname AS schema
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.oid = to_regclass($1)`,
    [wanted.table],
  )
  // That it is missing is told with the columns.
  if (!table) return []
  const columns = `(${columnsOf(wanted, name => name).join(', ')})`
  const views = wanted.views.join(', ')
  if (!/^[rpm]$/.test(table.kind)) {
    const what = `it is no table, so that it has no index on ${columns}, which ${views} need${wanted.views.length === 1 ? 's' : ''}`
    const fix = 'see that what it reads has such an index, or bind the source to a table'
    return [warning('indexes', { what, place: wanted.table, fix })]
  }
  const indexes = await database.rows<Index>(
    `SELECT
      i.relname AS name,
      n.nspname AS schema,
      x.indisvalid AND x.indisready AS valid,
      array_agg(a.attname::TEXT ORDER BY k.place) AS columns,
      array_agg(x.indoption[k.place - 1]::INTEGER ORDER BY k.place) AS options,
      m.amname = 'btree' AND x.indpred IS NULL AS plain
    FROM pg_index AS x
    JOIN pg_class AS i ON i.oid = x.indexrelid
    JOIN pg_namespace AS n ON n.oid = i.relnamespace
    JOIN pg_am AS m ON m.oid = i.relam
    CROSS JOIN LATERAL generate_series(1, x.indnkeyatts) AS k (place)
    LEFT JOIN pg_attribute AS a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[k.place - 1]
    WHERE x.indrelid = to_regclass($1)
    GROUP BY i.relname, n.nspname, x.indisvalid, x.indisready, m.amname, x.indpred
    ORDER BY i.relname`,
    [wanted.table],
  )
  const serving = indexes.filter(index => serves(index, wanted))
  if (serving.some(({ valid }) => valid)) return []
  const concurrently = table.kind === 'p' ? '' : ' CONCURRENTLY'
  const create = `CREATE INDEX${concurrently} ${quote(wanted.name)} ON ${wanted.table} (${columnsOf(wanted, quote).join(', ')});`
  // A name that is taken keeps CREATE INDEX IF NOT EXISTS from doing anything.
  const taken = serving[0] ?? indexes.find(({ name }) => name === wanted.name)
  const drop = taken ? `DROP INDEX${concurrently} ${quote(taken.schema)}.${quote(taken.name)}; ` : ''
  const state =
    serving.length > 0
      ? `the index ${serving[0]?.name} on ${columns} is not valid, so that it is not used`
      : taken
        ? `the index ${taken.name} is not on ${columns}`
        : `there is no index on ${columns}`
  const cost =
    wanted.keys.length > 0 ? 'training reads the whole table for each of its rows' : 'each tick reads the whole table'
  const what = `${state}: without it, ${cost} (${views})`
  return [problem('indexes', { what, place: wanted.table, fix: `${drop}${create}` })]
}

/** Keys are compared for equality, in any order; instants after them are read forwards or backwards. */
function serves({ columns, options, plain }: Index, { keys, instants }: WantedIndex): boolean {
  const first = columns.slice(0, keys.length)
  const then = columns.slice(keys.length, keys.length + instants.length)
  const orders = options.slice(keys.length, keys.length + instants.length)
  return (
    plain &&
    keys.every(key => first.includes(key)) &&
    instants.every((instant, place) => then[place] === instant) &&
    // Ascending with nulls last, or the reverse.
    (orders.every(order => order === 0) || orders.every(order => order === 3))
  )
}

function columnsOf({ keys, instants }: WantedIndex, spell: (name: string) => string): string[] {
  return [...keys.map(spell), ...instants.map(name => `${spell(name)}${keys.length > 0 ? ' DESC' : ''}`)]
}
