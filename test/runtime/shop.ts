/** A small built project on disk, and its store. */
import { rmSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'meridian/compiler'
import { type ConnectOptions, connect, type ErrorCode, MeridianError, type Store } from 'meridian/runtime'
import * as assert from 'uvu/assert'

const features = `
import { entity, featureService, featureView, source, sql, t } from 'meridian'
export const customer = entity('customer', { joinKeys: { customer: t.string(), shop: t.int32() } })
export const orders = source('orders', {
  columns: { customer: t.string(), shop: t.int32(), amount: t.int64(), ordered_at: t.timestamp() },
  eventTimestamp: 'ordered_at', tieBreak: ['amount'], duckdb: { csv: 'orders.csv' },
})
export const orderStats = featureView('order_stats', {
  entity: customer, source: orders, ttl: '1d', refresh: '5m', delay: '1m', materialize: true,
  features: ({ count, last, sum }) => ({
    orders_1h: count().over('1h'),
    amount_1h: sum('amount').over('1h'),
    last_amount: last('amount'),
    last_at: last('ordered_at'),
  }),
})
export const orderDays = featureView('order_days', {
  entity: customer, source: orders, ttl: '1d',
  features: ({ count, last }) => ({ orders_1d: count().over('1d'), last_or_zero: last('amount').default(0n) }),
})
export const shopping = featureService('shopping', [orderDays, orderStats])
export const many = source('many', {
  columns: { customer: t.string(), shop: t.int32(), amount: t.int64(), ordered_at: t.timestamp() },
  eventTimestamp: 'ordered_at', tieBreak: ['amount'],
  duckdb: sql\`SELECT (hash(i) % 100000)::VARCHAR AS customer, 1::INTEGER AS shop, i::BIGINT AS amount,
    TIMESTAMP '2001-01-01' + to_microseconds(i) AS ordered_at FROM range(100000000) AS r(i)\`,
})
export const slow = featureView('slow', {
  entity: customer, source: many, refresh: '5m', materialize: true,
  features: ({ countDistinct }) => ({ amounts: countDistinct('amount').over('1h') }),
})
`

/** Ada's orders at noon, ten past and one; Bob's at noon, in shop 2; an order of nobody. */
const orders = `customer,shop,amount,ordered_at
ada,1,10,2001-06-15 12:00:00
ada,1,20,2001-06-15 12:10:00.000001
ada,1,30,2001-06-15 13:00:00
bob,2,9007199254740993,2001-06-15 12:00:00
,1,1,2001-06-15 12:00:00
`

let built: Promise<string> | null = null

async function buildOnce(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'meridian-runtime-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'features.ts'), features)
  await writeFile(join(folder, 'orders.csv'), orders)
  const { diagnostics } = await build({ root: folder, definitions: 'features.ts', output: 'generated', name: 'shop' })
  assert.equal(diagnostics, [])
  return folder
}

export interface Shop {
  readonly store: Store
  /** The project; its artefacts are in `generated`. */
  readonly folder: string
}

/** Runs `work` on a project of its own, and removes it. */
export function withShop(work: (shop: Shop) => Promise<void>, options: ConnectOptions = {}): () => Promise<void> {
  return async () => {
    built ??= buildOnce()
    const folder = await mkdtemp(join(tmpdir(), 'meridian-runtime-'))
    await cp(await built, folder, { recursive: true })
    await mkdir(join(folder, 'out'))
    const store = await connect(join(folder, 'generated'), options)
    try {
      await work({ store, folder })
    } finally {
      await store.close()
      await rm(folder, { recursive: true, force: true })
    }
  }
}

/** The error, which must be one of ours. */
export async function failure(code: ErrorCode, work: () => unknown): Promise<MeridianError> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof MeridianError)) throw error
    assert.is(error.code, code, error.message)
    return error
  }
  throw new Error(`nothing failed with ${code}`)
}
