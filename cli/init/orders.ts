/** The example's data: orders of a shop and what was sent back, made up, the same each time. */
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

const seed = 20260101
const customers = 120
const days = 120
const minute = 60_000
const day = 24 * 60 * minute
const start = Date.UTC(2026, 0, 1)

/** Where the data end: nothing is known to have happened later. */
export const end = new Date(start + days * day)

interface Order {
  readonly orderId: number
  readonly customer: string
  /** Hundredths. */
  readonly amount: number
  readonly orderedAt: number
  /** Null for one that was kept. */
  readonly returnedAt: number | null
}

/** A table as CSV: rows in the order of their instants. */
export interface Table {
  readonly name: 'orders' | 'returns' | 'labels'
  readonly csv: string
  /** DuckDB's types by column. */
  readonly types: Readonly<Record<string, string>>
}

/** Who has sent back before will again, and sooner what cost more than usual: so that there is something to learn. */
function makeOrders(): Order[] {
  const random = xoroshiro128plus(seed)
  const between = (least: number, most: number): number => uniformInt(random, least, most)
  const orders: Omit<Order, 'orderId'>[] = []
  for (let number = 1; number <= customers; number += 1) {
    const customer = `C${String(number).padStart(3, '0')}`
    const usual = between(1_500, 9_000)
    // One in four sends back often. In percent.
    const habit = between(1, 4) === 1 ? between(35, 65) : between(1, 8)
    let at = start + between(0, 30 * 24 * 60) * minute
    const pause = between(3, 14)
    while (at < end.getTime()) {
      const percent = between(40, 100) + (between(1, 5) === 1 ? between(50, 250) : between(0, 60))
      const chance = percent > 160 ? habit + 25 : habit
      const returned = between(1, 100) <= chance ? at + between(2 * 24 * 60, 14 * 24 * 60) * minute : null
      const known = returned !== null && returned < end.getTime() ? returned : null
      orders.push({ customer, amount: Math.floor((usual * percent) / 100), orderedAt: at, returnedAt: known })
      at += between(pause * 12 * 60, pause * 36 * 60) * minute
    }
  }
  return orders
    .sort((a, b) => a.orderedAt - b.orderedAt || (a.customer < b.customer ? -1 : 1))
    .map((order, index) => ({ orderId: index + 1, ...order }))
}

/** Labels are of orders that had their two weeks, and whose customers had a month before. */
export function makeTables(): readonly Table[] {
  const orders = makeOrders()
  const returns = orders
    .filter((order): order is Order & { returnedAt: number } => order.returnedAt !== null)
    .sort((a, b) => a.returnedAt - b.returnedAt || a.orderId - b.orderId)
  const labelled = orders.filter(
    ({ orderedAt }) => orderedAt >= start + 30 * day && orderedAt < end.getTime() - 14 * day,
  )
  return [
    {
      name: 'orders',
      types: { order_id: 'INTEGER', customer_id: 'VARCHAR', amount: 'DECIMAL(10, 2)', ordered_at: 'TIMESTAMP' },
      csv: csv(
        ['order_id', 'customer_id', 'amount', 'ordered_at'],
        orders.map(order => [order.orderId, order.customer, money(order), instant(order.orderedAt)]),
      ),
    },
    {
      name: 'returns',
      types: { order_id: 'INTEGER', customer_id: 'VARCHAR', returned_at: 'TIMESTAMP' },
      csv: csv(
        ['order_id', 'customer_id', 'returned_at'],
        returns.map(order => [order.orderId, order.customer, instant(order.returnedAt)]),
      ),
    },
    {
      name: 'labels',
      types: { customer_id: 'VARCHAR', amount: 'DECIMAL(10, 2)', event_timestamp: 'TIMESTAMP', returned: 'BOOLEAN' },
      csv: csv(
        ['customer_id', 'amount', 'event_timestamp', 'returned'],
        labelled.map(order => [
          order.customer,
          money(order),
          instant(order.orderedAt),
          String(order.returnedAt !== null),
        ]),
      ),
    },
  ]
}

function csv(heading: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [heading, ...rows].map(row => `${row.join(',')}\n`).join('')
}

const money = ({ amount }: Order): string => (amount / 100).toFixed(2)
const instant = (milliseconds: number): string => new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ')
