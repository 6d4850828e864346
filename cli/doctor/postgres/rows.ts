/** What statistics say of rows: those that no feature ever sees, and instants that may not be what they seem. */
import type { Catalog } from '../../../compiler/catalog/catalog.ts'
import type { Dialect } from '../../../compiler/dialects/dialect.ts'
import type { DescribedColumn } from '../database.ts'
import { type Finding, warning } from '../finding.ts'
import type { PostgresDatabase } from './database.ts'

export async function rowFindings(
  database: PostgresDatabase,
  dialect: Dialect,
  catalog: Catalog,
  described: ReadonlyMap<string, readonly DescribedColumn[]>,
): Promise<Finding[]> {
  const [zone] = await database.rows<{ name: string }>(
    `SELECT reset_val AS name FROM pg_settings WHERE name = 'TimeZone'`,
  )
  const findings: Finding[] = []
  for (const source of catalog.sources) {
    const target = source.relations[dialect.name]
    if (source.origin !== 'source' || target?.kind !== 'table' || !described.has(source.name)) continue
    const { name, eventTimestamp, createdTimestamp } = source
    const place = dialect.from(source)
    const instants = [eventTimestamp, ...(createdTimestamp === null ? [] : [createdTimestamp])]
    const types = new Map(described.get(name)?.map(column => [column.name, column.type]))
    const naive = instants.filter(column => /^timestamp(\(\d\))? without time zone$/.test(types.get(column) ?? ''))
    if (naive.length > 0 && zone && !utc.test(zone.name)) {
      const what = `${naive.join(', ')}: without a time zone, so read as UTC; what writes now() into it here writes the time of ${zone.name}`
      const fix = `see that it holds UTC; where it does not, ${naive
        .map(
          column =>
            `ALTER TABLE ${place} ALTER COLUMN "${column}" TYPE TIMESTAMPTZ USING "${column}" AT TIME ZONE '${zone.name}';`,
        )
        .join(' ')}`
      findings.push(warning('source.zone', { what, place, fix }))
    }
    const keys = catalog.views
      .filter(view => view.source === name)
      .flatMap(({ joinKeys }) => joinKeys.map(key => key.column))
    const nulls = await database.rows<{ column: string; share: number }>(
      `SELECT s.attname AS column, max(s.null_frac) AS share
      FROM pg_stats AS s
      JOIN pg_namespace AS n ON n.nspname = s.schemaname
      JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = s.tablename
      WHERE c.oid = to_regclass($1) AND s.attname = ANY ($2) AND s.null_frac > 0
      GROUP BY s.attname
      ORDER BY s.attname`,
      [place, [...new Set([...keys, ...instants])]],
    )
    for (const { column, share } of nulls) {
      const because = instants.includes(column)
        ? 'a row without an instant is never seen'
        : 'a null key matches nothing'
      const what = `${column} is null in ${percent(share)} of the rows, by the statistics of the last ANALYZE: ${because}`
      const fix = `fill it in, or make sure with ALTER TABLE ${place} ALTER COLUMN "${column}" SET NOT NULL; otherwise nothing is to be done`
      findings.push(warning('source.nulls', { what, place, fix }))
    }
  }
  return findings
}

const utc = /^(UTC|GMT|Etc\/(UTC|GMT|UCT|Universal|Zulu)|UCT|Universal|Zulu)$/i

function percent(share: number): string {
  const text = (share * 100).toFixed(1)
  return text === '0.0' ? 'some' : `${text} %`
}
