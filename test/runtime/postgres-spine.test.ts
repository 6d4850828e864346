/** Spines in Postgres: its tables, its types, and problems that only it has. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf, failed, rowsOf } from '../contract/offline-engine.ts'
import { given, instant, request, source } from './postgres-engine.ts'

test(
  'tables: with their schema, hidden by a source of their name, and rows in the order in which they lie',
  given(async ({ engine, run }) => {
    const at = `TIMESTAMP '2001-06-15' AS event_timestamp`
    await run(
      `CREATE SCHEMA ml; CREATE TABLE ml.labels AS SELECT i::text AS k, ${at} FROM generate_series(1, 200000) AS n(i)`,
    )
    await run(`CREATE TABLE s AS SELECT 'mine'::varchar(10) AS k, ${at}, 5 AS label`)
    const session = await engine.session([source('s', `SELECT 'other' AS k, ${at}`)])
    assert.is(await session.loadSpine({ table: 'ml.labels' }, request), 200_000)
    assert.equal(await rowsOf(session, 'SELECT count(*) AS n FROM spine WHERE __row + 1 = k::bigint'), [[200_000n]])
    await session.loadSpine({ table: 's' }, request)
    assert.equal(await rowsOf(session, 'SELECT k, label FROM spine'), [['mine', 5]])
    await session.createTable('SELECT k FROM spine', {}, 'ml.out')
    session.release()
    assert.equal(await run('SELECT k FROM ml.out'), [{ k: 'mine' }])
  }),
)

test(
  'columns of a spine may have any type of Postgres; keys the types of their kind',
  given(async ({ engine, run }) => {
    await run(`CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE DOMAIN code AS varchar(3)`)
    const session = await engine.session([])
    const sql = `SELECT 'glad'::mood AS k, DATE '2001-06-15' AS event_timestamp, 'abc'::code AS c, 1.50::numeric AS n,
      1.50::numeric(5,3) AS p, INTERVAL '1 day 2 hours' AS i, '{"b": 1}'::jsonb AS j, '10.0.0.1'::inet AS a, int4range(1, 5) AS r,
      ARRAY[1,2] AS l, TIMESTAMPTZ '2001-06-15 12:00+02' AS z, 'x'::char(3) AS g, 5::smallint AS s, 1.5::real AS e, '\\x00'::bytea AS b`
    await session.loadSpine({ sql }, request)
    const folder = await mkdtemp(join(tmpdir(), 'meridian-postgres-'))
    const select = 'SELECT k, event_timestamp, c, n, p, i, j, a, r, l, z, g, s, e, b FROM spine'
    const [row] = await rowsOf(session, select)
    const zoned = new Date('2001-06-15T10:00:00Z')
    const texts = ['abc', '1.50', '1.500', '1 day 02:00:00', '{"b": 1}', '10.0.0.1', '[1,5)', '{1,2}']
    assert.equal(row, ['glad', new Date('2001-06-15'), ...texts, zoned, 'x  ', 5, 1.5, Uint8Array.of(0)])
    await session.copy(select, {}, join(folder, 'all.parquet'), 'parquet')
    await session.copy(`${select};\n`, {}, join(folder, 'all.csv'), 'csv')
    assert.match(
      await readFile(join(folder, 'all.csv'), 'utf8'),
      /^k,event_timestamp,.*\nglad,2001-06-15 00:00:00,abc,1.50,/,
    )
    await session.loadSpine({ parquet: join(folder, 'all.parquet') }, request)
    const [again] = await rowsOf(session, select)
    assert.equal(again, row)
    session.release()
    await rm(folder, { recursive: true })
  }),
)

test(
  'problems that only Postgres has: long names, zero characters',
  given(async ({ engine }) => {
    const session = await engine.session([])
    const long = 'é'.repeat(32)
    const row = { k: 'a', event_timestamp: instant }
    const { message } = await codeOf(() => session.loadSpine([{ ...row, [long]: 1 }], request))
    assert.match(message, 'names of columns have at most 63 bytes')
    session.release()
    const next = await engine.session([])
    const zero = await codeOf(() => next.loadSpine([row, { ...row, k: 'a\0b' }], request))
    assert.is(zero.code, 'spine.invalid')
    assert.match(zero.message, 'line 2')
    next.release()
  }),
)

test(
  'an error of the rows themselves is told as it is',
  given(async ({ engine }) => {
    const session = await engine.session([])
    const rows = function* () {
      for (let index = 0; index < 5000; index += 1) yield { k: 'a', event_timestamp: instant }
      throw new RangeError('no more')
    }
    assert.instance(await failed(() => session.loadSpine(rows(), request)), RangeError)
    session.release()
  }),
)

test.run()
