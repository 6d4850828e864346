/** A project of every type on a database file, from materialization to getters and training data. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DuckDBInstance } from '@duckdb/node-api'
import { build } from 'meridian/compiler'
import { connect, type Store } from 'meridian/runtime'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failure } from './shop.ts'

const features = `
import { entity, featureService, featureView, source, t } from 'meridian'
export const thing = entity('thing', { joinKeys: { id: t.int64(), live: t.boolean() } })
export const readings = source('readings', {
  columns: {
    id: t.int64(), live: t.boolean(), seen_at: t.timestamp(), n: t.int32(), big: t.int64(),
    safe: t.int64({ as: 'number' }), real: t.float64(), price: t.decimal(12, 2), name: t.string(), raw: t.bytes(),
    doc: t.json(), place: t.vector(3), names: t.list(t.string()), times: t.list(t.timestamp()), bigs: t.list(t.int64()),
  },
  eventTimestamp: 'seen_at', tieBreak: ['big'], duckdb: { table: 'raw_readings' },
})
export const stored = featureView('stored', {
  entity: thing, source: readings, refresh: '5m', materialize: true,
  features: ({ last, sum }) => ({
    last_n: last('n'), last_big: last('big'), last_safe: last('safe'), last_real: last('real'), last_price: last('price'),
    last_name: last('name'), last_raw: last('raw'), last_doc: last('doc'), last_place: last('place'),
    last_names: last('names'), last_times: last('times'), last_bigs: last('bigs'), last_live: last('live'),
    last_at: last('seen_at'), total: sum('big'), paid: sum('price'),
    // The name of a column, and not its sum.
    n: sum(row => row.name.length()), ns: sum('n'),
  }),
})
export const computed = featureView('computed', {
  entity: thing, source: readings,
  features: ({ last, count }) => ({
    name_now: last('name').default('nobody'), doc_now: last('doc'), place_now: last('place'), times_now: last('times'),
    hour_of_last: last(row => row.seen_at.hour()), seen: count(),
  }),
})
export const both = featureService('both', [computed, stored])
`

const tables = `
CREATE TABLE raw_readings AS SELECT * FROM (VALUES
  (1::BIGINT, true, TIMESTAMPTZ '2001-06-15 14:00:00.000001+02', 1::INTEGER, 9007199254740993::BIGINT, 7::BIGINT,
    'NaN'::DOUBLE, 1.50::DECIMAL(12, 2), '', '\\x00\\xFF'::BLOB, '{"a":[1,null]}'::JSON, [1, 2.5, -3]::FLOAT[3],
    ['ü', NULL, ''], [TIMESTAMP '1969-12-31 23:59:59.999'], [9007199254740993, NULL]),
  (9007199254740993, false, TIMESTAMPTZ '2001-06-15 12:01:00+00', NULL, -5, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL, NULL)
) AS v(id, live, seen_at, n, big, safe, real, price, name, raw, doc, place, names, times, bigs)`

interface Context {
  folder: string
  database: string
  store: Store
}

const test = suite<Context>('local')
const at = '2001-06-15T12:15:00Z'
const one = { id: 1n, live: true }

test.before.each(async context => {
  context.folder = await mkdtemp(join(tmpdir(), 'meridian-local-'))
  context.database = join(context.folder, 'data.duckdb')
  await writeFile(join(context.folder, 'features.ts'), features)
  await inDatabase(context.database, tables)
  const options = { root: context.folder, definitions: 'features.ts', output: 'generated', name: 'things' }
  assert.equal((await build(options)).diagnostics, [])
  context.store = await connect(join(context.folder, 'generated'), { duckdb: { path: context.database } })
})

test.after.each(async ({ folder, store }) => {
  await store.close()
  await rm(folder, { recursive: true })
})

async function inDatabase(path: string, sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(path)
  const connection = await instance.connect()
  await connection.run("SET TimeZone = 'UTC'")
  await connection.run(sql)
  connection.closeSync()
  instance.closeSync()
}

const values = {
  last_n: 1,
  last_big: 9007199254740993n,
  last_safe: 7,
  last_real: Number.NaN,
  last_price: '1.50',
  last_name: '',
  last_raw: new Uint8Array([0, 255]),
  last_doc: { a: [1, null] },
  last_place: new Float32Array([1, 2.5, -3]),
  last_names: ['ü', null, ''],
  last_times: [new Date('1969-12-31T23:59:59.999Z')],
  last_bigs: [9007199254740993n, null],
  last_live: true,
  last_at: new Date('2001-06-15T12:00:00Z'),
  total: 9007199254740993n,
  paid: '1.50',
  n: 0,
  ns: 1,
}

/** The same, with NaN equal to itself and bigint told from number. */
function same(actual: unknown, expected: unknown): void {
  assert.equal(shown(actual), shown(expected))
}

function shown(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'bigint') return `${typeof value} ${value}`
  if (value instanceof Date) return value
  if (ArrayBuffer.isView(value)) return [value.constructor.name, ...(value as Uint8Array)]
  if (Array.isArray(value)) return value.map(shown)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shown(inner)]))
}

test('a value of each type is the same stored, computed and in training data', async ({ store }) => {
  await store.materialize(undefined, { at })
  const found = await store.view('stored').get(one, { at })
  same(found, values)
  const spine = [{ ...one, event_timestamp: at }]
  for (const accuracy of ['exact', 'as_served'] as const) {
    const [row] = await store.view('stored').trainingData({ spine, accuracy }).toArray()
    same(row, { ...one, event_timestamp: new Date(at), ...values })
  }
  same(await store.view('computed').get(one, { at }), {
    name_now: '',
    doc_now: values.last_doc,
    place_now: values.last_place,
    times_now: values.last_times,
    hour_of_last: 12,
    seen: 1,
  })
})

test('training data of each type survives Parquet', async ({ store, folder }) => {
  const spine = [{ ...one, event_timestamp: at, note: 'x' }]
  const path = join(folder, 'training.parquet')
  await store.view('stored').trainingData({ spine }).toParquet(path)
  const [row] = await store.view('computed').trainingData({ spine: path }).toArray()
  same(
    [row?.last_price, row?.last_big, row?.last_name, row?.note, row?.last_raw, row?.last_at],
    ['1.50', 9007199254740993n, '', 'x', new Uint8Array([0, 255]), new Date('2001-06-15T12:00:00Z')],
  )
})

test('an int64 key is one key, as a bigint or a number; a null one finds nothing', async ({ store }) => {
  await store.materialize(undefined, { at })
  const service = store.service('both')
  const keys = [one, { id: 1, live: true }, { id: 9007199254740993n, live: false }, { id: null, live: true }]
  const rows = await service.getMany(keys, { at })
  same(rows[1], rows[0])
  assert.equal([rows[2]?.total, rows[2]?.name_now, rows[2]?.seen], [-5n, 'nobody', 1])
  assert.equal([rows[3]?.total, rows[3]?.name_now, rows[3]?.seen], [null, 'nobody', 0])
  const tooLarge = 2 ** 53
  await failure('key.invalid', () => service.get({ id: tooLarge, live: true }))
  await failure('key.invalid', () => service.get({ id: 2n ** 63n, live: true }))
  await failure('key.invalid', () => service.get({ id: 1n, live: 1 }))
})

test('a spine may give int64 keys as numbers, and narrower or wider columns', async ({ store }) => {
  const totals = async (spine: Parameters<ReturnType<Store['view']>['trainingData']>[0]['spine']) =>
    (await store.view('stored').trainingData({ spine }).columns()).total
  assert.equal(await totals([{ id: 1, live: true, event_timestamp: at }]), [9007199254740993n])
  const sql = (type: string) =>
    `SELECT 1::${type} AS id, true AS live, TIMESTAMP '2001-06-15 12:15:00' AS event_timestamp`
  for (const type of ['UTINYINT', 'HUGEINT']) assert.equal(await totals({ sql: sql(type) }), [9007199254740993n])
  await failure('spine.invalid', () => totals({ sql: sql('DOUBLE') }))
})

const probe = fileURLToPath(new URL('zone-probe.ts', import.meta.url))

function probeIn(zone: string, { folder, database }: Context): Promise<string> {
  const node = ['--import', import.meta.resolve('tsx'), '-C', 'meridian-source']
  const child = spawn(process.execPath, [...node, probe, join(folder, 'generated'), database], {
    env: { ...process.env, TZ: zone },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    output += text
  })
  return new Promise((resolve, reject) => child.on('error', reject).on('close', () => resolve(output)))
}

test("a process in another time zone finds the same, for the database's zoned and naive instants", async context => {
  await context.store.close()
  for (const zone of ['America/New_York', 'Asia/Kathmandu']) {
    const found = JSON.parse(await probeIn(zone, context))
    assert.equal(found, {
      tick: '2001-06-15T12:15:00.000Z',
      rows: 2,
      stored: '2001-06-15T12:00:00.000Z',
      computed: 12,
      training: [['2001-06-15T12:15:00.000Z', '2001-06-15T12:00:00.000Z']],
    })
  }
})

test('training jobs at once do not disturb each other, nor reads beside them', async ({ store }) => {
  await store.materialize(undefined, { at })
  const spineOf = (job: number) =>
    Array.from({ length: 50 * (job + 1) }, (_, index) => ({ id: index % 3, live: true, event_timestamp: at, job }))
  const jobs = Array.from({ length: 6 }, (_, job) => {
    const view = store.view(job % 2 === 0 ? 'stored' : 'computed')
    return view.trainingData({ spine: spineOf(job) }).columns()
  })
  const reads = Array.from({ length: 6 }, () => store.service('both').get(one, { at }))
  const [results, rows] = await Promise.all([Promise.all(jobs), Promise.all(reads)])
  for (const [job, columns] of results.entries()) {
    assert.equal(columns.job, new Array(50 * (job + 1)).fill(job))
    const expected = columns.id?.map(id => (id === 1n ? 'ü' : null))
    const names = columns.last_names ?? []
    if (job % 2 === 0)
      assert.equal(
        names.map(list => (list as string[] | null)?.[0] ?? null),
        expected,
      )
  }
  for (const row of rows) assert.equal([row.total, row.seen], [9007199254740993n, 1])
})

test.run()
