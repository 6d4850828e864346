/**
 * Materialization whose servers or whose process fail in the midst of it: each key is at its old or its new value. One file
 * because all of it needs the same servers and the same large table.
 */
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { MeridianError, type Store } from 'meridian/runtime'
import pg from 'pg'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type OwnServer, ownPostgresServer, ownRedisServer } from '../servers.ts'
import {
  customers,
  everOf,
  failureOf,
  inTheMidst,
  noon,
  one,
  Project,
  three,
  two,
  within,
} from './materialize-project.ts'

let postgres: OwnServer
let server: OwnServer
let project: Project
let redis: Redis
let store: Store

test.before(async () => {
  postgres = await ownPostgresServer()
  server = await ownRedisServer()
  project = await Project.make(postgres.url, server.url)
})
test.after(async () => {
  await postgres.stop()
  await server.stop()
})
test.before.each(async () => {
  redis = new Redis(server.url)
  redis.on('error', () => {})
  await redis.flushall()
  store = await project.connect()
})
test.after.each(async () => {
  redis.disconnect()
  await store.close()
})

/** After a run for one o'clock failed that began with noon's values. */
async function isHalfDone(): Promise<void> {
  const { '1/1': old = 0, '2/2': fresh = 0, ...others } = await everOf(store)
  assert.equal(others, {})
  assert.ok(old > 0 && fresh > 0, `${old} old, ${fresh} new`)
  assert.equal(await project.completed(store, 'ever'), new Date(noon))
}

async function isMended(full: boolean): Promise<void> {
  const again = await store.view('ever').materialize({ at: one })
  assert.equal([again.full, again.rows, again.written], [full, customers, customers])
  assert.equal(await everOf(store), { '2/2': customers })
  assert.equal(await project.completed(store, 'ever'), new Date(one))
}

/** Reads until the servers answer again. The connection that writes is another one: it is back within a second. */
async function untilRead(): Promise<void> {
  const until = performance.now() + 10_000
  for (;;) {
    try {
      await store.view('ever').get({ customer: 1n })
      return void (await sleep(1_000))
    } catch (error) {
      if (!(error instanceof MeridianError) || performance.now() > until) throw error
      await sleep(20)
    }
  }
}

test('Redis is killed: the run fails with what happened, and the next one mends it', async () => {
  const view = store.view('ever')
  await view.materialize({ at: noon })
  const failing = failureOf(view.materialize({ at: one }))
  await inTheMidst(store)
  await server.kill()
  const error = await failing
  assert.is(error.code, 'materialize.failed')
  assert.is(error.details.reason, 'store.unavailable')
  assert.match(
    error.message,
    /^view "ever" was not materialized at 2001-06-15T13:00:00\.000Z: Redis at 127\.0\.0\.1:\d+ is/,
  )
  assert.equal([error.details.view, error.details.tick], ['ever', new Date(one)])
  assert.is((error.cause as MeridianError).code, 'store.unavailable')
  await server.restart()
  await untilRead()
  await isHalfDone()
  // Redis may have lost what it acknowledged last.
  await isMended(true)
})

test('Postgres is killed: the run fails with what happened, and the next one goes on from the last tick', async () => {
  const view = store.view('ever')
  await view.materialize({ at: noon })
  const failing = failureOf(view.materialize({ at: one }))
  await inTheMidst(store)
  await postgres.kill()
  const error = await failing
  assert.is(error.code, 'materialize.failed')
  assert.match(error.message, /^view "ever" was not materialized at .*: the connection to Postgres at .* was lost/)
  const refused = await failureOf(view.materialize({ at: one }))
  assert.equal([refused.code, refused.details.reason], ['materialize.failed', 'database.unavailable'])
  await postgres.restart()
  await isHalfDone()
  await isMended(false)
})

test('the process is killed: another one goes on from the last tick', async () => {
  await store.view('ever').materialize({ at: noon })
  const child = project.process('ever', one)
  const ended = once(child, 'exit')
  await inTheMidst(store)
  child.kill('SIGKILL')
  assert.equal(await ended, [null, 'SIGKILL'])
  await isHalfDone()
  await isMended(false)
})

test('the signal aborts: nothing more is written, even while the store does not answer', async () => {
  const view = store.view('ever')
  await view.materialize({ at: noon })
  const controller = new AbortController()
  const failing = failureOf(view.materialize({ at: one, signal: controller.signal }))
  await inTheMidst(store)
  controller.abort(new Error('enough'))
  const error = await failing
  assert.equal([error.code, (error.cause as Error).message], ['aborted', 'enough'])
  const after = await everOf(store)
  await isHalfDone()
  assert.equal(await everOf(store), after)

  const another = new AbortController()
  const hanging = failureOf(view.materialize({ at: one, signal: another.signal }), 8000)
  await sleep(300)
  server.pause()
  another.abort()
  try {
    assert.is((await hanging).code, 'aborted')
  } finally {
    server.resume()
  }
  await untilRead()
  const early = await failureOf(view.materialize({ at: one, signal: AbortSignal.abort() }))
  assert.is(early.code, 'aborted')
  await isMended(false)
})

test('Redis takes no more: the run fails with its word, and goes on when it does', async () => {
  const view = store.view('ever')
  await redis.config('SET', 'maxmemory', '4mb')
  try {
    const error = await failureOf(view.materialize({ at: noon }))
    assert.equal([error.code, error.details.reason], ['materialize.failed', 'store.refused'])
    assert.match(
      error.message,
      /^view "ever" was not materialized at 2001-06-15T12:00:00\.000Z: Redis at .* refused a write: .*OOM/,
    )
    assert.is((error.cause as MeridianError).details.reason, 'OOM')
    assert.is(await project.completed(store, 'ever'), null)
  } finally {
    await redis.config('SET', 'maxmemory', '0')
  }
  await view.materialize({ at: noon })
  assert.equal(await everOf(store), { '1/1': customers })
})

test('Redis pauses: a run waits for it, up to the deadline of a write', async () => {
  const view = store.view('ever')
  await view.materialize({ at: noon })
  const slow = view.materialize({ at: one })
  await inTheMidst(store)
  server.pause()
  await sleep(1000)
  server.resume()
  assert.is((await within(20_000, slow)).written, customers)

  const failing = failureOf(view.materialize({ at: one, full: true }), 8000)
  await sleep(300)
  server.pause()
  try {
    const error = await failing
    assert.equal([error.code, error.details.reason], ['materialize.failed', 'store.timeout'])
  } finally {
    server.resume()
  }
  await untilRead()
  assert.equal(await everOf(store), { '2/2': customers })
})

/** Does something to the store while a run of `ever` waits for its values. */
async function whileComputed(work: () => Promise<unknown>): Promise<void> {
  const view = store.view('ever')
  await view.materialize({ at: noon })
  const holder = new pg.Client(postgres.url)
  await holder.connect()
  await holder.query('BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE')
  const failing = failureOf(view.materialize({ at: one }))
  const waiting = async () =>
    (await holder.query("SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'orders'::regclass")).rows.length > 0
  while (!(await waiting())) await sleep(10)
  await work()
  await holder.query('COMMIT')
  await holder.end()
  const error = await failing
  assert.is(error.code, 'materialize.failed')
  assert.match(
    error.message,
    /: a server of the store was started anew, replaced or emptied meanwhile: materialize it again$/,
  )
}

test('a server that is emptied while values are computed: the tick is not completed', async () => {
  await whileComputed(() => redis.flushall())
  assert.is(await project.completed(store, 'ever'), null)
  await isMended(true)
})

test('a server that is started anew while values are computed: the tick is not completed', async () => {
  const view = store.view('ever')
  await whileComputed(async () => {
    await server.restart()
    await untilRead()
  })
  assert.equal(await project.completed(store, 'ever'), new Date(noon))
  await isMended(true)
  const after = await view.materialize({ at: two })
  assert.equal([after.full, after.rows], [false, 0])
})

test('keys whose rows left the window are empty at that tick, and rows live as long as they say something', async () => {
  const view = store.view('recent')
  const { fingerprint } = store.manifest.views.recent!.layout
  const key = `{customer:7}:recent:${fingerprint}`
  const hours = (count: number) => count * 3_600_000
  // The window for as long again, but at least a day, counted from the last order.
  for (const [at, orders, amount, rows, life] of [
    [noon, 1, 1n, customers, hours(25.5)],
    [one, 2, 3n, customers, hours(25.5)],
    [two, 1, 2n, customers, hours(24.5)],
    [three, 0, null, customers, hours(23.5)],
  ] as const) {
    const done = await view.materialize({ at })
    assert.equal([done.full, done.rows], [at === noon, rows])
    const got = await view.get({ customer: 7n }, { at, status: true })
    assert.equal([got.orders_2h?.value, got.amount_2h?.value, got.orders_2h?.tick], [orders, amount, new Date(at)])
    const left = await redis.pttl(key)
    assert.ok(left > life - 60_000 && left <= life, `${left} of ${life} ms`)
  }
  const later = await view.materialize({ at: '2001-06-15T16:00:00Z' })
  assert.equal([later.full, later.rows], [false, 0])
  // What looks back without end stays for 30 days.
  await store.view('ever').materialize({ at: noon })
  const stays = await redis.pttl(`{customer:7}:ever:${store.manifest.views.ever!.layout.fingerprint}`)
  assert.ok(stays > hours(24 * 30) - 60_000 && stays <= hours(24 * 30), `${stays}`)
})

test('a changed view has keys of its own: a store of the old build reads the old ones, which end by themselves', async () => {
  const changed = await project.connect({ changed: true })
  try {
    const [old, fresh] = [store, changed].map(({ manifest }) => manifest.views.ever!.layout.fingerprint)
    assert.is.not(old, fresh)
    await store.view('ever').materialize({ at: one })
    assert.equal(await everOf(changed), { 'null/null': customers })
    const running = changed.view('ever').materialize({ at: one })
    await inTheMidst(changed, '3/2')
    assert.equal(await everOf(store), { '2/2': customers })
    assert.is((await running).full, true)
    assert.equal(await everOf(changed), { '3/2': customers })
    assert.equal(await everOf(store), { '2/2': customers })
    // Each goes on by itself.
    assert.is((await store.view('ever').materialize({ at: two })).full, false)
    const oldKeys = await redis.keys(`*:ever:${old}`)
    assert.is(oldKeys.filter(key => key.startsWith('{')).length, customers)
    const lives = await Promise.all(oldKeys.filter(key => key.startsWith('{')).map(key => redis.pttl(key)))
    assert.ok(lives.every(life => life > 0))
    // What no layout shares is the same in both builds.
    assert.is(store.manifest.views.recent!.layout.fingerprint, changed.manifest.views.recent!.layout.fingerprint)
  } finally {
    await changed.close()
  }
})

test('two stores at once, one of them an hour late: what was new never gets old', async () => {
  const late = await project.connect()
  try {
    let over = false
    const runs = Promise.all([
      store.view('ever').materialize({ at: one }),
      late.view('ever').materialize({ at: noon, full: true }),
    ]).finally(() => {
      over = true
    })
    const rank = { '0/null': 0, '1/1': 1, '2/2': 2 } as const
    const seen = new Map<bigint, number>()
    const watched = Array.from({ length: 600 }, (_, index) => ({ customer: BigInt(index * 97) }))
    while (!over) {
      const rows = await late.view('ever').getMany(watched)
      for (const [index, { customer }] of watched.entries()) {
        const value = rank[`${rows[index]?.orders}/${rows[index]?.last_amount}` as keyof typeof rank]
        assert.ok(value >= (seen.get(customer) ?? 0), `customer ${customer} went back`)
        seen.set(customer, value)
      }
    }
    const [newer, older] = await runs
    assert.is(newer.written, customers)
    assert.ok(older.written <= customers)
    assert.equal(await everOf(store), { '2/2': customers })
    assert.equal(await project.completed(store, 'ever'), new Date(one))
    const again = await late.view('ever').materialize({ at: noon })
    assert.equal([again.full, again.rows, again.written], [true, customers, 0])
    assert.equal(await project.completed(store, 'ever'), new Date(one))
  } finally {
    await late.close()
  }
})

test.run()
