/** `store.startRefreshing()` in local mode: the same worker, in this process, by whatever clock the store has. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { RefreshEvent, Store } from 'meridian/runtime'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { failure, withShop } from '../runtime/shop.ts'

async function until(what: () => boolean, milliseconds = 10_000): Promise<void> {
  for (const end = Date.now() + milliseconds; !what(); await sleep(10)) assert.ok(Date.now() < end, 'in vain')
}

const ada = { customer: 'ada', shop: 1 }

/** A shop whose clock stands until it is moved. */
function withClock(work: (store: Store, clock: { now: Date }) => Promise<void>): () => Promise<void> {
  const clock = { now: new Date('2001-06-15T12:07:00Z') }
  return withShop(async ({ store }) => work(store, clock), { now: () => clock.now })
}

test(
  'views are fresh as the clock moves, tick by tick; what was missed is not run',
  withClock(async (store, clock) => {
    const events: RefreshEvent[] = []
    const ticks = () => events.flatMap(event => (event.kind === 'tick.completed' ? [event.tick.toISOString()] : []))
    const refreshing = store.startRefreshing({ views: ['order_stats'], observe: event => events.push(event) })
    await until(() => ticks().length === 1)
    assert.equal(ticks(), ['2001-06-15T12:05:00.000Z'])
    assert.is((await store.view('order_stats').get(ada)).orders_1h, 1)
    clock.now = new Date('2001-06-15T12:09:59.999Z')
    await sleep(100)
    clock.now = new Date('2001-06-15T12:15:00Z')
    await until(() => ticks().length === 2)
    assert.is((await store.view('order_stats').get(ada)).orders_1h, 2)
    clock.now = new Date('2001-06-15T14:03:00Z')
    await until(() => ticks().length === 3)
    assert.equal(ticks(), ['2001-06-15T12:05:00.000Z', '2001-06-15T12:15:00.000Z', '2001-06-15T14:00:00.000Z'])
    assert.equal(await store.view('order_stats').get(ada), {
      orders_1h: 0,
      amount_1h: null,
      last_amount: 30n,
      last_at: new Date('2001-06-15T13:00:00Z'),
    })
    await refreshing.stop()
    clock.now = new Date('2001-06-15T15:00:00Z')
    await sleep(100)
    assert.is(ticks().length, 3)
    assert.is(events.at(-1)?.kind, 'stopped')
  }),
)

test(
  'what was materialized by hand is not run again',
  withClock(async store => {
    await store.materialize('order_stats')
    const events: RefreshEvent[] = []
    store.startRefreshing({ views: ['order_stats'], observe: event => events.push(event) })
    await until(() => events.some(({ kind }) => kind === 'tick.skipped'))
    assert.is(events.filter(({ kind }) => kind === 'tick.completed').length, 0)
  }),
)

test(
  'closing the store stops it, in the midst of a run too',
  withClock(async store => {
    const events: RefreshEvent[] = []
    const refreshing = store.startRefreshing({ views: ['slow'], observe: event => events.push(event) })
    await until(() => events.some(({ kind }) => kind === 'tick.started'))
    const started = Date.now()
    await store.close()
    assert.ok(Date.now() - started < 3_000, `${Date.now() - started} ms`)
    await refreshing.finished
    assert.equal(
      events.slice(-2).map(({ kind }) => kind),
      ['tick.released', 'stopped'],
    )
  }),
)

test(
  'a view that there is not, or that is not materialized, is told at once',
  withClock(async store => {
    for (const name of ['order_stat', 'order_days']) {
      const error = await failure('name.unknown', () => store.startRefreshing({ views: [name] }))
      assert.is(error.message, `there is no materialized view "${name}": there are order_stats, slow`)
    }
  }),
)

test.run()
