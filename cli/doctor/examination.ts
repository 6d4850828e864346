/** All checks of a project, each to its end, whatever becomes of the others. */
import { join, resolve } from 'node:path'
import type { Dialect } from '../../compiler/dialects/dialect.ts'
import { dialects } from '../../compiler/index.ts'
import type { FoundProject } from '../project.ts'
import { type Artefacts, readArtefacts } from './artefacts.ts'
import { clockFinding, type Reading } from './clock.ts'
import { type Definitions, readDefinitions } from './definitions.ts'
import { type Check, examine, type Finding, problem } from './finding.ts'
import { nodeFinding } from './versions.ts'

export interface Environment {
  readonly MERIDIAN_ENV?: string | undefined
  readonly MERIDIAN_POSTGRES_URL?: string | undefined
  readonly MERIDIAN_REDIS_URL?: string | undefined
}

export interface ExaminationOptions {
  /** A DuckDB database file with the tables that sources are bound to. */
  readonly duckdb?: string
  /** Whether every stored key is looked at. */
  readonly keys?: boolean
}

/** Milliseconds that a check may take: each statement and command has a bound of its own, far below. */
const deadline = 120_000
/** Of one that looks at every key. */
const scanDeadline = 3_600_000

interface Examined {
  readonly project: FoundProject
  readonly folder: string
  readonly shown: (path: string) => string
  readonly dialect: Dialect
  readonly artefacts: Artefacts
  readonly definitions: Definitions
}

export async function examination(
  project: FoundProject,
  environment: Environment,
  options: ExaminationOptions,
): Promise<Finding[]> {
  const findings: Finding[] = [nodeFinding(process.version)]
  const mode = environment.MERIDIAN_ENV || 'local'
  if (mode !== 'local' && mode !== 'production') {
    const what = `MERIDIAN_ENV is "${mode}"`
    return [
      ...findings,
      problem('environment', { what, fix: 'set it to local, which is the default, or to production' }),
    ]
  }
  const folder = resolve(project.root, project.output)
  const shown = (path: string) => join(project.prefix, project.output, path)
  const artefacts = readArtefacts(folder, shown(''))
  findings.push(...artefacts.findings)
  const dialect = dialects.find(({ name }) => name === (mode === 'local' ? 'duckdb' : 'postgres')) as Dialect
  const unbuilt = dialectFinding(project, artefacts, dialect)
  const definitions = unbuilt
    ? { catalog: null, plans: null, findings: [unbuilt] }
    : await readDefinitions(project, dialect, artefacts)
  findings.push(...definitions.findings)
  const examined = { project, folder, shown, dialect, artefacts, definitions }
  findings.push(
    ...(mode === 'local' ? await local(examined, options) : await production(examined, environment, options)),
  )
  return findings
}

function dialectFinding({ dialects: asked }: FoundProject, { manifest }: Artefacts, { name }: Dialect): Finding | null {
  const isBuilt = Object.values(manifest?.views ?? {}).every(({ statements }) => statements[name])
  if (isBuilt && (!asked || asked.some(one => one === name))) return null
  const what = `the project is not built for ${name}, which this environment runs on`
  return problem('artefacts', { what, fix: `add '${name}' to dialects in meridian.config.ts, and run meridian build` })
}

async function local(
  { project, dialect, artefacts, definitions, shown }: Examined,
  { duckdb: path }: ExaminationOptions,
): Promise<readonly Finding[]> {
  const { examineDuckDB } = await import('./duckdb/index.ts')
  const request = { root: project.root, path, dialect, artefacts, definitions, shown }
  return examine({ name: 'duckdb', deadline, run: tell => examineDuckDB(request, tell) })
}

async function production(
  { dialect, folder, artefacts, definitions, shown }: Examined,
  { MERIDIAN_POSTGRES_URL: postgres = '', MERIDIAN_REDIS_URL: redis = '' }: Environment,
  { keys = false }: ExaminationOptions,
): Promise<Finding[]> {
  const clocks: { postgres?: Reading; redis?: Reading } = {}
  const missing = [
    ...(postgres === ''
      ? [missingFinding('MERIDIAN_POSTGRES_URL', 'postgres://user:password@host:5432/database')]
      : []),
    ...(redis === ''
      ? [missingFinding('MERIDIAN_REDIS_URL', 'redis://host:6379 or redis+cluster://host:6379,host:6379')]
      : []),
  ]
  const database = async (): Promise<readonly Finding[]> => {
    const { examinePostgres } = await import('./postgres/index.ts')
    const clock = (reading: Reading) => {
      clocks.postgres = reading
    }
    const request = { url: postgres, dialect, artefacts, definitions, shown, clock }
    return examine({ name: 'postgres', deadline, run: tell => examinePostgres(request, tell) })
  }
  const store = async (): Promise<readonly Finding[]> => {
    const { examineRedis } = await import('./redis/index.ts')
    const clock = (reading: Reading) => {
      clocks.redis = reading
    }
    const run: Check['run'] = tell => examineRedis({ url: redis, artefacts, clock }, tell)
    const found = await examine({ name: storeCheck, deadline, run })
    // A store that is away has told so.
    if (found.some(({ check }) => check === storeCheck)) return found
    return [...found, ...(await keyFindings(redis, folder, artefacts, keys))]
  }
  const examined = [...(postgres === '' ? [] : [database()]), ...(redis === '' ? [] : [store()])]
  const findings = [...missing, ...(await Promise.all(examined)).flat()]
  const { postgres: one, redis: other } = clocks
  if (!one || !other) return findings
  const apart = { offset: one.offset - other.offset, error: one.error + other.error }
  const why =
    'training sees rows at the edge of a tick that serving did not, or the other way round, where Postgres stamps them'
  return [...findings, clockFinding('clocks', 'Postgres', apart, 'Redis', why)]
}

/** Its findings are named `redis.<what>`: one of this name says that there is nothing to look at. */
const storeCheck = 'redis'

async function keyFindings(
  url: string,
  folder: string,
  { manifest, findings }: Artefacts,
  countRows: boolean,
): Promise<readonly Finding[]> {
  if (!manifest) return []
  const { examineKeys, examineTicks } = await import('./keys.ts')
  const found: Finding[] = []
  // What is edited is refused by who reads it, and is told already.
  if (findings.every(({ status }) => status === 'ok'))
    found.push(...(await examine({ name: 'keys.ticks', deadline, run: tell => examineTicks(folder, url, tell) })))
  if (countRows) {
    const run: Check['run'] = tell => examineKeys(manifest, url, tell)
    found.push(...(await examine({ name: 'keys.layouts', deadline: scanDeadline, run })))
  }
  return found
}

function missingFinding(name: string, form: string): Finding {
  return problem('environment', { what: `${name} is not set`, fix: `set it to ${form}` })
}
