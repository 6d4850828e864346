/** What spines may be, and what is said of those that are not. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Spine } from 'meridian/runtime'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { failure, type Shop, withShop } from './shop.ts'

const rows = [
  { customer: 'ada', shop: 1, event_timestamp: '2001-06-15T12:10:00Z', label: true, note: 'a' },
  { customer: 'ada', shop: 1, event_timestamp: new Date('2001-06-15T14:00:00Z'), label: null, note: 'b' },
  { customer: null, shop: 1, event_timestamp: '2001-06-15T12:10:00Z', label: false, note: 'c' },
  { customer: 'bob', shop: 2, event_timestamp: '2001-06-15T12:10:00Z', label: false, note: 'd' },
  { customer: 'ada', shop: 1, event_timestamp: '2001-06-15T14:10:00.000001+02:00', label: true, note: 'e' },
  { customer: 'ada', shop: 1, event_timestamp: '2001-06-15T12:10:00Z', label: true, note: 'a' },
]
const expected = [
  ['ada', 1, true, 'a', 1, 10n],
  ['ada', 1, null, 'b', 3, 30n],
  [null, 1, false, 'c', 0, 0n],
  ['bob', 2, false, 'd', 1, 9007199254740993n],
  ['ada', 1, true, 'e', 2, 20n],
  ['ada', 1, true, 'a', 1, 10n],
]

/** The same rows, of other types of the same families, in the order written. */
const sql = `SELECT customer, shop::UTINYINT AS shop, event_timestamp::TIMESTAMPTZ AS event_timestamp, label, note FROM (VALUES
  (1, 'ada', 1, '2001-06-15 12:10:00+00', true, 'a'), (2, 'ada', 1, '2001-06-15 14:00:00+00', NULL, 'b'),
  (3, NULL, 1, '2001-06-15 12:10:00+00', false, 'c'), (4, 'bob', 2, '2001-06-15 12:10:00+00', false, 'd'),
  (5, 'ada', 1, '2001-06-15 14:10:00.000001+02', true, 'e'), (6, 'ada', 1, '2001-06-15 12:10:00+00', true, 'a')
) AS v(i, customer, shop, event_timestamp, label, note) ORDER BY i`

async function check({ store }: Shop, spine: Spine | string): Promise<void> {
  const found = await store.view('order_days').trainingData({ spine }).toArray()
  assert.equal(
    found.map(row => [row.customer, row.shop, row.label, row.note, row.orders_1d, row.last_or_zero]),
    expected,
  )
  assert.ok(found.every(row => row.event_timestamp instanceof Date))
  assert.equal(Object.keys(found[0] ?? {}).at(-1), 'last_or_zero')
}

test(
  'rows, and rows that arrive one by one',
  withShop(async shop => {
    await check(shop, rows)
    await check(
      shop,
      async function* () {
        yield* rows
      }.call(null),
    )
  }),
)

test(
  'a query, with or without its semicolon and comments',
  withShop(async shop => {
    await check(shop, { sql })
    await check(shop, { sql: `${sql};\n` })
    await check(shop, { sql: `${sql} -- done` })
  }),
)

test(
  'a Parquet file and a table',
  withShop(async shop => {
    const path = join(shop.folder, 'out', "it's a spine.parquet")
    // Other features, so that the file may be a spine again.
    await shop.store.view('order_stats').trainingData({ spine: rows }).toParquet(path)
    await check(shop, path)
    await check(shop, { parquet: path })
    await shop.store.view('order_stats').trainingData({ spine: rows }).toTable('main table')
    await check(shop, { table: 'main table' })
  }),
)

const csv = `customer,shop,event_timestamp,label,note
ada,1,2001-06-15 12:10:00,true,a
ada,1,2001-06-15 14:00:00,,b
,1,2001-06-15 12:10:00,false,c
bob,2,2001-06-15T12:10:00,false,d
ada,1,2001-06-15 12:10:00.000001,true,e
ada,1,2001-06-15 12:10:00,true,a
`

test(
  'a CSV file',
  withShop(async shop => {
    const path = join(shop.folder, 'spine.csv')
    await writeFile(path, csv)
    await check(shop, path)
    await check(shop, { csv: path })
  }),
)

test(
  'text in a CSV file stays text where the join key is text',
  withShop(async ({ store, folder }) => {
    await writeFile(join(folder, 'orders.csv'), 'customer,shop,amount,ordered_at\n"007",1,5,2001-06-15 12:00:00\n')
    const path = join(folder, 'spine.csv')
    await writeFile(path, 'customer,shop,event_timestamp\n007,1,2001-06-15 12:10:00\n')
    const [row] = await store.view('order_days').trainingData({ spine: path }).toArray()
    assert.equal([row?.customer, row?.last_or_zero], ['007', 5n])
  }),
)

test(
  'no rows',
  withShop(async ({ store }) => {
    const training = store.view('order_days').trainingData({ spine: [] })
    assert.equal(await training.toArray(), [])
    assert.equal(Object.keys(await training.columns()), [
      'customer',
      'shop',
      'event_timestamp',
      'orders_1d',
      'last_or_zero',
    ])
  }),
)

const instant = '2001-06-15T12:10:00Z'

test(
  'every problem of the columns is told at once',
  withShop(async ({ store }) => {
    const training = (spine: Spine) => store.view('order_days').trainingData({ spine }).toArray()
    const query = `SELECT 'one' AS shop, 5 AS event_timestamp, 1 AS Orders_1D, 2 AS __x`
    const { message } = await failure('spine.invalid', () => training({ sql: query }))
    assert.is(
      message,
      [
        'the spine cannot be used:',
        '  - column "customer" is missing; there are shop, event_timestamp, Orders_1D, __x',
        '  - column "Orders_1D" has the name of a feature: rename it',
        '  - column "__x": names that start with two underscores are reserved',
        '  - column "shop" is VARCHAR and must be int32',
        '  - column "event_timestamp" is INTEGER and must be timestamp',
      ].join('\n'),
    )
    const given = await failure('spine.invalid', () => training([{ event_timestamp: instant, shop: 1, orders_1d: 2 }]))
    assert.match(given.message, 'column "customer" is missing')
    assert.match(given.message, 'column "orders_1d" has the name of a feature')
  }),
)

test(
  'null instants are counted, and the first rows named',
  withShop(async ({ store }) => {
    const training = (spine: Spine) => store.view('order_days').trainingData({ spine }).toArray()
    const query = `SELECT 'ada' AS customer, 1 AS shop, CASE WHEN i % 2 = 0 THEN TIMESTAMP '2001-06-15' END AS event_timestamp FROM range(20) AS r(i)`
    const expectedMessage = 'event_timestamp is null in 10 rows, the first at 1, 3, 5, 7, 9'
    assert.match((await failure('spine.invalid', () => training({ sql: query }))).message, expectedMessage)
    const given = Array.from({ length: 20 }, (_, index) => ({
      customer: 'ada',
      shop: 1,
      event_timestamp: (index % 2 === 0 ? instant : null) as string,
    }))
    assert.match((await failure('spine.invalid', () => training(given))).message, expectedMessage)
  }),
)

test(
  'values that are not of their column are told by row',
  withShop(async ({ store }) => {
    const training = (spine: Spine) => store.view('order_days').trainingData({ spine }).toArray()
    const good = { customer: 'ada', shop: 1, event_timestamp: instant, n: 1 }
    const { details } = await failure('spine.invalid', () =>
      training([good, { ...good, shop: 1.5 }, { ...good, customer: 7 }, { ...good, event_timestamp: 'noon' }]),
    )
    const problems = details.problems as { column: string; row: number }[]
    assert.equal(problems.map(({ column, row }) => [column, row]).sort(), [
      ['customer', 2],
      ['event_timestamp', 3],
      ['shop', 1],
    ])
    await failure('spine.invalid', () =>
      training({ sql: `SELECT 'ada' AS customer, 5000000000 AS shop, TIMESTAMP '2001-06-15' AS event_timestamp` }),
    )
  }),
)

test(
  'a column that only later rows have is not lost without a word',
  withShop(async ({ store }) => {
    const given = Array.from({ length: 3000 }, (_, index) => ({
      customer: 'ada',
      shop: 1,
      event_timestamp: instant,
      ...(index === 2999 ? { late: 1 } : {}),
    }))
    const { message } = await failure('spine.invalid', () =>
      store.view('order_days').trainingData({ spine: given }).toArray(),
    )
    assert.match(message, 'row 2999: column "late" is not in the rows before')
  }),
)

test(
  'spines that are not there',
  withShop(async ({ store, folder }) => {
    const training = (spine: Spine | string) => store.view('order_days').trainingData({ spine }).toArray()
    await failure('spine.invalid', () => training(join(folder, 'nowhere.parquet')))
    await failure('spine.invalid', () => training({ table: 'nowhere' }))
    await failure('spine.invalid', () => training({ sql: 'SELEC 1' }))
    await failure('spine.invalid', () => training('spine.xlsx'))
  }),
)

test.run()
