/** Getters, of stored and of computed views. */
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { failure, withShop } from './shop.ts'

const ada = { customer: 'ada', shop: 1 }
const at = '2001-06-15T12:15:00Z'

test(
  'a service gives the features of all its views in declared order',
  withShop(async ({ store }) => {
    const [done] = await store.materialize('order_stats', { at })
    assert.equal([done?.view, done?.tick, done?.rows], ['order_stats', new Date(at), 2])
    const found = await store.service('shopping').get(ada, { at })
    assert.equal(Object.entries(found), [
      ['orders_1d', 2],
      ['last_or_zero', 20n],
      ['orders_1h', 2],
      ['amount_1h', 30n],
      ['last_amount', 20n],
      ['last_at', new Date('2001-06-15T12:10:00.000Z')],
    ])
  }),
)

test(
  'many keys come back in their order: known ones, unknown ones, null ones and the same one twice',
  withShop(async ({ store }) => {
    await store.materialize('order_stats', { at })
    const keys = [{ customer: 'bob', shop: 2 }, ada, { customer: 'ada', shop: 2 }, { customer: null, shop: 1 }, ada]
    const rows = await store.service('shopping').getMany(keys, { at })
    assert.equal(
      rows.map(row => [row.orders_1d, row.last_or_zero, row.orders_1h, row.last_amount]),
      [
        [1, 9007199254740993n, 1, 9007199254740993n],
        [2, 20n, 2, 20n],
        [0, 0n, 0, null],
        [0, 0n, 0, null],
        [2, 20n, 2, 20n],
      ],
    )
    assert.equal(await store.service('shopping').getMany([], { at }), [])
  }),
)

test(
  'more keys of one view than are read together come back in their order',
  withShop(async ({ store }) => {
    await store.materialize('order_stats', { at })
    const some = [{ customer: null, shop: 1 }, ada, { customer: 'bob', shop: 2 }, { customer: 'nobody', shop: 1 }]
    const view = store.view('order_stats')
    const rows = await view.getMany(
      Array.from({ length: 1001 }, (_, index) => some[index % 4] as { customer: string }),
      { at },
    )
    assert.equal(
      rows.map(row => row.last_amount),
      Array.from({ length: 1001 }, (_, index) => [null, 20n, 9007199254740993n, null][index % 4]),
    )
    assert.equal(await view.getMany([], { at }), [])
  }),
)

test(
  'each value with its status, where it came from, its tick and when it happened',
  withShop(async ({ store }) => {
    await store.materialize('order_stats', { at })
    const service = store.service<typeof ada, Record<string, unknown>>('shopping')
    const found = await service.get(ada, { at, status: true })
    const event = new Date('2001-06-15T12:10:00.000Z')
    const tick = new Date(at)
    assert.equal(found.orders_1h, { value: 2, status: 'present', source: 'stored', tick, eventTimestamp: null })
    assert.equal(found.last_amount, { value: 20n, status: 'present', source: 'stored', tick, eventTimestamp: event })
    assert.equal(found.last_or_zero, {
      value: 20n,
      status: 'present',
      source: 'computed',
      tick: null,
      eventTimestamp: event,
    })
    const expired = await service.get(ada, { at: '2001-06-16T12:10:00.000002Z', status: true })
    assert.equal(expired.last_amount, { value: null, status: 'expired', source: 'stored', tick, eventTimestamp: event })
    const onTime = await service.get(ada, { at: '2001-06-16T12:10:00.000001Z', status: true })
    assert.is(onTime.last_amount?.status, 'present')
    const nobody = await service.get({ customer: 'eve', shop: 1 }, { at, status: true })
    assert.equal(nobody.last_amount, {
      value: null,
      status: 'missing',
      source: 'stored',
      tick: null,
      eventTimestamp: null,
    })
    assert.equal(nobody.last_or_zero, {
      value: 0n,
      status: 'missing',
      source: 'default',
      tick: null,
      eventTimestamp: null,
    })
    assert.equal(nobody.orders_1h, { value: 0, status: 'present', source: 'stored', tick: null, eventTimestamp: null })
    assert.equal(nobody.amount_1h, { value: null, status: 'null', source: 'stored', tick: null, eventTimestamp: null })
  }),
)

test(
  'the clock decides where no instant is given',
  withShop(
    async ({ store }) => {
      assert.equal(await store.view('order_days').get(ada), { orders_1d: 1, last_or_zero: 10n })
      const [done] = await store.materialize('order_stats')
      assert.equal(done?.tick, new Date('2001-06-15T12:05:00Z'))
    },
    { now: () => new Date('2001-06-15T12:09:59.999Z') },
  ),
)

test(
  'a key whose events left the window reads as empty after the next tick, and an older run changes nothing',
  withShop(async ({ store }) => {
    const view = store.view('order_stats')
    await view.materialize({ at })
    await view.materialize({ at: '2001-06-15T15:00:00Z' })
    const read = () => view.get(ada, { at: '2001-06-15T15:00:00Z' })
    const after = await read()
    assert.equal([after.orders_1h, after.amount_1h, after.last_amount], [0, null, 30n])
    const late = await view.materialize({ at })
    assert.equal([late.rows, late.written], [2, 0])
    assert.equal(await read(), after)
    const again = await view.materialize({ at: '2001-06-15T15:04:00Z' })
    assert.equal([again.rows, again.written], [2, 2])
    assert.equal(await read(), after)
  }),
)

test(
  'a materialization that fails leaves the last good values, and the one after it succeeds',
  withShop(async ({ store, folder }) => {
    const view = store.view('order_stats')
    await view.materialize({ at })
    const read = () => view.get(ada, { at: '2001-06-15T12:20:00Z', status: true })
    const before = await read()
    assert.equal(before.amount_1h?.tick, new Date(at))
    await appendFile(join(folder, 'orders.csv'), 'ada,1,9223372036854775807,2001-06-15 12:16:00\n')
    const { details } = await failure('materialize.failed', () => view.materialize({ at: '2001-06-15T12:20:00Z' }))
    assert.equal([details.view, details.tick], ['order_stats', new Date('2001-06-15T12:20:00Z')])
    assert.equal(await read(), before)
    // At the earlier tick the order that is too much had not happened.
    const last = await view.materialize({ at: '2001-06-15T12:15:59Z' })
    assert.equal([last.tick, last.written], [new Date(at), 2])
  }),
)

test(
  'names that every object has are no views or services',
  withShop(async ({ store }) => {
    for (const name of ['constructor', 'toString', '__proto__']) {
      await failure('name.unknown', () => store.view(name))
      await failure('name.unknown', () => store.service(name))
    }
  }),
)

test(
  'keys that are no keys are told all at once',
  withShop(async ({ store }) => {
    const service = store.service('shopping')
    const { message, details } = await failure('key.invalid', () => service.get({ shop: '1', Customer: 'ada' }))
    assert.equal(details.problems, [
      '"customer" is missing',
      '"shop" must be int32 or null, and is "1"',
      '"Customer" is no join key',
    ])
    assert.match(message, 'shopping is asked for by { customer: string, shop: int32 }')
    for (const shop of [1.5, 2 ** 31, 1n, Number.NaN]) await failure('key.invalid', () => service.get({ ...ada, shop }))
    for (const keys of [null, undefined, 'ada']) await failure('key.invalid', () => service.get(keys as never))
    await failure('key.invalid', () => service.getMany([ada, { customer: 'ada' }]))
    await failure('instant.invalid', () => service.get(ada, { at: 'noon' }))
  }),
)

test(
  'names that do not exist',
  withShop(async ({ store }) => {
    await failure('name.unknown', () => store.view('nope'))
    await failure('name.unknown', () => store.service('order_stats'))
    await failure('name.unknown', () => store.materialize(['order_stats', 'nope']))
    await failure('materialize.failed', () => store.materialize('order_days'))
    const promise = store.view('order_stats').materialize({ at: 'noon' })
    await failure('instant.invalid', () => promise)
  }),
)

test(
  'a closed store answers nothing',
  withShop(async ({ store }) => {
    await store.close()
    await store.close()
    await failure('store.closed', () => store.view('order_stats').get(ada))
    await failure('store.closed', () => store.view('order_days').get(ada))
    await failure('store.closed', () => store.materialize('order_stats'))
    await failure('store.closed', () => store.view('order_days').trainingData({ spine: [] }).toArray())
  }),
)

test.run()
