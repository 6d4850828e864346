/** Counts and exact sums on Postgres, which are differences of running totals: what such totals could get wrong. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { build } from 'meridian/compiler'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Artefacts } from '../../runtime/artefacts.ts'
import { MemoryStore } from '../../runtime/online/memory.ts'
import { Store } from '../../runtime/store.ts'
import { codeOf } from '../contract/offline-engine.ts'
import { given } from './postgres-engine.ts'

/** As long as names may be, and alike up to their end. */
const long = (end: string) => `${'n'.repeat(45)}${end}`

const features = `
import { entity, featureView, source, sql, t } from 'meridian'
export const user = entity('user', { joinKeys: { user_id: t.string() } })
export const payments = source('payments', {
  columns: { user_id: t.string(), amount: t.int64(), parts: t.int64(), ${long('a')}: t.int64(), paid_at: t.timestamp() },
  eventTimestamp: 'paid_at',
})
export const hours = featureView('hours', { entity: user, source: payments, features: ({ avg, sum }) => ({
  spent_1h: sum('amount').over('1h'), mean_1h: avg('amount').over('1h'),
}) })
export const days = featureView('days', { entity: user, source: payments, features: ({ sum }) => ({ spent_1d: sum('amount').over('1d') }) })
export const products = featureView('products', { entity: user, source: payments, features: ({ max, sum }) => ({
  product_1h: sum(row => row.amount.times(row.parts)).over('1h'), largest_1h: max('amount').over('1h'),
}) })
export const names = featureView('names', { entity: user, source: payments, features: ({ sum }) => ({
  ${long('x')}: sum('${long('a')}').where(row => row.amount.gt(0n)), ${long('y')}: sum('${long('a')}').where(row => row.amount.lt(0n)),
}) })
export const prices = source('prices', {
  columns: { user_id: t.string(), price: t.decimal(12, 2), paid_at: t.timestamp() },
  eventTimestamp: 'paid_at', postgres: sql\`SELECT user_id, (amount / 100.0)::NUMERIC(12, 2) AS price, paid_at FROM public.payments\`,
})
export const cents = featureView('cents', { entity: user, source: prices, features: ({ sum }) => ({ paid_1h: sum('price').over('1h') }) })
`

const table = `CREATE TABLE payments (user_id TEXT, amount BIGINT, parts BIGINT, ${long('a')} BIGINT, paid_at TIMESTAMP)`

type Read = (view: string, instants: readonly string[]) => Promise<Record<string, unknown>[]>
/** Returns the path of a file. */
type Write = (view: string, instants: readonly string[]) => Promise<string>

/** Training data of Ada at some instants, over `rows`, which are hers. */
const payments = (rows: readonly string[], work: (read: Read, write: Write) => Promise<void>) =>
  given(async ({ engine, run }) => {
    const folder = await mkdtemp(join(tmpdir(), 'meridian-totals-'))
    try {
      await writeFile(join(folder, 'features.ts'), features)
      const project = { root: folder, definitions: 'features.ts', output: 'generated', name: 'totals' }
      assert.equal((await build(project)).diagnostics, [])
      await run(table)
      await run(`INSERT INTO payments VALUES ${rows.map(row => `('ada', ${row})`).join(', ')}`)
      const artefacts = await Artefacts.open(join(folder, 'generated'))
      const store = new Store({ artefacts, engine, online: new MemoryStore(), now: () => new Date() })
      const training = (view: string, instants: readonly string[]) =>
        store.view(view).trainingData({
          spine: instants.map(instant => ({ user_id: 'ada', event_timestamp: instant })),
        })
      await work(
        (view, instants) => training(view, instants).toArray() as Promise<Record<string, unknown>[]>,
        async (view, instants) => {
          const path = join(folder, 'training.parquet')
          await training(view, instants).toParquet(path)
          return path
        },
      )
    } finally {
      await rm(folder, { recursive: true })
    }
  })

const most = 9223372036854775807n

test(
  'totals beyond 64 bits lose nothing, and a sum beyond them is an error',
  payments(
    [`${most}, 1, 0, '2001-06-15 10:00'`, `${most}, 1, 0, '2001-06-15 10:45'`, `${-most}, 1, 0, '2001-06-15 13:00'`],
    async read => {
      // The windows meet, so there is one total over all rows, but no window holds two of them.
      const instants = ['2001-06-15T13:10:00Z', '2001-06-15T11:40:00Z', '2001-06-15T10:40:00Z', '2001-06-15T09:50:00Z']
      const rows = await read('hours', instants)
      assert.equal(
        rows.map(row => [row.spent_1h, row.mean_1h]),
        [
          [-most, -Number(most)],
          [most, Number(most)],
          [most, Number(most)],
          [null, null],
        ],
      )
      const error = await codeOf(() => read('days', ['2001-06-15T12:00:00Z']))
      assert.is(error.code, 'training.failed')
      assert.match(error.message, /bigint out of range/)
    },
  ),
)

test(
  'rows between the windows of a key are not read',
  payments(
    [
      `2, 3, 0, '2001-06-15 10:00'`,
      // Whatever reads it fails: the product has more than 64 bits.
      `${most}, ${most}, 0, '2001-06-16 10:00'`,
      `4, 5, 0, '2001-06-17 10:00'`,
    ],
    async read => {
      const instants = ['2001-06-15T10:30:00Z', '2001-06-16T09:59:59.999999Z', '2001-06-17T10:00:00Z']
      assert.equal(
        (await read('products', instants)).map(row => [row.product_1h, row.largest_1h]),
        [
          [6n, 2n],
          [null, null],
          [20n, 4n],
        ],
      )
      assert.is((await codeOf(() => read('products', ['2001-06-16T10:30:00Z']))).code, 'training.failed')
    },
  ),
)

test(
  'totals whose names are longer than those of Postgres are not taken for each other',
  payments([`1, 0, 10, '2001-06-15 10:00'`, `-1, 0, 3000, '2001-06-15 10:00'`], async read => {
    const [row] = await read('names', ['2001-06-15T11:00:00Z'])
    assert.equal([row?.[long('x')], row?.[long('y')]], [10n, 3000n])
  }),
)

test(
  'sums of decimals are decimals in a file',
  payments([`125, 1, 0, '2001-06-15 10:00'`], async (_, write) => {
    const path = await write('cents', ['2001-06-15T10:30:00Z', '2001-06-15T12:00:00Z'])
    const instance = await DuckDBInstance.create(':memory:')
    try {
      const reader = await (await instance.connect()).runAndReadAll(`SELECT paid_1h, typeof(paid_1h) FROM '${path}'`)
      assert.equal(reader.getRowsJson(), [
        ['1.25', 'DECIMAL(38,2)'],
        [null, 'DECIMAL(38,2)'],
      ])
    } finally {
      instance.closeSync()
    }
  }),
)

test.run()
