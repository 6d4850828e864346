/** Columns and types of the real data, compared with what the definitions declare. */
import type { Source } from '../../compiler/catalog/catalog.ts'
import { describeType } from '../../compiler/catalog/describe.ts'
import type { Dialect } from '../../compiler/dialects/dialect.ts'
import { nearest } from '../nearest.ts'
import type { Described, DescribedColumn } from './database.ts'
import { type Finding, ok, problem } from './finding.ts'

export interface ColumnsResult {
  readonly findings: readonly Finding[]
  /** Sources that something is wrong with. */
  readonly told: ReadonlySet<string>
  /** What each source has, by its name. */
  readonly described: ReadonlyMap<string, readonly DescribedColumn[]>
}

export interface ColumnsRequest {
  readonly dialect: Dialect
  readonly sources: readonly Source[]
  readonly describe: (source: Source) => Promise<Described>
  /** What to do about data that the engine refuses. */
  readonly fixOf: (complaint: string, source: Source) => string
}

/** Of sources; and, once the relations that they read are made, of queries. */
export async function columnFindings({ dialect, sources, describe, fixOf }: ColumnsRequest): Promise<ColumnsResult> {
  const findings: Finding[] = []
  const told = new Set<string>()
  const described = new Map<string, readonly DescribedColumn[]>()
  for (const source of sources) {
    const { columns, error } = await describe(source)
    const place = placeOf(dialect, source)
    let found: Finding[]
    if (columns) {
      described.set(source.name, columns)
      found = compare(dialect, source, columns)
    } else if (source.origin === 'source') {
      const what = `source "${source.name}" cannot be read: ${error}`
      found = [problem('source.data', { what, place, fix: fixOf(error, source) })]
    } else continue
    if (found.length > 0) told.add(source.name)
    findings.push(...found)
  }
  const sound = [...described.keys()].filter(name => !told.has(name))
  if (sound.length > 0) findings.push(ok('source.columns', `as declared: ${sound.join(', ')}`))
  return { findings, told, described }
}

function compare(dialect: Dialect, source: Source, columns: readonly DescribedColumn[]): Finding[] {
  const { name, origin, provenance } = source
  const place = placeOf(dialect, source)
  const definition = `${provenance.file} (${provenance.symbol})`
  const types = new Map(columns.map(column => [column.name.toLowerCase(), column.type]))
  const fits = origin === 'query' ? dialect.isType : dialect.accepts
  return source.columns.flatMap(({ name: column, type }) => {
    const actual = types.get(column.toLowerCase())
    const declared = describeType(type)
    if (actual === undefined) {
      const names = columns.map(each => each.name)
      const what = `"${name}" has no column "${column}"${nearest(column, names)}`
      return [
        problem('source.columns', { what, place, fix: `add the column, as ${declared}, or correct ${definition}` }),
      ]
    }
    if (fits(type, actual)) return []
    const what = `column "${column}" of "${name}" is ${actual}, which is not always ${declared}`
    const fix = `change the column's type, or declare what it is in ${definition}`
    return [problem('source.columns', { what, place, fix })]
  })
}

function placeOf(dialect: Dialect, source: Source): string {
  const target = source.relations[dialect.name]
  if (target?.kind === 'table') return dialect.from(source)
  return target?.kind === 'file' ? target.path : `the query of ${source.name}`
}
