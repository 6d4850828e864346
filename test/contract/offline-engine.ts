/**
 * What every offline engine must do, whatever runs its statements. One file because the tests share a session, its
 * relations and the statements of a view.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { WireType } from '../../runtime/contract.ts'
import { MeridianError } from '../../runtime/errors.ts'
import { DuckDBEngine } from '../../runtime/offline/duckdb.ts'
import type { ColumnTypes, OfflineEngine, Parameters, Session, Spine, SpineRow } from '../../runtime/offline/engine.ts'
import type { Dialect } from './offline-dialects.ts'
import { cases, moreTexts, texts } from './offline-values.ts'

/** An engine on an empty database. */
export interface Opened {
  readonly engine: OfflineEngine
  /** How many statements the server is running, where there is one. */
  readonly running?: () => Promise<number>
  readonly close: () => Promise<void>
}

interface Work extends Opened {
  readonly session: Session
  readonly folder: string
}

const k = { name: 'k', type: { type: 'string' } } as const
const shop = { name: 'shop', type: { type: 'int32' } } as const
const request = { keys: [k, shop], features: ['greatest_n', 'early'] }
const none: ColumnTypes = new Map()

export async function rowsOf(
  session: Session,
  sql: string,
  types: ColumnTypes = none,
  stored = false,
  parameters: Parameters = {},
): Promise<unknown[][]> {
  const { names, chunks } = await session.stream(sql, parameters, types, stored)
  const rows: unknown[][] = []
  for await (const { rowCount, columns } of chunks) {
    assert.is(columns.length, names.length)
    for (let row = 0; row < rowCount; row += 1) rows.push(columns.map(column => column[row]))
  }
  return rows
}

export async function codeOf(work: () => Promise<unknown>): Promise<MeridianError> {
  try {
    await work()
  } catch (error) {
    assert.instance(error, MeridianError, String(error))
    return error as MeridianError
  }
  throw new Error('nothing failed')
}

/** Equal, with -0 apart from 0, NaN the same as itself. */
function same(found: unknown, expected: unknown, what: string): void {
  if (typeof expected === 'number') assert.ok(Object.is(found, expected), `${what}: ${found} is not ${expected}`)
  else assert.equal(found, expected, what)
}

/** Registers the suite. */
export function offlineEngineContract(dialect: Dialect, open: () => Promise<Opened>): void {
  const test = suite(`offline engine: ${dialect.name}`)
  const sql = (type: WireType) => dialect.type(type)
  const event = (name: string, shopNumber: number, n: string, at: string) =>
    `SELECT '${name}' AS k, ${shopNumber} AS shop, ${n}::BIGINT AS n, TIMESTAMP '${at}' AS at`
  const events = {
    name: 'events',
    snapshot: null,
    statement: `CREATE OR REPLACE TEMP VIEW events AS ${[
      event('ada', 1, '1', '2001-06-15 12:00:00'),
      event('ada', 1, '2', '2001-06-15 12:10:00.000001'),
      event('ada', 1, '9007199254740993', '2001-06-15 13:00:00'),
      event('ada', 2, '7', '2001-06-15 12:00:00'),
      event('é"\\', 1, '-5', '1969-12-31 23:59:59.999999'),
    ].join(' UNION ALL ')}`,
  }
  const asServed = dialect.parameter('as_served', 'boolean')
  const pointInTime = `
    SELECT
      spine.__row,
      max(e.n) AS greatest_n,
      max(CASE WHEN ${asServed} THEN NULL ELSE e.at END) AS early
    FROM spine
    LEFT JOIN events AS e ON e.k = spine.k AND e.shop = spine.shop AND e.at <= spine.event_timestamp
    GROUP BY spine.__row`
  const training = (columns: string) => `
    SELECT ${columns}, f.greatest_n
    FROM spine JOIN v__features AS f ON f.__row = spine.__row
    ORDER BY spine.__row`

  const given = (work: (work: Work) => Promise<void>) => async () => {
    const folder = await mkdtemp(join(tmpdir(), 'meridian-contract-'))
    const opened = await open()
    try {
      const session = await opened.engine.session([events])
      try {
        await work({ ...opened, session, folder })
      } finally {
        session.release()
      }
    } finally {
      await opened.close()
      await rm(folder, { recursive: true, force: true })
    }
  }

  /** DuckDB reads what was written. */
  async function read(folder: string, statement: string, types: ColumnTypes = none, stored = false) {
    const engine = await DuckDBEngine.open(folder)
    const session = await engine.session([])
    try {
      return await rowsOf(session, statement, types, stored)
    } finally {
      session.release()
      await engine.close()
    }
  }

  const rows: readonly SpineRow[] = [
    { k: 'ada', shop: 1, event_timestamp: '2001-06-15T12:10:00Z', label: true, note: 'a' },
    { k: 'ada', shop: 1, event_timestamp: new Date('2001-06-15T14:00:00Z'), label: null, note: '' },
    { k: null, shop: 1, event_timestamp: '2001-06-15T12:10:00Z', label: false, note: null },
    { k: 'é"\\', shop: 1, event_timestamp: '1969-12-31T23:59:59.999999Z', label: false, note: '\\.' },
    { k: 'ada', shop: 2, event_timestamp: '2001-06-15T14:10:00.000001+02:00', label: true, note: 'e\n\t"' },
    { k: 'ada', shop: 1, event_timestamp: '2001-06-15T12:10:00.000001Z', label: true, note: 'a' },
    { k: 'ada', shop: 1, event_timestamp: '2001-06-15T12:10:00Z', label: true, note: 'a' },
  ]
  const answers = [1n, 9007199254740993n, null, -5n, 7n, 2n, 1n]
  const expected = rows.map((row, index) => [row.k, row.shop, row.label, row.note, answers[index]])

  async function train(session: Session, spine: Spine): Promise<unknown[][]> {
    assert.is(await session.loadSpine(spine, request), rows.length)
    await session.createTemporary('v__features', pointInTime, { as_served: false })
    return rowsOf(session, training('spine.k, spine.shop, spine.label, spine.note'))
  }

  test(
    'training data are the rows of the spine, in order, with duplicates, from each form of it',
    given(async ({ session, folder, engine }) => {
      assert.equal(await train(session, rows), expected)
      const trickle = async function* () {
        yield* rows
      }
      assert.equal(await train(session, trickle()), expected)
      const whole =
        'SELECT spine.k, spine.shop, spine.event_timestamp, spine.label, spine.note FROM spine ORDER BY __row'
      const paths = { parquet: join(folder, "it's.parquet"), csv: join(folder, 'spine.csv') }
      assert.is(await session.copy(whole, {}, paths.parquet, 'parquet'), rows.length)
      assert.is(await session.copy(whole, {}, paths.csv, 'csv'), rows.length)
      assert.is(await session.createTable(whole, {}, 'spine table'), rows.length)
      session.release()
      for (const spine of [
        { parquet: paths.parquet },
        { csv: paths.csv },
        { table: 'spine table' },
        { sql: 'SELECT * FROM "spine table";\n' },
      ]) {
        const other = await engine.session([events], { forTraining: true })
        // To a reader that is told nothing, empty text of a CSV file is null.
        const kept = 'csv' in spine ? expected.map(row => row.map(value => (value === '' ? null : value))) : expected
        assert.equal(await train(other, spine), kept, JSON.stringify(spine))
        other.release()
      }
    }),
  )

  test(
    'parameters of a statement: an accuracy, and instants to the microsecond on both sides of the epoch',
    given(async ({ session }) => {
      await session.loadSpine(rows, request)
      const early = async (accuracy: boolean) => {
        await session.createTemporary('v__features', pointInTime, { as_served: accuracy })
        return rowsOf(session, 'SELECT early FROM v__features WHERE early IS NOT NULL')
      }
      assert.is((await early(true)).length, 0)
      assert.is((await early(false)).length, 6)
      const echo = `SELECT ${dialect.parameter('as_of', 'timestamp')} AS a`
      const types: ColumnTypes = new Map([['a', { type: 'timestamp' }]])
      for (const instant of [0n, -1n, 992606400000001n, -62135596800000000n, 253402300799999999n])
        assert.equal(await rowsOf(session, echo, types, true, { as_of: instant }), [[instant]])
    }),
  )

  test(
    'a value of each type, and null, in rows, for the codec, in Parquet and in CSV',
    given(async ({ session, folder }) => {
      for (const [index, { type, sql: literal, value, stored }] of cases.entries()) {
        const what = `${JSON.stringify(type)} ${literal(dialect).slice(0, 80)}`
        const types: ColumnTypes = new Map([['v', type]])
        const statement = `SELECT v FROM (SELECT 0 AS i, ${literal(dialect)} AS v UNION ALL SELECT 1, CAST(NULL AS ${sql(type)})) AS t ORDER BY i`
        for (const [mode, wanted] of [
          [false, value],
          [true, stored === undefined ? value : stored],
        ] as const) {
          const [[found] = [], [missing] = []] = await rowsOf(session, statement, types, mode)
          same(found, wanted, what)
          assert.is(missing, null)
        }
        const path = join(folder, `${index}.parquet`)
        assert.is(await session.copy(statement, {}, path, 'parquet'), 2)
        const [[found] = [], [missing] = []] = await read(folder, `FROM read_parquet('${path}')`, types, true)
        same(found, stored === undefined ? value : stored, `${what} in Parquet`)
        assert.is(missing, null)
      }
      const path = join(folder, 'texts.csv')
      const all = [...texts, ...moreTexts]
      const union = all.map((text, i) => `SELECT ${i} AS i, '${text.replaceAll("'", "''")}' AS v`).join(' UNION ALL ')
      await session.copy(
        `SELECT v, i FROM (${union} UNION ALL SELECT ${all.length}, NULL) AS t ORDER BY i`,
        {},
        path,
        'csv',
      )
      const csv = `FROM read_csv('${path}', header = true, allow_quoted_nulls = false, columns = {v: 'VARCHAR', i: 'INTEGER'})`
      assert.equal(
        await read(folder, `SELECT v ${csv}`),
        [...all, null].map(text => [text]),
      )
    }),
  )

  test(
    'a spine of every text and number comes back as it was, from rows and from a file',
    given(async ({ session, folder }) => {
      const numbers = [0, -0, 0.1, Number.NaN, Infinity, -Infinity, Number.MAX_VALUE, 5e-324, null]
      const wide = [2n ** 63n - 1n, -(2n ** 63n), 0n, null]
      const awkward = [...texts, ...moreTexts, null].map((note, index) => ({
        k: note,
        shop: index === 0 ? -2147483648 : index,
        event_timestamp: new Date(-index),
        number: numbers[index % numbers.length] as number,
        wide: wide[index % wide.length] as bigint,
        flag: [true, false, null][index % 3] as boolean,
        happened: index % 2 === 0 ? new Date(Date.UTC(1, 0, index)) : null,
        nothing: null,
      }))
      const check = async () => {
        const select =
          'SELECT k, shop, event_timestamp, number, wide, flag, happened, nothing FROM spine ORDER BY __row'
        const found = await rowsOf(session, select)
        const kept = awkward.map(row => Object.values(row))
        assert.equal(found, kept)
        for (const [index, row] of found.entries()) same(row[3], kept[index]?.[3], `number of row ${index}`)
        return select
      }
      await session.loadSpine(awkward, request)
      const path = join(folder, 'awkward.parquet')
      await session.copy(await check(), {}, path, 'parquet')
      await session.loadSpine({ parquet: path }, request)
      await check()
    }),
  )

  test(
    'a file of every type is a spine whose columns come back in a file',
    given(async ({ session, folder }) => {
      const path = join(folder, 'types.parquet')
      const columns = `'ada' AS k, 1::TINYINT AS shop, TIMESTAMPTZ '2001-06-15 12:00:00.000001+00' AS event_timestamp,
        1::UTINYINT AS a, 65535::USMALLINT AS b, 4294967295::UINTEGER AS c, 18446744073709551615::UBIGINT AS d, 0.1::FLOAT AS e,
        1.50::DECIMAL(12,2) AS f, DATE '1969-12-31' AS g, TIME '12:00:00.000001' AS h, TIMESTAMPTZ '1969-12-31 23:59:59.999999+00' AS i,
        '00000000-0000-0000-0000-000000000001'::UUID AS j, '{"a": 1}'::JSON AS k2, '\\x00\\xFF'::BLOB AS l, [1::BIGINT, NULL] AS m,
        ['a,"\\', NULL, ''] AS n, ['\\x00\\x22'::BLOB] AS o, [0.1::FLOAT]::FLOAT[1] AS p, {'a': 1} AS q, [1.5::DECIMAL(4,1)] AS r,
        TIMESTAMP_NS '2001-01-01 00:00:00.000001' AS s, []::VARCHAR[] AS t`
      await read(folder, `COPY (SELECT ${columns}) TO '${path}' (FORMAT parquet)`)
      assert.is(await session.loadSpine({ parquet: path }, request), 1)
      const names = 'a b c d e f g h i j k2 l m n o p q r s t'.split(' ').map(name => `spine.${name}`)
      const out = join(folder, 'out.parquet')
      await session.copy(`SELECT spine.k, spine.event_timestamp, ${names.join(', ')} FROM spine`, {}, out, 'parquet')
      const text = (file: string) => {
        const values = ['event_timestamp', ...names.map(name => name.slice(6))].map(name => `${name}::VARCHAR`)
        return read(folder, `SELECT ${values.join(', ')} FROM read_parquet('${file}')`)
      }
      const [before, after] = [await text(path), await text(out)]
      // The instant is one without a zone from then on.
      assert.equal(after[0]?.[0], '2001-06-15 12:00:00.000001')
      assert.equal(after[0]?.slice(1), before[0]?.slice(1))
    }),
  )

  test(
    'what is wrong with a spine is said all at once, and nothing was done',
    given(async ({ session }) => {
      const wrong = `SELECT 'one' AS shop, 5 AS event_timestamp, 1 AS early, 2 AS __x`
      const { code, details } = await codeOf(() => session.loadSpine({ sql: wrong }, request))
      assert.is(code, 'spine.invalid')
      assert.equal(
        (details.problems as { kind: string; column: string }[]).map(({ kind, column }) => `${kind} ${column}`),
        ['missing k', 'collision early', 'reserved __x', 'type shop', 'type event_timestamp'],
      )
    }),
  )

  for (const [what, spine, problem] of [
    ['null instants', [{ k: 'a', shop: 1, event_timestamp: null as never }], /null in 1 row, the first at 0/],
    [
      'null instants of a query',
      { sql: `SELECT 'a' AS k, 1 AS shop, NULL::TIMESTAMP AS event_timestamp` },
      /in 1 row, the first at 0/,
    ],
    ['a value of another type', [{ ...rows[0]!, shop: 1.5 }], /row 0: "shop" is 1.5/],
    [
      'a key that does not fit',
      { sql: `SELECT 'a' AS k, 5000000000 AS shop, TIMESTAMP '2001-01-01' AS event_timestamp` },
      /spine/,
    ],
    ['a late column', [...Array(3000).fill(rows[0]), { ...rows[0]!, late: 1 }], /row 3000: column "late"/],
    ['no such table', { table: 'nowhere' }, /nowhere/],
    ['no such file', { parquet: 'nowhere.parquet' }, /nowhere/],
    ['no query', { sql: 'SELEC 1' }, /syntax/i],
  ] as readonly (readonly [string, Spine, RegExp])[]) {
    test(
      `a spine that cannot be used: ${what}`,
      given(async ({ session, engine }) => {
        const error = await codeOf(() => session.loadSpine(spine, request))
        assert.is(error.code, 'spine.invalid')
        assert.match(error.message, problem)
        session.release()
        const next = await engine.session([events])
        assert.equal(await train(next, rows), expected)
        next.release()
      }),
    )
  }

  test(
    'an empty spine',
    given(async ({ session }) => {
      assert.is(await session.loadSpine([], request), 0)
      await session.createTemporary('v__features', pointInTime, { as_served: false })
      const { names, chunks } = await session.stream(training('spine.k'), {}, none, false)
      assert.equal(names, ['k', 'greatest_n'])
      for await (const { rowCount } of chunks) assert.is(rowCount, 0)
    }),
  )

  test(
    'a lookup answers each row, whatever its key, as of an instant',
    given(async ({ session }) => {
      const types: ColumnTypes = new Map([['n', { type: 'int64', as: 'bigint' }]])
      const ask = async (asOf: bigint) => {
        const keys = [
          ['ada', 1],
          ['nobody', 1],
          [null, 1],
          ['é"\\', 1],
          ['ada', null],
          ['ada', 1],
          ['a\0b', 1],
          ['{NULL}', 2],
        ]
        const { names, chunks } = await session.lookup(dialect.lookup, { keys: [k, shop], rows: keys, asOf }, types)
        const found: unknown[] = []
        for await (const { rowCount, columns } of chunks)
          for (let row = 0; row < rowCount; row += 1)
            found[Number(columns[names.indexOf('__row')]?.[row])] = columns[names.indexOf('n')]?.[row]
        return found
      }
      const noon = 992606400000000n
      assert.equal(await ask(noon), [1n, null, null, -5n, null, 1n, null, null])
      assert.equal(await ask(noon - 1n), [null, null, null, -5n, null, null, null, null])
      assert.equal(await ask(-2n), [null, null, null, null, null, null, null, null])
    }),
  )

  test(
    'sessions do not see the tables of each other',
    given(async ({ session, engine }) => {
      await session.loadSpine(rows, request)
      const other = await engine.session([events])
      await other.loadSpine([], request)
      assert.equal(await rowsOf(session, 'SELECT count(*) AS n FROM spine'), [[7n]])
      assert.equal(await rowsOf(other, 'SELECT count(*) AS n FROM spine'), [[0n]])
      other.release()
      session.release()
      const third = await engine.session([events])
      await failed(() => rowsOf(third, 'SELECT count(*) AS n FROM spine'))
      third.release()
    }),
  )

  test(
    'a table that exists is not replaced, and a file that fails is not there',
    given(async ({ session, engine, folder }) => {
      assert.is(await session.createTable('SELECT 1 AS a', {}, 'kept'), 1)
      session.release()
      const next = await engine.session([])
      await failed(() => next.createTable('SELECT 2 AS a', {}, 'kept'))
      next.release()
      const last = await engine.session([])
      assert.equal(await rowsOf(last, 'SELECT a FROM kept'), [[1]])
      last.release()
      const path = join(folder, 'broken.csv')
      const failing = await engine.session([])
      const overflow = `SELECT CAST(i AS INTEGER) + 2147483000 AS a FROM ${dialect.numbers(100_000, 'n')}`
      await failed(() => failing.copy(overflow, {}, path, 'csv'))
      failing.release()
      assert.equal(await read(folder, `SELECT count(*) FROM glob('${folder}/*')`), [[0n]])
    }),
  )

  for (const what of ['a temporary table', 'rows', 'a file', 'a spine'] as const) {
    test(
      `work that is aborted ends here and in the database: ${what}`,
      given(async ({ session, folder, running }) => {
        const aborting = new AbortController()
        const { signal } = aborting
        const works = {
          'a temporary table': () => session.createTemporary('t__features', dialect.slow, {}, { signal }),
          rows: () => session.stream(dialect.slow, {}, none, false, { signal }),
          'a file': () => session.copy(dialect.slow, {}, join(folder, 'slow.parquet'), 'parquet', { signal }),
          'a spine': () =>
            session.loadSpine(
              {
                sql: `SELECT 'a' AS k, 1 AS shop, TIMESTAMP '2001-01-01' AS event_timestamp FROM (${dialect.slow}) AS s`,
              },
              request,
              { signal },
            ),
        }
        const started = performance.now()
        setTimeout(() => aborting.abort(), 300)
        const { code } = await codeOf(works[what])
        assert.is(code, 'aborted')
        assert.ok(performance.now() - started < 5_000)
        await quiet(running)
        assert.is((await codeOf(works[what])).code, 'aborted')
      }),
    )
  }

  test(
    'aborting between two chunks ends the stream',
    given(async ({ session, running }) => {
      const aborting = new AbortController()
      const { chunks } = await session.stream(
        `SELECT i FROM ${dialect.numbers(10_000_000, 'n')}`,
        {},
        none,
        false,
        aborting,
      )
      const { code } = await codeOf(async () => {
        for await (const _ of chunks) aborting.abort()
      })
      assert.is(code, 'aborted')
      session.release()
      await quiet(running)
    }),
  )

  test(
    'a stream that is left early leaves nothing behind',
    given(async ({ session, engine, running }) => {
      const { chunks } = await session.stream(`SELECT i FROM ${dialect.numbers(10_000_000, 'n')}`, {}, none, false)
      for await (const _ of chunks) break
      session.release()
      const next = await engine.session([events])
      assert.equal(await train(next, rows), expected)
      next.release()
      await quiet(running)
    }),
  )

  test(
    'two million rows in bounded memory, out as rows and in as a spine',
    given(async ({ session }) => {
      const count = 2_000_000
      const columns = Array.from({ length: 8 }, (_, index) => `CAST(i * ${index + 1} AS ${sql(k.type)}) AS c${index}`)
      const before = process.memoryUsage().rss
      let greatest = 0
      const watch = () => {
        greatest = Math.max(greatest, process.memoryUsage().rss - before)
      }
      const { chunks } = await session.stream(`SELECT ${columns} FROM ${dialect.numbers(count, 'n')}`, {}, none, false)
      let seen = 0
      for await (const { rowCount } of chunks) {
        seen += rowCount
        watch()
      }
      assert.is(seen, count)
      const many = function* () {
        for (let index = 0; index < count / 4; index += 1) {
          if (index % 10_000 === 0) watch()
          yield { k: `key ${index % 1000}`, shop: 1, event_timestamp: new Date(index), note: 'x'.repeat(100) }
        }
      }
      // DuckDB holds tables in this process.
      if (dialect.name !== 'duckdb') assert.is(await session.loadSpine(many(), request), count / 4)
      assert.ok(greatest < 300_000_000, `grew by ${greatest} bytes`)
    }),
  )

  test(
    'a closed engine gives no sessions',
    given(async ({ engine }) => {
      await engine.close()
      await engine.close()
      assert.is((await codeOf(() => engine.session([]))).code, 'store.closed')
    }),
  )

  test.run()
}

/** The server says a moment later than the client that work has ended. */
async function quiet(running: Opened['running']): Promise<void> {
  for (let tries = 0; running && (await running()) > 0; tries += 1) {
    assert.ok(tries < 20, 'the server still runs a statement')
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

export async function failed(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work()
  } catch (error) {
    return error
  }
  throw new Error('nothing failed')
}
