/** What the shared state of workers must do, wherever it is: `locksContract('redis', () => openLocks(...))`. */
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Claim, ClaimRequest, Done, Failure, Locks } from '../../runtime/schedule/locks.ts'

/** Several users of one empty state, each time another. */
export type OpenLocks = (users: number) => Promise<Locks[]>

const request = (worker: string, more: Partial<ClaimRequest> = {}): ClaimRequest => ({
  worker,
  lease: 60_000,
  ahead: 0,
  pace: 1_000,
  ready: false,
  ...more,
})
const done = (tick: number): Done => ({
  tick,
  completedAt: 7,
  run: { seconds: 0.5, rows: 3, written: 2, full: true },
  worker: 'a',
})
const failure = (attempt: number, retryAt: number): Failure => ({
  attempt,
  tick: 1_769_904_000_000_001,
  error: 'Ursache: "ü"',
  failedAt: 5,
  retryAt,
  worker: 'a',
})

/** Registers the suite. */
export function locksContract(name: string, open: OpenLocks): void {
  const test = suite(`locks: ${name}`)

  const withLocks =
    (work: (...locks: [Locks, Locks]) => Promise<void>, users = 2) =>
    async () => {
      const locks = await open(users)
      try {
        await work(...(locks as [Locks, Locks]))
      } finally {
        await Promise.all(locks.map(each => each.close()))
      }
    }

  const clock = async (locks: Locks) => (await locks.states([])).now

  async function taken(locks: Locks, worker = 'a', more: Partial<ClaimRequest> = {}): Promise<Claim> {
    const { claim } = await locks.claim(request(worker, more))
    assert.ok(claim)
    return claim as Claim
  }

  test(
    'what is due is taken once, by whoever asks first; then there is nothing, and it is known until when',
    withLocks(async (a, b) => {
      const now = await clock(a)
      await a.enter([{ member: 'v:1', dueAt: now - 5 }], false)
      const claim = await taken(a)
      assert.equal([claim.member, claim.dueAt, claim.abandoned, claim.failure], ['v:1', now - 5, false, null])
      assert.ok(claim.expiresAt >= now + 60_000 && claim.expiresAt < now + 70_000)
      const other = await b.claim(request('b'))
      assert.is(other.claim, null)
      assert.ok(other.now >= now)
      assert.equal([other.idle?.entered, other.idle?.upcoming], [1, 0])
      assert.ok(Math.abs((other.idle?.next ?? 0) - claim.expiresAt) <= 1)
    }),
  )

  test(
    'nothing entered is nothing to take',
    withLocks(async a => {
      const { claim, idle } = await a.claim(request('a'))
      assert.equal([claim, idle], [null, { next: null, upcoming: 0, some: null, workers: 1, entered: 0 }])
    }),
  )

  test(
    'many at once: each gets another one, until there are none',
    withLocks(async (...users) => {
      const now = await clock(users[0])
      const members = Array.from({ length: 50 }, (_, index) => `view${index}:1`)
      await users[0].enter(
        members.map(member => ({ member, dueAt: now })),
        false,
      )
      const answers = await Promise.all(
        Array.from({ length: 60 }, (_, index) => (users[index % users.length] as Locks).claim(request(`${index}`))),
      )
      const claims = answers.flatMap(({ claim }) => claim ?? [])
      assert.equal(claims.map(({ member }) => member).sort(), members.sort())
      assert.is(new Set(claims.map(({ token }) => token)).size, 50)
      // By chance, not in order: all fifty in the order of their names is as good as impossible.
      assert.is.not(claims.map(({ member }) => member).join(), members.join())
    }, 4),
  )

  test(
    'what comes is taken ahead of its time, the next first, but not what is far',
    withLocks(async a => {
      const now = await clock(a)
      await a.enter(
        [
          { member: 'second:1', dueAt: now + 9_000 },
          { member: 'first:1', dueAt: now + 8_000 },
          { member: 'far:1', dueAt: now + 100_000 },
        ],
        false,
      )
      assert.is((await a.claim(request('a'))).claim, null)
      const first = await taken(a, 'a', { ahead: 20_000 })
      assert.equal([first.member, first.dueAt], ['first:1', now + 8_000])
      // Its time has not come: the lock holds from then on.
      assert.is(first.expiresAt, now + 68_000)
      assert.is((await taken(a, 'a', { ahead: 20_000 })).member, 'second:1')
      const { claim, idle } = await a.claim(request('a', { ahead: 20_000, pace: 80_000 }))
      assert.is(claim, null)
      assert.is(idle?.upcoming, 2)
      assert.ok(Math.abs((idle?.some ?? 0) - now - 69_000) <= 1_001)
    }),
  )

  test(
    'a lock that expires is taken by another, who is told; the first can do nothing with it any more',
    withLocks(async (a, b) => {
      await a.enter([{ member: 'v:1', dueAt: (await clock(a)) - 1 }], false)
      const old = await taken(a, 'a', { lease: 60 })
      assert.is((await b.claim(request('b'))).claim, null)
      await sleep(80)
      const claim = await taken(b, 'b')
      assert.equal([claim.member, claim.abandoned], ['v:1', true])
      assert.equal(await a.renew([old], 1_000), [old])
      assert.equal(
        [
          await a.finish(old, done(5), 0),
          await a.fail(old, failure(1, 0)),
          await a.note(old, failure(1, 0)),
          await a.release(old, 0),
        ],
        [false, false, false, false],
      )
      const { states } = await a.states(['v:1'])
      assert.equal([states[0]?.done, states[0]?.failure, states[0]?.holder?.worker], [null, null, 'b'])
    }),
  )

  test(
    'a lock that is renewed holds',
    withLocks(async (a, b) => {
      await a.enter([{ member: 'v:1', dueAt: (await clock(a)) - 1 }], false)
      const claim = await taken(a, 'a', { lease: 300 })
      for (let time = 0; time < 5; time += 1) {
        await sleep(100)
        assert.equal(await a.renew([claim], 300), [])
        assert.is((await b.claim(request('b', { ahead: 10_000 }))).claim, null)
      }
      assert.equal(await a.renew([], 300), [])
      assert.is(await a.release(claim, 0), true)
      assert.equal((await taken(b, 'b')).abandoned, false)
    }),
  )

  test(
    'what is finished is due again when it was said, and its failures are forgotten',
    withLocks(async (a, b) => {
      const now = await clock(a)
      await a.enter([{ member: 'v:1', dueAt: now - 1 }], false)
      const first = await taken(a)
      assert.is(await a.fail(first, failure(3, now - 1)), true)
      const second = await taken(b, 'b')
      assert.equal([second.failure, second.abandoned], [failure(3, now - 1), false])
      assert.equal((await a.states(['v:1'])).states[0]?.failure, failure(3, now - 1))
      assert.is(await b.finish(second, done(1_769_904_000_000_001), now + 50_000), true)
      const { states } = await a.states(['v:1', 'none:1'])
      assert.equal(states, [
        { done: done(1_769_904_000_000_001), failure: null, holder: null },
        { done: null, failure: null, holder: null },
      ])
      const { claim, idle } = await a.claim(request('a'))
      assert.equal([claim, idle?.next], [null, now + 50_000])
      assert.is((await taken(a, 'a', { ahead: 60_000 })).failure, null)
    }),
  )

  test(
    'a failure that is noted keeps the lock',
    withLocks(async (a, b) => {
      await a.enter([{ member: 'v:1', dueAt: (await clock(a)) - 1 }], false)
      const claim = await taken(a)
      assert.is(await a.note(claim, failure(1, 0)), true)
      assert.is((await b.claim(request('b'))).claim, null)
      const { states } = await b.states(['v:1'])
      assert.equal([states[0]?.failure, states[0]?.holder?.worker], [failure(1, 0), 'a'])
      assert.ok(Math.abs((states[0]?.holder?.since ?? 0) - (await clock(a))) < 5_000)
    }),
  )

  test(
    'entering again changes nothing, unless all is to be looked at anew; what is taken stays taken',
    withLocks(async (a, b) => {
      const now = await clock(a)
      await a.enter(
        [
          { member: 'v:1', dueAt: now - 1 },
          { member: 'w:1', dueAt: now + 50_000 },
        ],
        false,
      )
      const claim = await taken(a)
      const again = [
        { member: 'v:1', dueAt: now - 1 },
        { member: 'w:1', dueAt: now - 1 },
      ]
      await b.enter(again, false)
      assert.is((await b.claim(request('b'))).claim, null)
      await b.enter(again, true)
      assert.is((await taken(b, 'b')).member, 'w:1')
      assert.is((await b.claim(request('b'))).claim, null)
      assert.is(await a.finish(claim, done(1), now - 1), true)
      assert.is((await taken(b, 'b')).member, 'v:1')
    }),
  )

  test(
    'workers without work are counted, until they were not heard of',
    withLocks(async (a, b) => {
      await a.claim(request('a', { pace: 100_000 }))
      await a.claim(request('a', { pace: 100_000 }))
      assert.is((await b.claim(request('b', { pace: 40 }))).idle?.workers, 2)
      await sleep(120)
      assert.is((await a.claim(request('c', { pace: 100_000 }))).idle?.workers, 2)
    }),
  )

  test(
    'turns are taken once at a time; the turn to look brings what was remembered',
    withLocks(async (a, b) => {
      assert.equal([await a.turn('enter', 200), await b.turn('enter', 200)], [true, false])
      await sleep(220)
      assert.is(await b.turn('enter', 200), true)
      assert.equal((await a.claim(request('a', { ready: true }))).turn, { incarnation: null })
      assert.is((await b.claim(request('b', { ready: true }))).turn, null)
      assert.is((await b.claim(request('b'))).turn, null)
    }),
  )

  test(
    'what is remembered is told at the next turn',
    withLocks(async (a, b) => {
      await a.remember('first')
      await a.remember('second')
      await a.enter([{ member: 'v:1', dueAt: (await clock(a)) - 1 }], false)
      const { claim, turn } = await b.claim(request('b', { ready: true }))
      assert.equal([claim?.member, turn], ['v:1', { incarnation: 'second' }])
    }),
  )

  test(
    'thousands of views: entered, told of, and taken',
    withLocks(async (a, b) => {
      const now = await clock(a)
      const members = Array.from({ length: 3_000 }, (_, index) => `view${index}:1`)
      await a.enter(
        members.map(member => ({ member, dueAt: now })),
        false,
      )
      const claim = await taken(b, 'b')
      await b.finish(claim, done(9), now + 100_000)
      const { states } = await a.states(members)
      assert.equal(
        states.flatMap((state, index) => (state.done ? [members[index]] : [])),
        [claim.member],
      )
      assert.is((await a.claim(request('a', { pace: 1 }))).claim === null, false)
    }),
  )

  test.run()
}
