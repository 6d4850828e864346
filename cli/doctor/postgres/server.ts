/** The server of Postgres: its version, whether it is a primary, and what this role may do. */
import type { Manifest } from '../../../runtime/contract.ts'
import { quote } from '../../../runtime/offline/quote.ts'
import { type Finding, ok, problem, warning } from '../finding.ts'
import type { PostgresDatabase } from './database.ts'

interface Server {
  readonly version: string
  readonly recovery: boolean
  readonly readonly: boolean
  readonly temporary: boolean
  readonly database: string
  readonly role: string
  readonly schema: string | null
  readonly ticks: string | null
  readonly make: boolean
}

export interface ServerFindings {
  readonly findings: readonly Finding[]
  /** Whether relations of a session can be made: without, nothing else can be looked at. */
  readonly usable: boolean
  readonly role: string
}

export async function serverFindings(database: PostgresDatabase, manifest: Manifest | null): Promise<ServerFindings> {
  const [server] = (await database.rows<Server>(`
    SELECT
      current_setting('server_version') AS version,
      pg_is_in_recovery() AS recovery,
      current_setting('transaction_read_only')::BOOLEAN AS readonly,
      has_database_privilege(current_database(), 'TEMPORARY') AS temporary,
      current_database() AS database,
      current_user AS role,
      current_schema() AS schema,
      to_regclass('meridian_ticks')::TEXT AS ticks,
      coalesce(has_schema_privilege(current_schema(), 'CREATE'), FALSE) AS make`)) as [Server]
  const findings = [ok('postgres.version', server.version)]
  if (server.recovery) {
    const fix =
      'let MERIDIAN_POSTGRES_URL name the primary: work happens in temporary tables, which a standby does not have'
    findings.push(problem('postgres.primary', { what: 'the server is a standby', fix }))
  } else if (server.readonly) {
    const fix = `ALTER ROLE ${quote(server.role)} SET default_transaction_read_only = off`
    findings.push(problem('postgres.primary', { what: 'sessions of this role are read only', fix }))
  }
  if (!server.temporary) {
    const what = `the role ${server.role} may not make temporary tables, which all work happens in`
    const fix = `GRANT TEMPORARY ON DATABASE ${quote(server.database)} TO ${quote(server.role)};`
    findings.push(problem('postgres.rights', { what, fix }))
  }
  const usable = !server.recovery && !server.readonly && server.temporary
  const materialized = Object.values(manifest?.views ?? {}).some(({ materialize }) => materialize)
  if (usable && materialized) findings.push(...(await tickFindings(database, server)))
  return { findings, usable, role: server.role }
}

/** Workers record ticks; nothing else needs it, so that it is no problem of who does not run them. */
async function tickFindings(database: PostgresDatabase, server: Server): Promise<Finding[]> {
  const { ticks, role, schema, make } = server
  if (ticks === null) {
    if (make) return [ok('postgres.ticks', 'workers can make the table meridian_ticks')]
    const what =
      schema === null
        ? `no schema of the search_path of ${role} exists: workers cannot make meridian_ticks, which completed ticks are recorded in`
        : `there is no table meridian_ticks, which completed ticks are recorded in, and ${role} may not make it in ${schema}`
    const fix =
      schema === null
        ? `ALTER ROLE ${quote(role)} SET search_path = <schema>`
        : 'make it as its owner, as docs/production.md says, or'.concat(
            ` GRANT CREATE ON SCHEMA ${quote(schema)} TO ${quote(role)};`,
          )
    return [warning('postgres.ticks', { what, fix })]
  }
  const rights = await database.rows<{ right: string; granted: boolean }>(
    `SELECT name AS right, has_table_privilege('meridian_ticks', name) AS granted
    FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE']) AS names (name)`,
  )
  const missing = rights.filter(({ granted }) => !granted).map(({ right }) => right)
  if (missing.length === 0) return [ok('postgres.ticks', 'workers can record completed ticks')]
  const what = `${role} lacks ${missing.join(', ')} on meridian_ticks: workers cannot record completed ticks`
  const fix = `GRANT ${missing.join(', ')} ON ${ticks} TO ${quote(role)};`
  return [warning('postgres.ticks', { what, place: ticks, fix })]
}
