/** Every statement of the manifest, prepared on the real database: with the tables that it reads, empty. */
import type { Field, Manifest, Retrieved } from '../../runtime/contract.ts'
import { plural } from '../terminal.ts'
import type { Database } from './database.ts'
import { type Finding, ok, problem } from './finding.ts'

export interface StatementsRequest {
  readonly manifest: Manifest
  readonly dialect: string
  /** Null for a file that is not as it was built, which is told elsewhere. */
  readonly text: (path: string) => string | null
  /** How messages name a file. */
  readonly shown: (path: string) => string
  /** Sources of which it was told already why they cannot be read. */
  readonly told: ReadonlySet<string>
  /** What to do about what the engine refuses. */
  readonly fixOf: (complaint: string) => string
}

/** Statements that read a spine of the same columns. */
interface Group {
  readonly spine: readonly Field[]
  readonly paths: readonly (string | null | undefined)[]
  /** Sources that they read. */
  readonly sources: readonly string[]
}

export async function statementFindings(database: Database, request: StatementsRequest): Promise<Finding[]> {
  const { manifest, dialect, text, shown, fixOf } = request
  const findings: Finding[] = []
  const broken = await makeRelations(database, request, findings)
  const ticks = manifest.ticks[dialect] && text(manifest.ticks[dialect].none)
  if (ticks) await database.create(ticks)
  await makeFeatures(database, manifest)
  let made = ''
  let prepared = Object.keys(manifest.sources).length - broken.size
  let skipped = 0
  for (const { spine, paths, sources } of groupsOf(manifest, dialect)) {
    const statements = paths.flatMap(path => {
      const sql = path ? text(path) : null
      return path && sql !== null ? [{ path, sql }] : []
    })
    // A view over a source that is broken says nothing new.
    if (sources.some(name => broken.has(name))) {
      skipped += statements.length
      continue
    }
    if (JSON.stringify(spine) !== made) {
      await database.createTable('spine', [row, ...spine, instant])
      await database.createTable('keys', [row, ...spine])
      made = JSON.stringify(spine)
    }
    for (const { path, sql } of statements) {
      const complaint = await database.prepare(sql)
      prepared += 1
      if (complaint !== null)
        findings.push(
          problem('statements', { what: `it cannot be run: ${complaint}`, place: shown(path), fix: fixOf(complaint) }),
        )
    }
  }
  if (findings.length > 0) return findings
  const others = skipped === 0 ? '' : `; ${plural(skipped, 'other')} read sources that cannot be read`
  return [ok('statements', `${plural(prepared, 'statement')} can be run${others}`)]
}

const row: Field = { name: '__row', type: { type: 'int64', as: 'bigint' } }
const instant: Field = { name: 'event_timestamp', type: { type: 'timestamp' } }

/** Makes the relations of sources. Returns the names of those that could not be made. */
async function makeRelations(
  database: Database,
  { manifest, dialect, text, shown, told, fixOf }: StatementsRequest,
  findings: Finding[],
): Promise<ReadonlySet<string>> {
  const broken = new Set<string>()
  const all = Object.values(manifest.sources)
  // Queries read sources, and each other.
  const ordered = [...all].sort((one, other) => one.reads.length - other.reads.length)
  for (const { name, statements, reads } of ordered) {
    const path = statements[dialect]?.relation
    const sql = path === undefined ? null : text(path)
    if (path === undefined || sql === null || reads.some(read => broken.has(read))) {
      broken.add(name)
      continue
    }
    const complaint = await database.create(sql)
    if (complaint === null) continue
    broken.add(name)
    if (told.has(name)) continue
    const what = `source "${name}" cannot be read: ${complaint}`
    findings.push(problem('statements', { what, place: shown(path), fix: fixOf(complaint) }))
  }
  return broken
}

/** Rows of views as training statements read them. */
async function makeFeatures(database: Database, { views, onDemandViews, services }: Manifest): Promise<void> {
  const tables = new Map<string, readonly Field[]>()
  for (const { name, features } of [...Object.values(views), ...Object.values(onDemandViews)])
    tables.set(name, features)
  for (const { uses } of [...Object.values(services), ...Object.values(onDemandViews)])
    for (const { name, view } of uses) tables.set(name, views[view]?.features ?? [])
  for (const [name, features] of tables) await database.createTable(`${name}__features`, [row, ...features])
}

function groupsOf(manifest: Manifest, dialect: string): Group[] {
  const views = Object.values(manifest.views)
  const groups = views.map(({ keys, sources, statements }): Group => {
    const { pointInTime, training, materialize, materializeChanged, lookup } = statements[dialect] ?? {}
    return { spine: keys, sources, paths: [pointInTime, training, materialize, materializeChanged, lookup] }
  })
  const retrieved: (Retrieved & { statements: Readonly<Record<string, Readonly<Record<string, string>>>> })[] = [
    ...Object.values(manifest.onDemandViews),
    ...Object.values(manifest.services),
  ]
  const seen = new Set<string>()
  for (const { keys, request, uses, statements } of retrieved) {
    groups.push({ spine: [...keys, ...request], sources: [], paths: Object.values(statements[dialect] ?? {}) })
    for (const { view, keys: names, pointInTime } of uses) {
      const path = pointInTime[dialect] ?? ''
      const own = manifest.views[view]
      if (!own || path === own.statements[dialect]?.pointInTime || seen.has(path)) continue
      seen.add(path)
      const spine = own.keys.map(({ type }, index) => ({ name: names[index] ?? '', type }))
      // A statement for an alias has the alias' key columns in the spine.
      groups.push({ spine, sources: own.sources, paths: [path] })
    }
  }
  return groups
}
