/** The table `spine`, made in a transaction of Postgres from whatever form the spine has. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseError, type PoolClient } from 'pg'
import type { Field, WireType } from '../contract.ts'
import { MeridianError } from '../errors.ts'
import type { RunOptions, Spine, SpineRequest } from './engine.ts'
import { copyIn, createNumbered, spineTable } from './postgres-copy.ts'
import { asText } from './postgres-cursor.ts'
import { codeOf, problemOf, timedOut } from './postgres-errors.ts'
import { isUnreachable } from './postgres-pool.ts'
import { bare, nameBytes, quoteTable, typeText } from './postgres-text.ts'
import { oids } from './postgres-values.ts'
import { quote } from './quote.ts'
import { columnProblems, columnsWithoutNull, requiredColumns, type SpineProblem, spineError } from './spine.ts'
import { loadRows, type SpineTable } from './spine-rows.ts'

/**
 * Returns the number of rows.
 *
 * @throws MeridianError `spine.invalid`
 */
export async function createPostgresSpine(
  client: PoolClient,
  spine: Spine,
  request: SpineRequest,
  options: RunOptions,
): Promise<number> {
  if (Symbol.iterator in spine || Symbol.asyncIterator in spine) {
    const create = async (columns: readonly Field[]): Promise<SpineTable> => {
      checkLengths(columns)
      const table = await readable(() => spineTable(client, columns))
      return {
        append: (first, values) => readable(async () => table.append(first, values)),
        finish: () => readable(async () => table.finish()),
        abandon: () => table.abandon(),
      }
    }
    const rows = await loadRows(spine, request, create, options.signal)
    await client.query('ANALYZE pg_temp.spine')
    return rows
  }
  if ('parquet' in spine || 'csv' in spine) await fromFile(client, spine, request, options)
  else {
    const relation = 'table' in spine ? await tableNamed(client, spine.table) : `(\n${bare(spine.sql)}\n)`
    await fromRelation(client, relation, 'table' in spine, request)
  }
  return checked(client, request)
}

async function fromFile(
  client: PoolClient,
  spine: { readonly parquet: string } | { readonly csv: string },
  request: SpineRequest,
  options: RunOptions,
): Promise<void> {
  const { copyOptions, spineToCsv } = await import('./postgres-files.ts')
  const folder = await mkdtemp(join(tmpdir(), 'meridian-spine-'))
  try {
    const path = join(folder, 'spine.csv')
    const columns = await spineToCsv(spine, request, path, options)
    checkLengths(columns)
    await readable(async () => {
      await createNumbered(client, 'spine', columns)
      await copyIn(client, `COPY pg_temp.spine FROM STDIN (${copyOptions})`, path)
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A table of the database; a source's relation of the same name must not hide it. */
async function tableNamed(client: PoolClient, name: string): Promise<string> {
  if (name.includes('.')) return quoteTable(name)
  const { rows } = await client.query<{ schema: string }>(
    `SELECT n.nspname AS schema
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relname = $1 AND n.nspname = ANY (current_schemas(FALSE))
    ORDER BY array_position(current_schemas(FALSE), n.nspname)
    LIMIT 1`,
    [name],
  )
  return rows[0] ? `${quote(rows[0].schema)}.${quote(name)}` : quote(name)
}

async function fromRelation(
  client: PoolClient,
  relation: string,
  isTable: boolean,
  request: SpineRequest,
): Promise<void> {
  const columns = await readable(() => describe(client, relation))
  const problems = columnProblems(columns, request, fits)
  if (problems.length > 0) throw spineError(problems)
  const required = new Map(requiredColumns(request).map(({ name, type }) => [name, typeText(type)]))
  const selected = columns.map(({ name }) => {
    const type = required.get(name)
    return type ? `${quote(name)}::${type} AS ${quote(name)}` : quote(name)
  })
  // Parallel workers would number the rows of a table as they happen to read them; a query may need them, and says its order.
  const sequential = isTable ? 'SET LOCAL max_parallel_workers_per_gather = 0;' : ''
  await readable(() =>
    client.query(`
      DROP TABLE IF EXISTS pg_temp.spine;
      ${sequential}
      CREATE TEMP TABLE spine ON COMMIT DROP AS
      SELECT row_number() OVER () - 1 AS __row, ${selected.join(', ')} FROM ${relation} AS given;
      SET LOCAL max_parallel_workers_per_gather TO DEFAULT`),
  )
}

interface Described {
  readonly name: string
  readonly type: string
  readonly oid: number
  readonly category: string
}

async function describe(client: PoolClient, relation: string): Promise<Described[]> {
  const { fields } = await client.query({ text: `SELECT * FROM ${relation} AS given LIMIT 0`, rowMode: 'array' })
  const { rows } = await client.query<{ type: string; category: string }>(
    `SELECT format_type(t.oid, given.modifier) AS type, t.typcategory AS category
    FROM unnest($1::oid[], $2::int[]) WITH ORDINALITY AS given(oid, modifier, place)
    JOIN pg_type AS t ON t.oid = given.oid
    ORDER BY given.place`,
    [fields.map(field => field.dataTypeID), fields.map(field => field.dataTypeModifier)],
  )
  return fields.map(({ name, dataTypeID }, index) => ({ name, oid: dataTypeID, ...rows[index]! }))
}

/** Whether a column can be cast exactly, or fails: the same kind, of any width. */
function fits(wanted: WireType, column: Described): boolean {
  const { oid, category, type } = column
  switch (wanted.type) {
    case 'boolean':
      return oid === oids.boolean
    case 'timestamp':
      return oid === oids.timestamp || oid === oids.timestamptz || oid === oids.date
    case 'string':
      // Texts and enumerations.
      return category === 'S' || category === 'E' || oid === oids.uuid
    case 'int32':
    case 'int64':
      return isInteger(oid)
    case 'float64':
      return isInteger(oid) || oid === oids.float4 || oid === oids.float8 || oid === oids.numeric
    case 'decimal': {
      // A cast to fewer digits after the point would round.
      const scale = /^numeric\(\d+,(\d+)\)$/.exec(type)?.[1]
      return isInteger(oid) || (scale !== undefined && Number(scale) <= wanted.scale)
    }
    case 'bytes':
      return oid === oids.bytea
    case 'json':
      return oid === oids.json || oid === oids.jsonb
    case 'list':
    case 'vector':
      // What its elements are, the cast finds out.
      return category === 'A'
    default:
      return wanted satisfies never
  }
}

function isInteger(oid: number): boolean {
  return oid === oids.int2 || oid === oids.int4 || oid === oids.int8
}

async function checked(client: PoolClient, request: SpineRequest): Promise<number> {
  await client.query('ANALYZE pg_temp.spine')
  const problems: SpineProblem[] = []
  let count = 0
  for (const column of columnsWithoutNull(request)) {
    const nulls = `${quote(column)} IS NULL`
    const { rows } = await client.query<[string, string, string]>({
      text: `SELECT
        count(*),
        count(*) FILTER (WHERE ${nulls}),
        (SELECT json_agg(__row) FROM (
          SELECT __row FROM pg_temp.spine WHERE ${nulls} ORDER BY __row LIMIT 5
        ) AS first)
      FROM pg_temp.spine`,
      rowMode: 'array',
      types: asText,
    })
    const [all, missing, first] = rows[0]!
    if (missing !== '0') problems.push({ kind: 'null', column, count: Number(missing), rows: JSON.parse(first) })
    count = Number(all)
  }
  if (problems.length > 0) throw spineError(problems)
  return count
}

function checkLengths(columns: readonly { readonly name: string }[]): void {
  const problems = columns
    .filter(({ name }) => Buffer.byteLength(name) > nameBytes)
    .map(({ name }): SpineProblem => ({ kind: 'long', column: name, bytes: nameBytes }))
  if (problems.length > 0) throw spineError(problems)
}

/** What Postgres says of the spine itself, and not of the connection or of the time that it took, is the spine's fault. */
async function readable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof MeridianError || isUnreachable(error) || codeOf(error) === timedOut) throw error
    // Such as "COPY spine, line 7, column note".
    const where = error instanceof DatabaseError && error.where ? ` (${error.where})` : ''
    const problem = `${problemOf(error)}${where}`
    throw new MeridianError('spine.invalid', `the spine cannot be read: ${problem}`, { problem }, error)
  }
}
