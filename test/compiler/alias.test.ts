/** A view by an alias is the view: its statement gives for other key columns what the view's own gives, on both engines. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { PGlite } from '@electric-sql/pglite'
import { compile } from 'meridian/compiler'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

/** Two keys that change places, and one that takes the name of another column. */
const definitions = `
import { entity, featureService, featureView, source, t } from 'meridian'
export const route = entity('route', { joinKeys: { origin: t.string(), destination: t.string() } })
const columns = {
  flight: t.int64(), origin: t.string(), destination: t.string(), delay: t.int32(), load: t.float64(),
  landed_at: t.timestamp(), known_at: t.timestamp(),
}
export const landings = source('landings', { columns, eventTimestamp: 'landed_at', tieBreak: ['flight'] })
export const reports = source('reports', {
  columns, eventTimestamp: 'landed_at', createdTimestamp: 'known_at', tieBreak: ['flight'],
})
const features = ({ avg, count, first, last, max, ratio, stddev, sum }) => ({
  last_delay: last('delay'), first_delay: first('delay'), flights_2h: count().over('2h'), loads: sum('load').over('1d'),
  worst: max('delay').over('1d'), all_flights: count(), spread: stddev('load').over('3h'),
  late: ratio(count().where(row => row.delay.gt(5)).over('1d'), count().over('1d')), mean: avg('delay').over('3h'),
})
export const seen = featureView('seen', {
  entity: route, source: landings, ttl: '12h', refresh: '10m', offset: '1m', materialize: true, features,
})
export const known = featureView('known', { entity: route, source: reports, ttl: '12h', boundary: 'before', features })
const changed = { joinKeys: { origin: 'destination', destination: 'origin' } }
export const one = featureService('one', [
  seen.as('back', changed),
  seen.as('odd', { joinKeys: { origin: 'flight', destination: 'landed_at' } }),
])
export const other = featureService('other', [known.as('back', changed)])
`

const airports = ['SEA', 'SFO', 'LAX']
const at = (minutes: number): string => new Date(Date.UTC(2001, 5, 15) + minutes * 60_000).toISOString().slice(0, 19)
const quoted = (value: string | number | null): string => (typeof value === 'string' ? `'${value}'` : String(value))

/** Whole numbers below `n`, always the same. */
function draws(): (n: number) => number {
  let state = 1
  return n => {
    state = (state * 48_271) % 2_147_483_647
    return state % n
  }
}

const draw = draws()
const pick = (): string | null => [...airports, null][draw(4)] ?? null
const rows = Array.from({ length: 300 }, (_, flight) => {
  const minutes = draw(1_440)
  return [flight, pick(), pick(), draw(20), draw(100) / 8, at(minutes), at(minutes + draw(90))].map(quoted)
})
const spine = Array.from({ length: 60 }, (_, row) => [row, pick(), pick(), at(60 + draw(1_500))] as const)
const events = ['landings', 'reports'].flatMap(table => [
  `CREATE TABLE ${table} (flight BIGINT, origin TEXT, destination TEXT, delay INTEGER, load DOUBLE PRECISION,
    landed_at TIMESTAMP, known_at TIMESTAMP)`,
  `INSERT INTO ${table} VALUES ${rows.map(row => `(${row.join(', ')})`).join(', ')}`,
])

/** The spine with its two airports in columns of these names. */
function spineOf(origin: string, destination: string): string[] {
  const values = spine.map(row => `(${row.map(quoted).join(', ')})`)
  return [
    'DROP TABLE IF EXISTS spine',
    `CREATE TABLE spine (__row BIGINT, ${origin} TEXT, ${destination} TEXT, event_timestamp TIMESTAMP)`,
    `INSERT INTO spine VALUES ${values.join(', ')}`,
  ]
}

interface Engine {
  run(sql: string): Promise<unknown>
  /** The rows of a point-in-time statement, in order. */
  rows(sql: string, asServed: boolean): Promise<unknown[][]>
  close(): Promise<void>
}

async function duckdb(): Promise<Engine> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  return {
    run: sql => connection.run(sql),
    rows: async (sql, asServed) => {
      const served = sql.includes('$as_served') ? { as_served: asServed, recorded: false } : {}
      const reader = await connection.runAndReadAll(`SELECT * FROM (${sql}) ORDER BY __row`, served)
      return reader.getRowsJson()
    },
    close: async () => connection.closeSync(),
  }
}

async function postgres(): Promise<Engine> {
  const server = new PGlite()
  return {
    run: sql => server.exec(sql),
    rows: async (sql, asServed) => {
      await server.exec(`SET meridian.as_served = '${asServed}'; SET meridian.recorded = 'false'`)
      const result = await server.query<unknown[]>(`SELECT * FROM (${sql}) AS features ORDER BY __row`, [], {
        rowMode: 'array',
      })
      return result.rows
    },
    close: () => server.close(),
  }
}

for (const [dialect, open] of Object.entries({ duckdb, postgres }))
  test(`an alias gives what the view gives: ${dialect}`, async () => {
    const root = mkdtempSync(join(tmpdir(), 'meridian-alias-'))
    const engine = await open()
    try {
      writeFileSync(join(root, 'features.ts'), definitions)
      const options = { root, definitions: 'features.ts', output: 'generated', name: 'routes', dialects: [dialect] }
      const { artefacts, diagnostics } = await compile(options)
      assert.equal(diagnostics, [])
      const sql = (path: string): string => artefacts.find(file => file.path === `${dialect}/${path}`)?.text ?? ''
      // The tables have the declared columns, so they stand for the relations that sources would become.
      for (const statement of [...events, sql('ticks/none.sql')]) await engine.run(statement)
      for (const asServed of [false, true]) {
        const own = new Map<string, unknown[][]>()
        for (const statement of spineOf('origin', 'destination')) await engine.run(statement)
        for (const view of ['seen', 'known']) {
          const found = await engine.rows(sql(`${view}/point_in_time.sql`), asServed)
          assert.ok(new Set(found.map(row => JSON.stringify(row.slice(1), (_, value) => String(value)))).size > 20)
          own.set(view, found)
        }
        for (const statement of spineOf('destination', 'origin')) await engine.run(statement)
        for (const [view, rows] of own)
          assert.equal(await engine.rows(sql(`${view}/as_back.point_in_time.sql`), asServed), rows, view)
        for (const statement of spineOf('flight', 'landed_at')) await engine.run(statement)
        assert.equal(await engine.rows(sql('seen/as_odd.point_in_time.sql'), asServed), own.get('seen'))
      }
    } finally {
      await engine.close()
      rmSync(root, { recursive: true })
    }
  })

test.run()
