/**
 * Functions between the store and the answer, and between the joins of training data: the same values, in both modes.
 * One file because all tests ask one project, whose servers are started once.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { Redis } from 'ioredis'
import pg from 'pg'
import * as assert from 'uvu/assert'
import { exact } from '../properties/exact.ts'
import { failure } from './shop.ts'
import { inBothModes } from './trips.ts'

const at = '2001-06-15T12:15:00Z'
const trip = { origin: 'SEA', destination: 'PDX', carrier_id: 7, distance: 200, price: '150.5' }

const expected = {
  origin_landings_2h: 2,
  origin_avg_delay_1d: 21,
  origin_last_fare: '99.99',
  origin_last_at: new Date('2001-06-15T12:10:00.000Z'),
  destination_avg_delay_1d: -5,
  per_100mi: 10.5,
  busier: false,
  dearer: '70.50',
  since: 300_000,
  picky: 200,
  picky_or_zero: 1,
  doubled: 400,
  per_mile: 3.105,
}

/** Without what follows from chance. */
function certain({ chance, ...rest }: Record<string, unknown>): Record<string, unknown> {
  assert.ok((chance as number) >= 0 && (chance as number) < 11)
  return rest
}

inBothModes(test => {
  test('one call answers features of two roles of a view, of functions, and of functions over functions', async ({
    store,
  }) => {
    await store.materialize('airport_stats', { at })
    const found = await store.service('trips').get(trip, { at })
    assert.equal(certain(found), expected)
    const declared = Object.keys(store.manifest.services.trips?.answer ?? {}).length
    assert.is(Object.keys(found).length, declared)
    assert.equal(
      Object.keys(found),
      store.manifest.services.trips?.answer.map(({ name }) => name),
    )
    const [nowhere, again] = await store
      .service('trips')
      .getMany([{ ...trip, origin: null, destination: 'LAX', carrier_id: -1 }, trip], { at })
    assert.equal(certain(again as Record<string, unknown>), expected)
    assert.equal(certain(nowhere as Record<string, unknown>), {
      origin_landings_2h: 0,
      origin_avg_delay_1d: null,
      origin_last_fare: '0.00',
      origin_last_at: null,
      destination_avg_delay_1d: null,
      per_100mi: 0,
      busier: false,
      dearer: '150.50',
      since: null,
      picky: 200,
      picky_or_zero: 1,
      doubled: 400,
      per_mile: 0,
    })
  })

  test('training data have the same values, in each way out of them', async ({ store, folder }) => {
    await store.materialize('airport_stats', { at })
    const spine = [
      { ...trip, event_timestamp: at, label: true },
      { ...trip, origin: 'PDX', destination: null, event_timestamp: at, label: false },
      { ...trip, event_timestamp: at, label: null },
    ]
    const online = await store.service('trips').getMany(
      spine.map(({ event_timestamp: _, label: __, ...request }) => request),
      { at },
    )
    const data = store.service('trips').trainingData({ spine, accuracy: 'as_served' })
    const rows = await data.toArray()
    const features = Object.keys(online[0] ?? {})
    const pick = (row: Record<string, unknown>) => Object.fromEntries(features.map(name => [name, row[name]]))
    assert.equal(rows.map(pick), online)
    assert.equal(certain(pick(rows[0] as Record<string, unknown>)), expected)
    assert.equal([rows[0]?.price, rows[0]?.distance, rows[1]?.label], ['150.50', 200, false])
    assert.equal(
      (await data.columns()).per_mile,
      rows.map(({ per_mile }) => per_mile),
    )
    const path = join(folder, 'training.parquet')
    assert.is((await data.toParquet(path)).rows, 3)
    const reader = await (await (await DuckDBInstance.create()).connect()).runAndReadAll(`FROM '${path}'`)
    assert.equal(
      reader.getRowObjectsJS().map(row => [row.doubled, row.busier, row.chance]),
      rows.map(row => [row.doubled, row.busier, row.chance]),
    )
    // Chance is of the row and of nothing else.
    assert.is(rows[0]?.chance, rows[2]?.chance)
    assert.is.not(rows[0]?.chance, rows[1]?.chance)
  })

  test('a view by itself, and what only a function reads', async ({ store }) => {
    await store.materialize('airport_stats', { at })
    const risk = await store.onDemandView('risk').get(trip, { at })
    assert.equal([risk.per_100mi, risk.dearer], [10.5, '70.50'])
    const { chance } = await store.service('trips').get(trip, { at })
    assert.is(risk.chance, chance)
    const spine = [{ ...trip, event_timestamp: at }]
    const [row] = await store.onDemandView('risk').trainingData({ spine }).toArray()
    assert.equal([row?.per_100mi, row?.dearer, row?.chance], [10.5, '70.50', chance])
    assert.equal(await store.service('doubled').get(trip, { at }), { doubled: 400 })
    assert.equal((await store.service('doubled').trainingData({ spine }).toArray())[0]?.doubled, 400)
    await failure('name.unknown', () => store.onDemandView('airport_stats'))
    await failure('name.unknown', () => store.onDemandView('constructor'))
  })

  test('each value with its status and where it came from', async ({ store }) => {
    await store.materialize('airport_stats', { at })
    const found = await store.service<typeof trip, Record<string, unknown>>('trips').get(trip, { at, status: true })
    const tick = new Date(at)
    assert.equal(found.origin_landings_2h, {
      value: 2,
      status: 'present',
      source: 'stored',
      tick,
      eventTimestamp: null,
    })
    const computed = { status: 'present', source: 'computed', tick: null, eventTimestamp: null }
    assert.equal(found.doubled, { value: 400, ...computed })
    assert.equal(found.picky_or_zero, { value: 1, ...computed })
    const [other] = await store
      .service<typeof trip, Record<string, unknown>>('trips')
      .getMany([{ ...trip, origin: 'LAX', distance: 15 }], { at, status: true })
    assert.equal([other?.since?.value, other?.since?.status, other?.since?.source], [null, 'null', 'computed'])
    const { picky_or_zero, origin_last_fare } = other ?? {}
    assert.equal([picky_or_zero?.value, picky_or_zero?.status, picky_or_zero?.source], [0, 'null', 'default'])
    assert.equal([origin_last_fare?.value, origin_last_fare?.status], ['0.00', 'missing'])
    assert.is(origin_last_fare?.source, 'default')
  })

  test('a function that throws spoils its own feature, and what reads it', async ({ store }) => {
    await store.materialize('airport_stats', { at })
    const bad = { ...trip, distance: 13 }
    const found = await store.service('trips').get(bad, { at })
    assert.equal([found.per_100mi, found.picky_or_zero, found.dearer], [21 / 0.13, 0, '70.50'])
    const own = await failure('feature.failed', () => found.picky)
    assert.equal(own.details, { view: 'risk', feature: 'picky', problem: 'not thirteen' })
    assert.instance(own.cause, RangeError)
    const reader = await failure('feature.failed', () => found.doubled)
    assert.equal([reader.details.view, reader.details.feature], ['score', 'doubled'])
    assert.is((reader.cause as Error).message, own.message)
    // Whoever copies an answer reads all of it.
    await failure('feature.failed', () => ({ ...found }))
    await failure('feature.failed', () => JSON.stringify(found))
    const details = await store.service<typeof trip, Record<string, unknown>>('trips').get(bad, { at, status: true })
    assert.equal([details.picky?.status, details.picky?.source], ['failed', 'computed'])
    assert.is(details.picky?.error?.message, own.message)
    await failure('feature.failed', () => details.picky?.value)
    assert.ok(JSON.stringify(details).includes('"status":"failed"'))
    const { picky_or_zero } = details
    assert.equal([picky_or_zero?.value, picky_or_zero?.status, picky_or_zero?.source], [0, 'failed', 'default'])
    assert.is(picky_or_zero?.error?.code, 'feature.failed')
  })

  test('what is not of its declared type is a failure', async ({ store }) => {
    const found = await store.service('trips').get({ ...trip, distance: 14 }, { at })
    const { message } = await failure('feature.failed', () => found.picky)
    assert.is(message, 'feature "picky" of "risk" failed: must be int32, and is 1.5')
  })

  test('training data never have a null for a function that failed', async ({ store }) => {
    const spine = [
      { ...trip, event_timestamp: at },
      { ...trip, distance: 13, event_timestamp: at },
    ]
    const { message, details, cause } = await failure('training.failed', () =>
      store.service('trips').trainingData({ spine }).toArray(),
    )
    assert.is(
      message,
      'the training data could not be computed: feature "picky" of "risk" failed: not thirteen (for origin = SEA, destination = PDX, carrier_id = 7, event_timestamp = 2001-06-15T12:15:00.000Z)',
    )
    assert.equal(
      [details.view, details.feature, details.keys],
      ['risk', 'picky', { origin: 'SEA', destination: 'PDX', carrier_id: 7 }],
    )
    assert.is((cause as { code?: string }).code, 'feature.failed')
    const rows = await store
      .onDemandView('score')
      .trainingData({ spine: spine.slice(0, 1) })
      .toArray()
    assert.is(rows[0]?.doubled, 400)
    // The store works on.
    assert.is(
      (
        await store
          .service('doubled')
          .trainingData({ spine: spine.slice(0, 1) })
          .toArray()
      ).length,
      1,
    )
  })

  test('request data are checked before any work, all problems at once', async ({ store }) => {
    const service = store.service('trips')
    const ask = (request: Record<string, unknown>) => service.get(request, { at })
    const { message, details } = await failure('request.invalid', () =>
      ask({ origin: 'SEA', destination: 'PDX', carrier_id: 7, distance: 1.5, prise: '1' }),
    )
    assert.equal(details.problems, [
      '"distance" must be int32, and is 1.5',
      '"price" is missing',
      '"prise" is neither a join key nor request data',
    ])
    assert.match(message, 'distance: int32, price: decimal(12, 2) }')
    for (const price of [null, '1.005', '12345678901.00', 'a', 1, undefined])
      await failure('request.invalid', () => ask({ ...trip, price }))
    for (const distance of [null, '1', 2 ** 31, Number.NaN])
      await failure('request.invalid', () => service.getMany([trip, { ...trip, distance }], { at }))
    // What is wrong with a key is told first, with all the rest.
    const both = await failure('key.invalid', () => ask({ ...trip, carrier_id: 'x', price: 1 }))
    assert.is((both.details.problems as string[]).length, 2)
    await failure('key.invalid', () => ask({ ...trip, origin: undefined }))
  })

  test('a spine without good request data is refused before any work', async ({ store, folder }) => {
    const train = (spine: unknown) =>
      store
        .service('trips')
        .trainingData({ spine: spine as never })
        .toArray()
    const { message } = await failure('spine.invalid', () =>
      train([{ origin: 'SEA', event_timestamp: at, per_mile: 1 }]),
    )
    for (const name of ['destination', 'carrier_id', 'distance', 'price']) assert.match(message, `"${name}" is missing`)
    assert.match(message, '"per_mile" has the name of a feature')
    const row = { ...trip, event_timestamp: at }
    const nulls = await failure('spine.invalid', () =>
      train([row, { ...row, price: null }, { ...row, event_timestamp: null, price: undefined }]),
    )
    assert.match(nulls.message, 'price is null in 2 rows, the first at 1, 2')
    assert.match(nulls.message, 'event_timestamp is null in 1 row, the first at 2')
    const value = await failure('spine.invalid', () => train([{ ...row, distance: 1.5, price: '0.001' }]))
    assert.match(value.message, '"distance" is 1.5 and must be int32')
    assert.match(value.message, '"price" is "0.001" and must be decimal(12, 2)')
    const columns = `'SEA' AS origin, 'PDX' AS destination, 7 AS carrier_id, TIMESTAMP '2001-06-15 12:15:00' AS event_timestamp`
    const typed = await failure('spine.invalid', () =>
      train({ sql: `SELECT ${columns}, 'far' AS distance, CAST(1.005 AS DECIMAL(12, 3)) AS price` }),
    )
    assert.match(typed.message, /"distance" is .* and must be int32/)
    assert.match(typed.message, /"price" is .* and must be decimal\(12, 2\)/)
    const none = await failure('spine.invalid', () =>
      train({ sql: `SELECT ${columns}, CAST(NULL AS INTEGER) AS distance, 1 AS price` }),
    )
    assert.match(none.message, 'distance is null in 1 row, the first at 0')
    const path = join(folder, 'spine.csv')
    await writeFile(path, `origin,destination,carrier_id,distance,price,event_timestamp\nSEA,PDX,7,200,150.5,${at}\n`)
    const [first] = await train(path)
    assert.equal([first?.per_100mi, first?.dearer, first?.price], [10.5, '70.50', '150.50'])
  })

  test('one round trip to the store, for each key of a view once', async ({ store, servers }) => {
    if (!servers) return
    await store.materialize('airport_stats', { at })
    const redis = new Redis(servers.redis)
    const count = async (work: () => Promise<unknown>) => {
      await redis.config('RESETSTAT')
      await work()
      const stats = await redis.info('commandstats')
      const hits = /keyspace_hits:(\d+)/.exec(await redis.info('stats'))?.[1]
      const reads = [...stats.matchAll(/cmdstat_(\w+):calls=(\d+)/g)].filter(([, name]) => /get/.test(name ?? ''))
      return [reads.map(([, name, calls]) => [name, Number(calls)]), Number(hits)]
    }
    const service = store.service('trips')
    assert.equal(await count(() => service.get(trip, { at })), [[['mget', 1]], 2])
    assert.equal(await count(() => service.get({ ...trip, destination: 'SEA' }, { at })), [[['mget', 1]], 1])
    assert.equal(await count(() => store.service('doubled').get(trip, { at })), [[['mget', 1]], 2])
    assert.equal(await count(() => service.getMany([trip, { ...trip, origin: 'PDX' }], { at })), [[['mget', 1]], 3])
    redis.disconnect()
  })

  test('a deadline covers lookups, which are cancelled, and functions', async ({ store, open, servers }) => {
    const started = performance.now()
    const late = await failure('deadline.exceeded', () =>
      store.service('lateness').get({ airport: 'SEA' }, { at, timeout: 300 }),
    )
    assert.ok(performance.now() - started < 3_000)
    assert.equal(late.details, { timeout: 300 })
    if (servers) {
      const client = new pg.Client(servers.postgres)
      await client.connect()
      const running = `SELECT count(*)::int AS n FROM pg_stat_activity
        WHERE datname = current_database() AND state = 'active' AND query LIKE '%slow_rows%' AND pid <> pg_backend_pid()`
      const count = async () => (await client.query<{ n: number }>(running)).rows[0]?.n
      for (let tries = 0; (await count()) !== 0; tries += 1) {
        assert.ok(tries < 50, 'the lookup still runs')
        await new Promise(resolve => setTimeout(resolve, 100))
      }
      await client.end()
    }
    const waiting = store.onDemandView('waiting')
    assert.is((await waiting.get({ loops: 3 }, { at, timeout: 10_000 })).second, 3)
    await failure('deadline.exceeded', () => waiting.get({ loops: 200_000_000 }, { at, timeout: 20 }))
    await failure('deadline.exceeded', () => waiting.get({ loops: 1 }, { at, timeout: 0 }))
    const impatient = await open({ timeout: 20 })
    const other = impatient.onDemandView('waiting')
    await failure('deadline.exceeded', () => other.getMany([{ loops: 200_000_000 }], { at }))
    assert.is((await other.get({ loops: 3 }, { at, timeout: 10_000 })).first, Math.SQRT2 + 1)
    // A view without functions keeps to it too.
    assert.is((await impatient.view('airport_stats').get({ airport: 'SEA' }, { at, timeout: 5_000 })).landings_2h, 0)
  })

  const values = [
    {
      b: true,
      i: -2147483648,
      l: 9223372036854775807n,
      n: Number.MAX_SAFE_INTEGER,
      f: Number.NaN,
      d: '-0.5',
      s: 'it\'s "é\t\\N日本',
      at: new Date('1969-12-31T23:59:59.999Z'),
      x: Buffer.from([0, 255, 92]),
      j: { z: [1, -0, { 'a"\\': null }], undefined: undefined, a: 'é\n' },
      fs: [1.5, null, Number.NEGATIVE_INFINITY],
      ats: [new Date(0), null],
      ss: ['', 'NULL', '{",\\}', null, 'é'],
      v: Float32Array.of(1.1, -0, 3e38),
    },
    {
      b: false,
      i: -0,
      l: -9223372036854775808n,
      n: -1,
      f: -0,
      d: '00012.3',
      s: '',
      at: new Date('2001-06-15T12:00:00.001Z'),
      x: new Uint8Array(0),
      j: 'text',
      fs: [],
      ats: [],
      ss: [],
      v: Float32Array.of(0, 1, 2),
    },
    {
      b: false,
      i: 1,
      l: 0n,
      n: 0,
      f: 5e-324,
      d: '9999999999.99',
      s: '\\.',
      at: new Date('9999-12-31T23:59:59.999Z'),
      x: new Uint8Array([1]),
      j: [1e21, 0.1],
      fs: [Number.NaN, -0, 0.1],
      ats: [new Date(-1)],
      ss: ['a'],
      v: Float32Array.of(1, 2, 3),
    },
  ]

  test('values of every type are the same, bit for bit, online and offline', async ({ store }) => {
    await store.materialize('airport_stats', { at })
    const service = store.service('echoes')
    const requests = values.map(value => ({ airport: 'SEA', ...value }))
    const online = await service.getMany(requests, { at })
    const spine = requests.map(request => ({ ...request, event_timestamp: at }))
    const offline = await service.trainingData({ spine }).toArray()
    assert.is(offline.length, values.length)
    for (const [index, found] of online.entries())
      for (const [name, value] of Object.entries(found)) same(offline[index]?.[name], value, `${index} ${name}`)
    same(online[0]?.echo_d, '-0.50', 'a decimal has all its digits')
    same(online[1]?.echo_d, '12.30', 'a decimal has no zeros before it')
    same(online[1]?.echo_i, 0, 'an integer has no sign of zero')
    same(online[1]?.echo_f, -0, 'a float has')
    same(online[0]?.echo_j, { z: [1, 0, { 'a"\\': null }], a: 'é\n' }, 'JSON is what JSON keeps')
    same(online[0]?.echo_x, Uint8Array.of(0, 255, 92), 'bytes are no Buffer')
  })

  test('values that an engine would not keep are refused online too', async ({ store }) => {
    const echo = store.onDemandView('echo')
    const good = values[2] as (typeof values)[number]
    await echo.get(good, { at })
    for (const wrong of [
      { s: 'a\0b' },
      { s: '\ud800' },
      { j: { a: Number.NaN } },
      { j: [new Date(0)] },
      { j: 1n },
      { j: null },
      { at: new Date(Number.NaN) },
      { l: 1n << 63n },
      { n: 2 ** 53 },
      { v: Float32Array.of(1, 2) },
      { fs: 'abc' },
      { ats: ['2001-01-01'] },
      { x: 'ff' },
      { b: 1 },
    ])
      await failure('request.invalid', () => echo.get({ ...good, ...wrong }, { at }))
  })

  test('an empty spine, and one of more rows than are computed together', async ({ store }) => {
    const service = store.service('trips')
    assert.equal(await service.trainingData({ spine: [] }).toArray(), [])
    const count = 20_000
    const rows = function* () {
      for (let index = 0; index < count; index += 1)
        yield { ...trip, origin: index % 3 === 0 ? 'SEA' : 'PDX', distance: 100 + index, event_timestamp: at }
    }
    const { doubled, per_100mi } = await service.trainingData({ spine: rows() }).columns()
    assert.equal(
      doubled,
      Array.from({ length: count }, (_, index) => 2 * (100 + index)),
    )
    assert.is((per_100mi as number[])[3], 21 / 1.03)
  })

  test('work that is aborted ends', async ({ store }) => {
    const aborting = new AbortController()
    const rows = function* () {
      for (let index = 0; index < 200_000; index += 1) yield { loops: 20_000, event_timestamp: at }
    }
    const data = store.onDemandView('waiting').trainingData({
      spine: rows(),
      signal: aborting.signal,
      onProgress: ({ fraction }) => {
        if (fraction > 0 && !aborting.signal.aborted) aborting.abort()
      },
    })
    setTimeout(() => aborting.abort(), 1_500)
    const started = performance.now()
    await failure('aborted', () => data.toArray())
    assert.ok(performance.now() - started < 10_000)
  })
})

function same(actual: unknown, wanted: unknown, what: string): void {
  assert.is(exact(actual), exact(wanted), what)
}
