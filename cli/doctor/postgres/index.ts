/** The checks of Postgres. */
import type { Source } from '../../../compiler/catalog/catalog.ts'
import type { Dialect } from '../../../compiler/dialects/dialect.ts'
import { postgresPool } from '../../../runtime/offline/postgres.ts'
import { quote } from '../../../runtime/offline/quote.ts'
import type { Artefacts } from '../artefacts.ts'
import { clockFinding, type Reading, readClock } from '../clock.ts'
import { columnFindings } from '../columns.ts'
import type { Definitions } from '../definitions.ts'
import type { Finding } from '../finding.ts'
import { statementFindings } from '../statements.ts'
import { PostgresDatabase } from './database.ts'
import { indexFindings } from './indexes.ts'
import { rightsFindings } from './rights.ts'
import { rowFindings } from './rows.ts'
import { serverFindings } from './server.ts'

export interface PostgresRequest {
  readonly url: string
  readonly dialect: Dialect
  readonly artefacts: Artefacts
  readonly definitions: Definitions
  readonly shown: (path: string) => string
  /** Told the clock as soon as it is known. */
  readonly clock: (reading: Reading) => void
}

/** @throws MeridianError `database.unavailable`, `environment.unsupported` */
export async function examinePostgres(
  request: PostgresRequest,
  tell: (...findings: readonly Finding[]) => void,
): Promise<void> {
  const { url, dialect, artefacts, definitions, shown, clock } = request
  const { manifest, text } = artefacts
  const pool = postgresPool({ url, poolSize: 1, connectTimeout: 5_000, lookupTimeout: 10_000 })
  try {
    const connection = await pool.connect()
    try {
      const database = new PostgresDatabase(connection)
      const server = await serverFindings(database, manifest)
      tell(...server.findings)
      const reading = await readClock(async () => {
        const [row] = await database.rows<{ now: string }>(`SELECT extract(epoch FROM clock_timestamp()) * 1000 AS now`)
        return Number(row?.now)
      })
      clock(reading)
      const why = 'rows that are stamped by it seem to have happened earlier or later than they did'
      tell(clockFinding('postgres.clock', 'Postgres', reading, 'this machine', why))
      if (!server.usable) return
      const { catalog, plans } = definitions
      const fixOf = (complaint: string) => fixIn(complaint, quote(server.role))
      const sources = catalog?.sources.filter(({ origin }) => origin === 'source') ?? []
      const describe = (source: Source) => database.describe(dialect.from(source))
      const columns = await columnFindings({ dialect, sources, describe, fixOf })
      tell(...columns.findings)
      if (manifest) {
        const asked = { manifest, dialect: dialect.name, text, shown, told: columns.told, fixOf }
        tell(...(await statementFindings(database, asked)))
        tell(...(await rightsFindings(database, manifest)))
      }
      if (!catalog || !plans) return
      const queries = catalog.sources.filter(({ origin }) => origin === 'query')
      tell(...(await columnFindings({ dialect, sources: queries, describe, fixOf })).findings)
      // Of a table that cannot be read it was told why.
      const unread = new Set(
        sources.flatMap(source => (columns.described.has(source.name) ? [] : [dialect.from(source)])),
      )
      const indexes = dialect.wantedIndexes(plans.views).filter(({ table }) => !unread.has(table))
      tell(...(await rowFindings(database, dialect, catalog, columns.described)))
      tell(...(await indexFindings(database, indexes)))
    } finally {
      connection.client.release(true)
    }
  } finally {
    // What hangs on a server that is paused must not keep this process.
    void pool.end().catch(() => {})
  }
}

/** By what the server says: the words are the same in all versions. */
function fixIn(complaint: string, role: string): string {
  const schema = /^permission denied for schema (\S+)/.exec(complaint)?.[1]
  if (schema !== undefined) return `GRANT USAGE ON SCHEMA ${schema} TO ${role};`
  if (/^permission denied/.test(complaint)) return `grant ${role} the right that the message names`
  if (/^(relation|schema) .* does not exist/.test(complaint))
    return 'make the table, bind the source to where the rows are, or let MERIDIAN_POSTGRES_URL name the database that has it'
  return 'bring the table and the definitions together: change the one or the other, and run meridian build'
}
