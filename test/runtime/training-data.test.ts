import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { failure, withShop } from './shop.ts'

const spine = [
  { event_timestamp: '2001-06-15T12:10:30Z', customer: 'ada', shop: 1 },
  { event_timestamp: '2001-06-15T12:12:00Z', customer: 'eve', shop: 1 },
  { event_timestamp: '2001-06-15T13:01:00Z', customer: 'ada', shop: 1 },
]

test(
  'the same rows one by one, all at once and by column',
  withShop(async ({ store }) => {
    const training = store.service('shopping').trainingData({ spine })
    const rows = await training.toArray()
    assert.equal(rows[0], {
      event_timestamp: new Date('2001-06-15T12:10:30Z'),
      customer: 'ada',
      shop: 1,
      orders_1d: 2,
      last_or_zero: 20n,
      orders_1h: 2,
      amount_1h: 30n,
      last_amount: 20n,
      last_at: new Date('2001-06-15T12:10:00Z'),
    })
    const columns = await training.columns()
    assert.equal(columns.last_amount, [20n, null, 30n])
    assert.equal(
      rows.map(row => row.last_amount),
      columns.last_amount,
    )
  }),
)

test(
  'what was online: the last tick whose delay had passed',
  withShop(async ({ store }) => {
    const amounts = async (accuracy: 'exact' | 'as_served') =>
      (await store.view('order_stats').trainingData({ spine, accuracy }).columns()).orders_1h
    assert.equal(await amounts('exact'), [2, 0, 2])
    assert.equal(await amounts('as_served'), [1, 0, 2])
  }),
)

test(
  'files appear whole, in the order of the spine',
  withShop(async ({ store, folder }) => {
    const out = join(folder, 'out')
    const training = store.view('order_days').trainingData({ spine })
    const paths = ['a', 'b', 'c', 'd'].map(name => join(out, `${name}.csv`))
    for (const written of await Promise.all(paths.map(path => training.toCsv(path)))) assert.equal(written, { rows: 3 })
    for (const path of paths) {
      assert.is(
        await readFile(path, 'utf8'),
        [
          'event_timestamp,customer,shop,orders_1d,last_or_zero',
          '2001-06-15 12:10:30,ada,1,2,20',
          '2001-06-15 12:12:00,eve,1,0,0',
          '2001-06-15 13:01:00,ada,1,3,30',
          '',
        ].join('\n'),
      )
    }
    const parquet = join(out, "it's.parquet")
    assert.equal(await training.toParquet(parquet), { rows: 3 })
    const renamed = `SELECT customer, shop, event_timestamp, orders_1d AS before FROM read_parquet('${parquet.replace("'", "''")}')`
    const again = await store
      .view('order_days')
      .trainingData({ spine: { sql: renamed } })
      .columns()
    assert.equal(
      [again.before, again.orders_1d],
      [
        [2n, 0n, 3n],
        [2, 0, 3],
      ],
    )
    assert.equal((await readdir(out)).sort(), ['a.csv', 'b.csv', 'c.csv', 'd.csv', "it's.parquet"])
  }),
)

test(
  'a table, which must be new, and which may be a spine',
  withShop(async ({ store }) => {
    const training = store.view('order_stats').trainingData({ spine })
    assert.equal(await training.toTable('Training "set"'), { rows: 3 })
    await failure('training.failed', () => training.toTable('Training "set"'))
    await failure('spine.invalid', () =>
      store
        .view('order_stats')
        .trainingData({ spine: { table: 'Training "set"' } })
        .toArray(),
    )
    const rows = await store
      .view('order_days')
      .trainingData({ spine: { table: 'Training "set"' } })
      .toArray()
    assert.equal(
      rows.map(row => [row.orders_1h, row.orders_1d]),
      [
        [2n, 2],
        [0n, 0],
        [2n, 3],
      ],
    )
  }),
)

test(
  'rows that nobody reads to the end do no harm, and readers do not mix',
  withShop(async ({ store }) => {
    const training = store.view('order_days').trainingData({ spine })
    for await (const row of training) {
      assert.is(row.customer, 'ada')
      break
    }
    const [one, other] = await Promise.all([
      training.toArray(),
      store
        .view('order_days')
        .trainingData({ spine: spine.slice(1) })
        .toArray(),
    ])
    assert.equal([one.length, other.length], [3, 2])
    assert.equal(one.slice(1), other)
  }),
)

const long = {
  sql: `SELECT i::VARCHAR AS customer, 1 AS shop, TIMESTAMP '2001-01-01' AS event_timestamp FROM range(300000000) AS r(i)`,
}
const short = [{ customer: '7', shop: 1, event_timestamp: '2001-01-01T00:01:00Z' }]

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return (performance.now() - started) / 1000
}

for (const [name, given] of [
  ['a long spine', long],
  ['a long computation', short],
] as const) {
  test(
    `an abort ends ${name} soon and leaves nothing behind`,
    withShop(async ({ store, folder }) => {
      const out = join(folder, 'out')
      const path = join(out, 'training.parquet')
      await writeFile(path, 'as it was')
      const training = store.view('slow').trainingData({ spine: given, signal: AbortSignal.timeout(200) })
      const took = await seconds(() => failure('aborted', () => training.toParquet(path)))
      assert.ok(took < 3, `took ${took} s`)
      assert.equal(await readdir(out), ['training.parquet'])
      assert.is(await readFile(path, 'utf8'), 'as it was')
      const rows = store.view('slow').trainingData({ spine: given, signal: AbortSignal.timeout(200) })
      assert.ok((await seconds(() => failure('aborted', () => rows.toArray()))) < 3)
      await failure('aborted', () =>
        store
          .view('slow')
          .trainingData({ spine: given, signal: AbortSignal.timeout(200) })
          .toTable('aborted'),
      )
      // The connections are as good as new.
      await store.view('order_days').trainingData({ spine }).toTable('aborted')
    }),
  )
}

test(
  'a signal that was aborted before lets no work begin',
  withShop(async ({ store, folder }) => {
    const reason = new Error('enough')
    const signal = AbortSignal.abort(reason)
    const { cause } = await failure('aborted', () => store.view('slow').trainingData({ spine: long, signal }).toArray())
    assert.is(cause, reason)
    await failure('aborted', () => store.view('slow').materialize({ signal }))
    await failure('aborted', () => store.materialize(undefined, { signal }))
    assert.equal(await readdir(join(folder, 'out')), [])
  }),
)

test(
  'a run that fails leaves nothing behind',
  withShop(async ({ store, folder }) => {
    const out = join(folder, 'out')
    await writeFile(
      join(folder, 'orders.csv'),
      'customer,shop,amount,ordered_at\nada,1,9223372036854775807,2001-06-15 12:00:00\nada,1,1,2001-06-15 12:00:00\n',
    )
    const training = store.view('order_stats').trainingData({ spine })
    await failure('training.failed', () => training.toCsv(join(out, 'training.csv')))
    await failure('training.failed', () => training.toArray())
    await failure('training.failed', () => training.toCsv(join(out, 'nowhere', 'training.csv')))
    assert.equal(await readdir(out), [])
    await failure('materialize.failed', () => store.materialize('order_stats', { at: '2001-06-15T12:15:00Z' }))
  }),
)

test(
  'progress goes from nothing to all, and never back',
  withShop(async ({ store, folder }) => {
    const fractions: number[] = []
    const onProgress = ({ fraction }: { fraction: number }) => fractions.push(fraction)
    await store
      .view('order_days')
      .trainingData({ spine, onProgress })
      .toParquet(join(folder, 'out', 'a.parquet'))
    await store.materialize('order_stats', { onProgress })
    assert.ok(fractions.every(fraction => fraction >= 0 && fraction <= 1))
    assert.is(fractions.at(-1), 1)
  }),
)

test(
  'an aborted materialization completes no tick, and the next one does',
  withShop(async ({ store }) => {
    const at = '2001-01-01T00:01:40Z'
    await failure('aborted', () => store.view('slow').materialize({ at, signal: AbortSignal.timeout(100) }))
    const { tick } = await store.view('order_stats').materialize({ at })
    assert.equal(tick, new Date('2001-01-01T00:00:00Z'))
  }),
)

test.run()
