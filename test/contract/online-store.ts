/**
 * What every online store must do, whatever holds its rows: `onlineStoreContract('redis', () => openRedisStore(...))`.
 * One file because it is one suite, that each store runs as a whole.
 */
import { Buffer } from 'node:buffer'
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MeridianError } from '../../runtime/errors.ts'
import { keyOf } from '../../runtime/online/key.ts'
import { type RowHeader, readHeader } from '../../runtime/online/row.ts'
import type { OnlineStore, StoredRow } from '../../runtime/online/store.ts'
import { rowCodec } from '../codec.ts'

const codec = await rowCodec([{ name: 'text', type: { type: 'string' } }])

function row(tick: number, eventTimestamp: number, createdTimestamp: number, text = ''): Buffer {
  return codec.encode({ tick, eventTimestamp, createdTimestamp }, [text])
}

const stored = (key: string, bytes: Uint8Array, expiresIn: number | null = null): StoredRow => ({
  key,
  row: bytes,
  expiresIn,
})
const textOf = (bytes: Uint8Array | null | undefined) => bytes && codec.decode(Buffer.from(bytes))[0]
const order = ({ tick, eventTimestamp, createdTimestamp }: RowHeader) => [tick, eventTimestamp, createdTimestamp]

/** Not older: the first of tick, event and created timestamp that differs is greater, or none differs. */
function mayReplace(candidate: RowHeader, stored: RowHeader): boolean {
  const [now, before] = [order(candidate), order(stored)]
  const index = now.findIndex((value, place) => value !== before[place])
  return index < 0 || (now[index] as number) > (before[index] as number)
}

/** Registers the suite. `open` gives an empty store each time. */
export function onlineStoreContract(name: string, open: () => Promise<OnlineStore>): void {
  const test = suite(`online store: ${name}`)

  const withStore = (work: (store: OnlineStore) => Promise<void>) => async () => {
    const store = await open()
    try {
      await work(store)
    } finally {
      await store.close()
    }
  }

  test(
    'rows come back in the order of the keys, byte for byte, and null where there is none',
    withStore(async store => {
      const [a, b] = [row(1, 1, 1, 'a'), row(1, 1, 1, 'ü\u0000{}:%')]
      assert.is(await store.write([stored('{e:a}:v:f', a), stored('{e:}:v:f', b)]), 2)
      const read = await store.read(['{e:}:v:f', '{e:none}:v:f', '{e:a}:v:f', '{e:}:v:f'])
      assert.equal(
        read.map(bytes => bytes && Buffer.from(bytes).toString('hex')),
        [b.toString('hex'), null, a.toString('hex'), b.toString('hex')],
      )
    }),
  )

  test(
    'nothing asked is nothing read and nothing written',
    withStore(async store => {
      assert.equal(await store.read([]), [])
      assert.is(await store.write([]), 0)
    }),
  )

  test(
    'a write wins unless it is older, by tick, then event, then created timestamp',
    withStore(async store => {
      const steps: readonly [Buffer, string][] = [
        [row(2, 5, 5, 'first'), 'first'],
        [row(1, 9, 9, 'older tick'), 'first'],
        [row(2, 4, 9, 'older event'), 'first'],
        [row(2, 5, 4, 'older created'), 'first'],
        [row(2, 5, 5, 'same'), 'same'],
        [row(2, 5, 6, 'newer created'), 'newer created'],
        [row(2, 6, 0, 'newer event'), 'newer event'],
        [row(3, -1, -1, 'newer tick'), 'newer tick'],
      ]
      for (const [bytes, expected] of steps) {
        const written = await store.write([stored('k', bytes)])
        assert.is(textOf((await store.read(['k']))[0]), expected)
        assert.is(written, textOf(bytes) === expected ? 1 : 0, `written: ${textOf(bytes)}`)
      }
    }),
  )

  test(
    'headers compare as numbers: before the epoch, and by one microsecond of today',
    withStore(async store => {
      const today = 1_769_904_000_000_000
      for (const [older, newer] of [
        [-2, -1],
        [-1, 0],
        [-1, 1],
        [9, 10],
        [today, today + 1],
      ] as const) {
        const key = `k${older}`
        await store.write([stored(key, row(newer, 0, 0, 'newer'))])
        assert.is(await store.write([stored(key, row(older, 0, 0, 'older'))]), 0)
        assert.is(textOf((await store.read([key]))[0]), 'newer')
      }
    }),
  )

  test(
    'keys of any characters and any length are kept apart',
    withStore(async store => {
      const keys = ['', ' ', 'a b', 'a\nb', '{a}:b', '%', '*', '?', '[a]', "'", '"', '\\', 'ü', 'u\u0308', '😀']
      const all = [...keys, 'x'.repeat(10_000), `${'x'.repeat(9999)}y`]
      assert.is(await store.write(all.map((key, index) => stored(key, row(1, 0, 0, `${index}`)))), all.length)
      const read = await store.read(all)
      assert.equal(
        read.map(textOf),
        all.map((_, index) => `${index}`),
      )
    }),
  )

  test('different join keys have different rows', async () => {
    const unit = fc.constantFrom('%', ':', '{', '}', '3', 'A', '\u0000', '\ud800', '\udc00', '\ufffd', 'ü', '€', '😀')
    const text = fc.oneof(fc.string({ unit, maxLength: 4 }), fc.string({ unit: 'binary', maxLength: 6 }))
    const long = text.map(part => part + 'x'.repeat(3000))
    const keys = fc.uniqueArray(fc.tuple(fc.oneof(text, long), text), { maxLength: 30, selector: JSON.stringify })
    await withStore(async store => {
      const key = keyOf('route', 'route_stats', 'f00d')
      let tick = 0
      await fc.assert(
        fc.asyncProperty(keys, async all => {
          tick += 1
          await store.write(all.map((values, index) => stored(key(values), row(tick, 0, 0, `${tick} ${index}`))))
          const read = await store.read(all.map(key))
          assert.equal(
            read.map(textOf),
            all.map((_, index) => `${tick} ${index}`),
          )
        }),
        { numRuns: 50 },
      )
    })()
  })

  test(
    'reads made at the same time, large and small, each get their own rows',
    withStore(async store => {
      const count = 3000
      const key = (index: number) => `{e:${index}}:v:f`
      const all = Array.from({ length: count }, (_, index) => index)
      await store.write(all.map(index => stored(key(index), row(1, 0, 0, `${index}`))))
      const asked = [
        ...all.map(index => [index]),
        [...all].reverse(),
        all,
        [],
        [7, 7, -1, 8],
        ...all.slice(0, 500).map(index => [index, count + index, count - 1 - index]),
      ]
      const read = await Promise.all(asked.map(indices => store.read(indices.map(key))))
      for (const [place, indices] of asked.entries()) {
        const expected = indices.map(index => (index >= 0 && index < count ? `${index}` : null))
        assert.equal(read[place]?.map(textOf), expected)
      }
    }),
  )

  test(
    'writes made at the same time leave the newest row of each key',
    withStore(async store => {
      const keys = Array.from({ length: 450 }, (_, index) => `{e:${index}}:v:f`)
      const ticks = [3, 1, 5, 2, 4]
      await Promise.all(ticks.map(tick => store.write(keys.map(key => stored(key, row(tick, 0, 0, `${tick}`))))))
      const read = await store.read(keys)
      assert.ok(read.every(bytes => textOf(bytes) === '5'))
    }),
  )

  test(
    'many rows in one batch, and in one read',
    withStore(async store => {
      const count = 20_000
      const keys = Array.from({ length: count }, (_, index) => `{e:${index}}:v:f`)
      assert.is(await store.write(keys.map((key, index) => stored(key, row(1, index, 0, key)))), count)
      const read = await store.read([...keys].reverse())
      assert.is(read.length, count)
      assert.ok(read.every((bytes, index) => textOf(bytes) === keys[count - 1 - index]))
    }),
  )

  test(
    'a read beside writes sees whole rows, each old or new, and never an older one again',
    withStore(async store => {
      const keys = ['a', 'b', 'c']
      const text = (tick: number) => `${tick}:`.repeat(500)
      const write = async (from: number) => {
        for (let tick = from; tick <= 60; tick += 2)
          await store.write(keys.map(key => stored(key, row(tick, 0, 0, text(tick)))))
      }
      const read = async () => {
        const newest = new Map(keys.map(key => [key, 0]))
        for (let round = 0; round < 60; round += 1) {
          for (const [index, bytes] of (await store.read(keys)).entries()) {
            if (!bytes) continue
            const { tick } = readHeader(bytes)
            assert.is(textOf(bytes), text(tick))
            assert.ok(tick >= (newest.get(keys[index] as string) ?? 0))
            newest.set(keys[index] as string, tick)
          }
        }
      }
      await Promise.all([write(1), read(), write(2), read()])
      assert.ok((await store.read(keys)).every(bytes => bytes && readHeader(bytes).tick === 60))
    }),
  )

  test(
    'one batch may write a key twice',
    withStore(async store => {
      const rows = [row(2, 0, 0, 'newer'), row(1, 0, 0, 'older')].map(bytes => stored('k', bytes))
      assert.is(await store.write(rows), 1)
      assert.is(textOf((await store.read(['k']))[0]), 'newer')
    }),
  )

  test('whatever the order of writes, the newest is what stays, and writing again changes nothing', async () => {
    const instant = fc.integer({ min: -2, max: 2 })
    const write = fc.record({ key: fc.constantFrom('a', 'b'), tick: instant, event: instant, created: instant })
    await fc.assert(
      fc.asyncProperty(fc.array(write, { maxLength: 12 }), async writes => {
        await withStore(async store => {
          const model = new Map<string, RowHeader>()
          const rows = writes.map(({ key, tick, event, created }) => stored(key, row(tick, event, created)))
          for (const stored of rows) {
            const header = readHeader(stored.row)
            const before = model.get(stored.key)
            const wins = before === undefined || mayReplace(header, before)
            if (wins) model.set(stored.key, header)
            assert.is(await store.write([stored]), wins ? 1 : 0)
          }
          const check = async () => {
            const read = await store.read(['a', 'b'])
            assert.equal(
              read.map(bytes => bytes && readHeader(bytes)),
              ['a', 'b'].map(key => model.get(key) ?? null),
            )
          }
          await check()
          await store.write(rows)
          await check()
        })()
      }),
      { numRuns: 50 },
    )
  })

  test(
    'a row that expires is gone afterwards, unless it is written again',
    withStore(async store => {
      await store.write([
        stored('short', row(1, 0, 0), 150),
        stored('shorter', row(1, 0, 0), 0.25),
        stored('long', row(1, 0, 0), 600_000),
        stored('ever', row(1, 0, 0)),
      ])
      await store.write([stored('again', row(1, 0, 0), 150)])
      await store.write([stored('again', row(1, 0, 0), 600_000)])
      assert.ok((await store.read(['short', 'long', 'ever', 'again'])).every(bytes => bytes !== null))
      await new Promise(resolve => setTimeout(resolve, 300))
      assert.equal(await store.read(['shorter']), [null])
      const found = await store.read(['short', 'long', 'ever', 'again'])
      assert.equal(
        found.map(bytes => bytes !== null),
        [false, true, true, true],
      )
      // What expired holds nothing back.
      assert.is(await store.write([stored('short', row(0, 0, 0))]), 1)
    }),
  )

  test(
    'the completed tick of a layout only moves forward',
    withStore(async store => {
      const completed = (tick: bigint, fullAt = 0, incarnation = '') => ({ tick, fullAt, incarnation })
      assert.is(await store.completedTick('v', 'f'), null)
      await store.completeTick('v', 'f', completed(-5n))
      assert.equal(await store.completedTick('v', 'f'), completed(-5n))
      await store.completeTick('v', 'f', completed(992_606_400_000_001n, 1_769_904_000_000))
      await store.completeTick('v', 'f', completed(992_606_400_000_000n))
      assert.equal(await store.completedTick('v', 'f'), completed(992_606_400_000_001n, 1_769_904_000_000))
      await store.completeTick('v', 'f', completed(992_606_400_000_001n, 1_769_904_000_001, 'ü'))
      assert.equal(await store.completedTick('v', 'f'), completed(992_606_400_000_001n, 1_769_904_000_001, 'ü'))
      assert.is(await store.completedTick('v', 'g'), null)
      assert.is(await store.completedTick('w', 'f'), null)
    }),
  )

  test(
    'the incarnation is said, and stays while nothing is lost',
    withStore(async store => {
      const incarnation = await store.incarnation()
      assert.is.not(incarnation, '')
      await store.write([stored('k', row(1, 0, 0))])
      assert.is(await store.incarnation(), incarnation)
    }),
  )

  test(
    'rows are not written after the signal, and calls that are under way leave whole rows',
    withStore(async store => {
      const reason = new Error('enough')
      const keys = Array.from({ length: 20_000 }, (_, index) => `{e:${index}}:v:f`)
      const batch = keys.map(key => stored(key, row(1, 0, 0, key)))
      const error = await store.write(batch, AbortSignal.abort(reason)).catch((thrown: unknown) => thrown)
      assert.ok(error instanceof MeridianError && error.code === 'aborted' && error.cause === reason, `${error}`)
      assert.ok((await store.read(keys)).every(bytes => bytes === null))
      const controller = new AbortController()
      const writing = store.write(batch, controller.signal).then(
        () => 'done',
        (thrown: unknown) => (thrown instanceof MeridianError ? thrown.code : thrown),
      )
      await new Promise(setImmediate)
      controller.abort()
      const end = await writing
      const texts = (await store.read(keys)).map(textOf)
      assert.ok(texts.every((text, index) => text === null || text === keys[index]))
      if (end === 'done') assert.ok(texts.every(text => text !== null))
      else assert.is(end, 'aborted')
    }),
  )

  test('to close a store ends what is under way: it is done, or the store says that it is closed', async () => {
    const store = await open()
    const keys = Array.from({ length: 3000 }, (_, index) => `{e:${index}}:v:f`)
    const calls = [store.write(keys.map(key => stored(key, row(1, 0, 0)))), store.read(keys), store.read(['k'])]
    const ends = Promise.allSettled<unknown>(calls)
    await store.close()
    for (const end of await ends) {
      if (end.status === 'fulfilled') continue
      assert.ok(end.reason instanceof MeridianError, `${end.reason}`)
      assert.is(end.reason.code, 'store.closed')
    }
  })

  test('a closed store says so, and finds nothing empty', async () => {
    const store = await open()
    await store.close()
    await store.close()
    const calls = [
      () => store.read(['k']),
      () => store.write([]),
      () => store.completeTick('v', 'f', { tick: 1n, fullAt: 0, incarnation: '' }),
      () => store.completedTick('v', 'f'),
      () => store.incarnation(),
    ]
    for (const call of calls) {
      const error = await call().then(
        () => null,
        (thrown: unknown) => thrown,
      )
      assert.is(error instanceof MeridianError && error.code, 'store.closed')
    }
  })

  test.run()
}
