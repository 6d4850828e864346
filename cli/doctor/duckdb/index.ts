/** The checks of DuckDB: of files, and of a database file where one is given. */
import { existsSync } from 'node:fs'
import type { DuckDBInstance } from '@duckdb/node-api'
import type { Source } from '../../../compiler/catalog/catalog.ts'
import type { Dialect } from '../../../compiler/dialects/dialect.ts'
import { connectDuckDB, openDuckDB } from '../../../runtime/offline/duckdb.ts'
import { firstLine } from '../../../runtime/offline/duckdb-session.ts'
import type { Artefacts } from '../artefacts.ts'
import { columnFindings } from '../columns.ts'
import type { Described } from '../database.ts'
import type { Definitions } from '../definitions.ts'
import { type Finding, ok, problem } from '../finding.ts'
import { statementFindings } from '../statements.ts'
import { DuckDBDatabase } from './database.ts'

export interface DuckDBRequest {
  /** Where relative paths of sources start. */
  readonly root: string
  /** The database file; in memory without one. */
  readonly path: string | undefined
  readonly dialect: Dialect
  readonly artefacts: Artefacts
  readonly definitions: Definitions
  readonly shown: (path: string) => string
}

export async function examineDuckDB(
  request: DuckDBRequest,
  tell: (...findings: readonly Finding[]) => void,
): Promise<void> {
  const { root, path, dialect, artefacts, definitions, shown } = request
  let instance: DuckDBInstance
  try {
    instance = await openDuckDB({ ...(path === undefined ? {} : { path }), readOnly: true })
  } catch (error) {
    const missing = path !== undefined && !existsSync(path)
    const fix = missing
      ? 'name the file that has the tables with --duckdb'
      : 'see the message; another process may have it open'
    return tell(
      problem('duckdb', { what: `the database cannot be opened: ${firstLine(error)}`, place: path ?? 'memory', fix }),
    )
  }
  const connection = await connectDuckDB(instance, root)
  try {
    const database = new DuckDBDatabase(connection)
    tell(ok('duckdb.version', await database.version()))
    const fixOf = (complaint: string, source?: Source) => fixIn(complaint, path, source?.relations[dialect.name]?.kind)
    const { manifest, text } = artefacts
    const { catalog } = definitions
    const some = (wanted: Source['origin']) => catalog?.sources.filter(({ origin }) => origin === wanted) ?? []
    const describe = (source: Source) => described(database, dialect, source, root)
    const columns = await columnFindings({ dialect, sources: some('source'), describe, fixOf })
    tell(...columns.findings)
    if (manifest) {
      const asked = { manifest, dialect: dialect.name, text, shown, told: columns.told, fixOf }
      tell(...(await statementFindings(database, asked)))
    }
    tell(...(await columnFindings({ dialect, sources: some('query'), describe, fixOf })).findings)
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

function fixIn(complaint: string, path: string | undefined, kind: string | undefined): string {
  if (/^IO Error|No files found/.test(complaint)) return 'put the file there, or bind the source to where it is'
  if (/^Catalog Error: Table/.test(complaint))
    return path === undefined
      ? 'name the database file that has the table with --duckdb, or bind the source to a file'
      : 'make the table in that file, or bind the source to where the rows are'
  return `bring the ${kind === 'file' ? 'file' : 'table'} and the definitions together: change the one or the other, and run meridian build`
}

/** A CSV file that lacks a declared column cannot be read by its declared types: then it is asked what it has. */
async function described(database: DuckDBDatabase, dialect: Dialect, source: Source, root: string): Promise<Described> {
  const found = await database.describe(dialect.from(source))
  const target = source.relations[dialect.name]
  if (found.columns || target?.kind !== 'file' || target.format !== 'csv') return found
  const catalogue = await dialect.openCatalogue()
  try {
    const guessed = await catalogue.describeBinding(source, root)
    return guessed?.columns ? guessed : found
  } finally {
    await catalogue.close()
  }
}
