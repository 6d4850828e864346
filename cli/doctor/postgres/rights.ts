/** Whether the role may read what the relations read, column by column. */
import type { Manifest } from '../../../runtime/contract.ts'
import { quote } from '../../../runtime/offline/quote.ts'
import { type Finding, ok, problem } from '../finding.ts'
import type { PostgresDatabase } from './database.ts'

interface Denied {
  readonly table: string
  readonly role: string
  /** None, where it may read nothing of the table. */
  readonly columns: readonly string[]
  readonly any: boolean
}

/** The relations must have been made: the server knows what each depends on. */
export async function rightsFindings(database: PostgresDatabase, { sources }: Manifest): Promise<Finding[]> {
  const denied = await database.rows<Denied>(
    `SELECT
      d.refobjid::regclass::TEXT AS table,
      current_user AS role,
      array_agg(DISTINCT a.attname::TEXT ORDER BY a.attname::TEXT) AS columns,
      has_any_column_privilege(d.refobjid, 'SELECT') AS any
    FROM pg_class AS c
    JOIN pg_rewrite AS r ON r.ev_class = c.oid
    JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
    JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    WHERE c.relnamespace = pg_my_temp_schema()
      AND c.relname = ANY ($1)
      AND d.refobjid <> c.oid
      AND NOT has_column_privilege(d.refobjid, a.attnum, 'SELECT')
    GROUP BY d.refobjid
    ORDER BY 1`,
    [Object.keys(sources)],
  )
  if (denied.length === 0) return [ok('postgres.rights', 'this role may read every source')]
  return denied.map(({ table, role, columns, any }) => {
    const what = any ? `${role} may not read ${columns.join(', ')} of it` : `${role} may not read it`
    const some = any ? ` (${columns.map(quote).join(', ')})` : ''
    return problem('postgres.rights', { what, place: table, fix: `GRANT SELECT${some} ON ${table} TO ${quote(role)};` })
  })
}
