import { compile } from 'meridian/compiler'
import { mkdtempSync, rmSync, writeFileSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { columnsOf, featureType, pointInTime, online, keysAt, type StoredView } from '../reference/index.ts'
import { agrees, text, normal } from './compare.ts'
import { createTables, openDatabase, replaceRows } from './database.ts'
import { makeData, type DataSet } from './data.ts'
import { sample } from './draw.ts'
import { rowsOf } from './expected.ts'
import { moduleText, write } from './module.ts'
import { makeProject, type Project } from './project.ts'
import { duckdbLiteral, duckdbType, quoteName } from './values.ts'
import { OverflowError } from '../reference/scalar.ts'

const seed = Number(process.env.MERIDIAN_SEED ?? 1)
const builds = Number(process.env.BUILDS ?? 20), sets = Number(process.env.SETS ?? 10)
const shown = new Set<string>()
for (const [index, project] of sample(seed, builds, makeProject).entries()) {
  const folder = mkdtempSync(join(tmpdir(), 'prop-'))
  const source = moduleText(project)
  writeFileSync(join(folder, 'features.ts'), source)
  let artefacts
  try {
    const result = await compile({ root: folder, definitions: 'features.ts', output: 'generated', name: 'p' })
    if (result.diagnostics.length) { for (const d of result.diagnostics) console.log(index, 'DIAG', JSON.stringify(d).slice(0, 700)); writeFileSync(`/tmp/bad-${index}.ts`, source); continue }
    artefacts = new Map(result.artefacts.map(a => [a.path, a.text]))
  } catch (error) { console.log(index, 'BUILD', (error as Error).stack?.slice(0, 600)); writeFileSync(`/tmp/bad-${index}.ts`, source); continue }
  finally { rmSync(folder, { recursive: true }) }
  const { connection, close } = await openDatabase(':memory:')
  await createTables(connection, project)
  const fail = (kind: string, detail: string, sql?: string) => {
    const key = `${index}-${kind.split(' ')[0]}`
    if (shown.has(key)) return
    shown.add(key)
    console.log(`#${index} ${kind}: ${detail.slice(0, 1500)}`)
    writeFileSync(`/tmp/bad-${index}.ts`, source + '\n/* ' + kind + detail + '\n' + (sql ?? '') + ' */')
  }
  try {
    for (const [path, sql] of artefacts) if (path.includes('duckdb/sources/rows')) await connection.run(sql)
    for (const [path, sql] of artefacts) if (path.includes('duckdb/sources/view')) await connection.run(sql)
  } catch (e) { fail('source', String(e)); continue }
  for (const [j, data] of sample(seed * 1000 + index, sets, draw => makeData(draw, project)).entries()) {
    await replaceRows(connection, project, data.rows)
    const wrong = await check(project, data)
    if (wrong) {
      // shrink
      let best = data, again = wrong
      let progress = true
      while (progress) {
        progress = false
        for (const name of Object.keys(best.rows)) for (let i = best.rows[name]!.length - 1; i >= 0; i--) {
          const next = { ...best, rows: { ...best.rows, [name]: best.rows[name]!.filter((_, k) => k !== i) } }
          await replaceRows(connection, project, next.rows)
          const w = await check(project, next)
          if (w && w[0].split(' ')[0] === wrong[0].split(' ')[0]) { best = next; again = w; progress = true }
        }
        for (let i = best.spine.length - 1; i >= 0 && best.spine.length > 1; i--) {
          const next = { ...best, spine: best.spine.filter((_, k) => k !== i) }
          await replaceRows(connection, project, next.rows)
          const w = await check(project, next)
          if (w && w[0].split(' ')[0] === wrong[0].split(' ')[0]) { best = next; again = w; progress = true }
        }
      }
      fail(again[0], again[1] + '\nrows ' + write(best.rows) + '\nspine ' + write(best.spine), again[2])
      break
    }
  }
  close()

  async function check(project: Project, data: DataSet): Promise<[string, string, string] | null> {
    const keys = Object.entries(project.entity.joinKeys)
    for (const view of project.views) {
      try {
        for (const accuracy of ['exact', 'as_served'] as const) {
          let want
          try { want = data.spine.map(({ key, t }) => pointInTime(view, rowsOf(project, data, view), key, t, accuracy)) } catch (e) { if (e instanceof OverflowError) return null; throw e }
          await connection.run(`CREATE OR REPLACE TEMP TABLE spine (__row BIGINT, ${keys.map(([n, t]) => `${quoteName(n)} ${duckdbType(t)}`)}, event_timestamp TIMESTAMP)`)
          await connection.run(`INSERT INTO spine VALUES ${data.spine.map(({ key, t }, i) => `(${i}, ${keys.map(([n, ty]) => duckdbLiteral(key[n], ty)).join(', ')}, make_timestamp(${t}))`).join(', ')}`)
          for (const [path, pick] of [[`duckdb/${view.name}/point_in_time.sql`, view], ['duckdb/everything/training.sql', view]] as const) {
            const sql = artefacts!.get(path)!
            const got = (await connection.runAndReadAll(sql, sql.includes('$as_served') ? { as_served: accuracy === 'as_served' } : {})).getRowObjects()
            if (got.length !== want.length) return [`${path} rows`, `${got.length} ${want.length}`, sql]
            for (const [i, row] of got.entries()) for (const [name, answer] of Object.entries(want[i]!)) {
              const type = featureType(view, name)
              const actual = decode(row[name], type)
              if (!agrees(actual, { view, feature: name, type, value: answer.value, milliseconds: false }))
                return [`${path} ${accuracy}`, `view ${write(view)}\n${name} row ${i} got ${text(actual)} want ${text(answer.value)} ${answer.status}`, sql]
            }
          }
        }
        // stored
        for (const moment of data.moments) {
          let want
          const rows = rowsOf(project, data, view)
          const sql = artefacts!.get(`duckdb/${view.name}/${view.materialize ? 'materialize' : 'lookup'}.sql`)!
          const all = view.materialize ? keysAt(view, rows, moment) : data.reads.map(r => r.key)
          if (!view.materialize) {
            await connection.run(`CREATE OR REPLACE TEMP TABLE keys (__row BIGINT, ${keys.map(([n, t]) => `${quoteName(n)} ${duckdbType(t)}`)})`)
            await connection.run(`INSERT INTO keys VALUES ${all.map((key, i) => `(${i}, ${keys.map(([n, ty]) => duckdbLiteral(key[n], ty)).join(', ')})`).join(', ')}`)
          }
          const prepared = await connection.prepare(sql)
          const { TIMESTAMP, DuckDBTimestampValue } = await import('@duckdb/node-api')
          prepared.bind({ as_of: new DuckDBTimestampValue(moment) }, { as_of: TIMESTAMP })
          const got = (await prepared.runAndReadAll()).getRowObjects()
          prepared.destroySync()
          const keyText = (row: any) => keys.map(([n, t]) => text(normal(row[n] ?? null, t))).join()
          const byKey = new Map(got.map(row => [keyText(row), row]))
          if (got.length !== all.length) return [`stored-${view.materialize} rows`, `view ${write(view)} at ${moment} got ${text(got.map(keyText))} want ${text(all)}`, sql]
          for (const key of all) {
            const row = byKey.get(keyText(key))
            if (!row) return [`stored key`, text(key), sql]
            try { want = online({ ...view, ttl: null, features: Object.fromEntries(Object.entries(view.features).map(([n, f]) => [n, { ...f, default: null }])) } as never, rows, key, moment, moment) } catch (e) { if (e instanceof OverflowError) return null; throw e }
            for (const [name, answer] of Object.entries(want)) {
              const type = featureType(view, name)
              const actual = decode(row[name], type)
              if (!agrees(actual, { view, feature: name, type, value: answer.value, milliseconds: false }))
                return [`stored-${view.materialize}`, `view ${write(view)}\n${name} at ${moment} key ${text(key)} got ${text(actual)} want ${text(answer.value)} ${answer.status}`, sql]
            }
          }
        }
      } catch (error) { return [`error-${view.name}-${String(error).slice(0, 40).replaceAll(' ', '_')}`, `view ${write(view)}\n` + String(error).slice(0, 1500), ''] }
    }
    return null
  }
}
function decode(value: any, type: any): any {
  if (value === null || value === undefined) return value
  if (type.type === 'bytes') return value.bytes
  if (type.type === 'list' || type.type === 'vector') return value.items
  if (type.type === 'decimal') return value.toString()
  return value
}
console.log('done')
