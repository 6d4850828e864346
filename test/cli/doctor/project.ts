/** A project with one of everything, its tables in Postgres, and what doctor finds. */
import { join } from 'node:path'
import type pg from 'pg'
import * as assert from 'uvu/assert'
import { type Environment, type ExaminationOptions, examination } from '../../../cli/doctor/examination.ts'
import type { Finding } from '../../../cli/doctor/finding.ts'
import { config, type Workspace } from '../command.ts'

export const features = `import { entity, featureService, featureView, onDemandFeatureView, source, sql, sqlFeatureView, t } from 'meridian'
export const customer = entity('customer', { joinKeys: { customer: t.int64() } })
export const orders = source('orders', {
  columns: { customer: t.int64(), amount: t.decimal(12, 2), status: t.string(), ordered_at: t.timestamp(), known_at: t.timestamp() },
  eventTimestamp: 'ordered_at', createdTimestamp: 'known_at', tieBreak: ['amount'],
  duckdb: { parquet: 'orders.parquet' }, postgres: { table: 'shop.orders' },
})
export const spending = featureView('spending', {
  entity: customer, source: orders, refresh: '1d', ttl: '30d', materialize: true,
  features: ({ count, last, sum }) => ({ orders_1d: count().over('1d'), spent_7d: sum('amount').over('7d'), last_amount: last('amount') }),
})
export const lately = featureView('lately', { entity: customer, source: orders,
  features: ({ count }) => ({ orders_1h: count().over('1h') }) })
export const days = sqlFeatureView('days', {
  entity: customer, eventTimestamp: 'day_end', tieBreak: ['day_end'], refresh: '1d', materialize: true,
  features: ({ column }) => ({ day_orders: column(t.int64()) }),
  query: sql\`SELECT customer, date_trunc('day', ordered_at)::TIMESTAMP + INTERVAL '1 day' AS day_end, count(*)::BIGINT AS day_orders
    FROM \${orders} GROUP BY 1, 2\`,
})
export const basket = onDemandFeatureView('basket', {
  request: { price: t.float64() }, inputs: { spending },
  features: ({ feature }) => ({ usual: feature(t.boolean(), ({ request, spending: known }) => request.price < known.orders_1d) }),
})
export const friends = featureService('friends', [
  spending.as('buyer', { joinKeys: { customer: 'buyer' } }), spending.as('friend', { joinKeys: { customer: 'friend' } }), lately, days,
])
export const shopping = featureService('shopping', [spending, lately, days, basket])
`
export const files = { 'meridian.config.ts': config, 'features.ts': features }

const table = `
  DROP SCHEMA IF EXISTS shop CASCADE;
  CREATE SCHEMA shop;
  CREATE TABLE shop.orders (customer BIGINT, amount NUMERIC(12, 2), status TEXT, ordered_at TIMESTAMPTZ, known_at TIMESTAMPTZ);
  INSERT INTO shop.orders SELECT n % 7, n, 'paid', now() - n * INTERVAL '1 hour', now() - n * INTERVAL '1 hour' FROM generate_series(1, 100) AS s (n);`

/** The table anew, with the indexes of the build. */
export async function makeTables(client: pg.Client, indexes: string): Promise<void> {
  await client.query(table)
  await client.query(indexes)
  await client.query('ANALYZE shop.orders')
}

export function doctor(
  { folder }: Workspace,
  environment: Environment,
  options: ExaminationOptions = {},
): Promise<Finding[]> {
  const project = { name: 'shop', definitions: 'features.ts', output: 'generated' }
  return examination(
    { ...project, root: folder, config: join(folder, 'meridian.config.ts'), prefix: '' },
    environment,
    options,
  )
}

/** All that is not as it should be, but for what was never stored, as `status check place: what -> fix`. */
export function complaints(findings: readonly Finding[]): string[] {
  return findings
    .filter(({ status, check }) => status !== 'ok' && check !== 'keys.ticks')
    .map(({ status, check, place, what, fix }) => `${status} ${check} ${place ?? '-'}: ${what} -> ${fix}`)
}

/** That there are these complaints, in this order, and no others. */
export function assertComplaints(findings: readonly Finding[], expected: readonly RegExp[]): void {
  const found = complaints(findings)
  const shown = found.join('\n')
  assert.is(found.length, expected.length, shown)
  for (const [index, pattern] of expected.entries()) assert.match(found[index] ?? '', pattern, shown)
}

export function foundOk(findings: readonly Finding[], check: string): boolean {
  const own = findings.filter(finding => finding.check === check)
  return own.length > 0 && own.every(({ status }) => status === 'ok')
}
