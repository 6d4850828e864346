import { Buffer } from 'node:buffer'
import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { WireType } from '../../runtime/index.ts'
import { codecRuntime } from '../../runtime/online/codec.ts'
import { readHeader, type StoredValue } from '../../runtime/online/row.ts'
import { rowCodec } from '../codec.ts'
import { failure } from './shop.ts'

const scalar: fc.Arbitrary<WireType> = fc.constantFrom<WireType>(
  { type: 'boolean' },
  { type: 'int32' },
  { type: 'int64', as: 'bigint' },
  { type: 'int64', as: 'number' },
  { type: 'float64' },
  { type: 'decimal', precision: 38, scale: 4 },
  { type: 'string' },
  { type: 'timestamp' },
  { type: 'bytes' },
  { type: 'json' },
  { type: 'vector', dimensions: 3 },
)

const { type: anyType } = fc.letrec<{ type: WireType }>(tie => ({
  type: fc.oneof(
    { maxDepth: 2 },
    { arbitrary: scalar, weight: 5 },
    { arbitrary: fc.record({ type: fc.constant('list' as const), element: tie('type') }), weight: 2 },
  ),
}))

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })

function valuesOf(type: WireType): fc.Arbitrary<StoredValue> {
  switch (type.type) {
    case 'boolean':
      return fc.boolean()
    case 'int32':
      return fc.integer()
    case 'int64':
      return type.as === 'bigint' ? int64 : fc.maxSafeInteger()
    case 'float64':
      return fc.double()
    case 'decimal':
      return fc.tuple(fc.bigInt(), fc.nat(9999)).map(([whole, rest]) => `${whole}.${String(rest).padStart(4, '0')}`)
    case 'string':
      return fc.string({ unit: 'binary' })
    case 'timestamp':
      return int64
    case 'bytes':
      return fc.uint8Array()
    case 'json':
      // JSON text has no minus zero.
      return fc.jsonValue().map(value => JSON.parse(JSON.stringify(value)) as StoredValue)
    case 'vector':
      return fc.float32Array({ minLength: type.dimensions, maxLength: type.dimensions })
    case 'list':
      return fc.array(fc.option(valuesOf(type.element)), { maxLength: 4 })
  }
}

const header = fc.record({
  tick: fc.maxSafeInteger(),
  eventTimestamp: fc.maxSafeInteger(),
  createdTimestamp: fc.maxSafeInteger(),
})

const typedValue = anyType.chain(type => fc.record({ type: fc.constant(type), value: fc.option(valuesOf(type)) }))

test('what was encoded is what is decoded, for any layout', async () => {
  await fc.assert(
    fc.asyncProperty(header, fc.array(typedValue, { maxLength: 20 }), async (head, columns) => {
      const fields = columns.map(({ type }, index) => ({ name: `f${index}`, type }))
      const codec = await rowCodec(fields)
      const row = codec.encode(
        head,
        columns.map(({ value }) => value),
      )
      assert.equal(readHeader(row), { ...head })
      const decoded = codec.decode(row)
      for (const [index, { type, value }] of columns.entries())
        assert.ok(identical(decoded[index], value), `${JSON.stringify(type)}: ${String(value)}`)
      // A feature is what is stored, but for instants, which are Dates, to the millisecond.
      const read = codec.read(row, 0n)
      assert.equal(
        Object.keys(read),
        fields.map(({ name }) => name),
      )
      for (const [index, { type, value }] of columns.entries())
        assert.ok(identical(read[`f${index}`], answer(value, type)), `${JSON.stringify(type)}: ${String(value)}`)
    }),
    { numRuns: 500 },
  )
})

function answer(value: unknown, type: WireType): unknown {
  if (value === null) return null
  if (type.type === 'list') return (value as readonly unknown[]).map(item => answer(item, type.element))
  if (type.type !== 'timestamp') return value
  const micros = value as bigint
  return new Date(Number((micros - (((micros % 1000n) + 1000n) % 1000n)) / 1000n))
}

/** Deep, with NaN the same as NaN and minus zero another number than zero. */
function identical(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  if (one.constructor !== other.constructor) return false
  if (one instanceof Date) return Object.is(one.getTime(), (other as Date).getTime())
  const [entries, others] = [Object.entries(one), Object.entries(other)]
  return (
    entries.length === others.length &&
    entries.every(([name, value]) => identical(value, others.find(([key]) => key === name)?.[1]))
  )
}

test('a row decodes from the middle of a larger buffer, and its bytes are not shared', async () => {
  const codec = await rowCodec([{ name: 'raw', type: { type: 'bytes' } }])
  const row = codec.encode({ tick: 1, eventTimestamp: 2, createdTimestamp: 3 }, [new Uint8Array([7, 8])])
  const reply = Buffer.concat([Buffer.from('$123\r\n'), row, Buffer.from('\r\n')])
  const part = reply.subarray(6, 6 + row.length)
  assert.equal(readHeader(part), { tick: 1, eventTimestamp: 2, createdTimestamp: 3 })
  const [bytes] = codec.decode(part)
  reply.fill(0)
  assert.equal(bytes, new Uint8Array([7, 8]))
})

test('the bytes of a row are fixed: stored rows outlive the process that wrote them', async () => {
  const codec = await rowCodec([
    { name: 'n', type: { type: 'int32' } },
    { name: 'late', type: { type: 'boolean' } },
    { name: 'name', type: { type: 'string' } },
    { name: 'none', type: { type: 'float64' } },
    { name: 'big', type: { type: 'int64', as: 'bigint' } },
  ])
  const row = codec.encode({ tick: 1, eventTimestamp: 2, createdTimestamp: -2 }, [1, true, 'hi', null, -1n])
  const parts = [
    '3ff0000000000000',
    '4000000000000000',
    'c000000000000000', // header
    '08',
    '01', // nulls, booleans
    '3ff0000000000000',
    '0000000000000000',
    'ffffffffffffffff', // slots
    '00000002',
    Buffer.from('hi').toString('hex'), // end of the text, the text
  ]
  assert.is(row.toString('hex'), parts.join(''))
})

test('what a row would not hold exactly is an error that names the field', async () => {
  const cases: readonly [WireType, StoredValue][] = [
    [{ type: 'int64', as: 'number' }, 2 ** 53],
    [{ type: 'int64', as: 'number' }, 0.5],
    [{ type: 'int64', as: 'bigint' }, 2n ** 63n],
    [{ type: 'timestamp' }, -(2n ** 63n) - 1n],
    [{ type: 'vector', dimensions: 3 }, new Float32Array(2)],
    [{ type: 'vector', dimensions: 3 }, new Float32Array(4)],
  ]
  for (const [type, value] of cases) {
    const codec = await rowCodec([{ name: 'the_field', type }])
    const error = await failure('value.out-of-range', () =>
      codec.encode({ tick: 0, eventTimestamp: 0, createdTimestamp: 0 }, [value]),
    )
    assert.equal(error.details, { name: 'the_field' })
    assert.match(error.message, '"the_field"')
  }
})

test('texts of ASCII, of other characters, and both beside each other', async () => {
  const codec = await rowCodec(['a', 'b', 'c'].map(name => ({ name, type: { type: 'string' } })))
  const head = { tick: 1, eventTimestamp: 2, createdTimestamp: 3 }
  for (const texts of [
    ['', '', ''],
    ['plain', '', 'text'],
    ['São', 'plain', '東京'],
    ['plain', '😀', ''],
    [null, 'ü', 'u\u0308'],
    ['\u0000\u007f', null, '\u0080'],
  ])
    assert.equal(codec.decode(codec.encode(head, texts)), texts)
  // A half of a surrogate pair has no UTF-8: the row has what UTF-8 puts in its place, and its neighbours are whole.
  assert.equal(codec.decode(codec.encode(head, ['a', '\ud800', 'b'])), ['a', '\ufffd', 'b'])
  // The two halves of one, in neighbours: together they are a character, and each is still where it was.
  assert.equal(codec.decode(codec.encode(head, ['a\ud83d', '\ude00', 'b'])), ['a\ud83d', '\ude00', 'b'])
})

test('texts lie behind bytes, wherever those are declared', async () => {
  const types = ['string', 'bytes', 'string', 'bytes'] as const
  const codec = await rowCodec(types.map((type, index) => ({ name: `f${index}`, type: { type } })))
  const values = ['東京', Uint8Array.of(0xff, 0xfe), 'é', Uint8Array.of(0x80)]
  const row = codec.encode({ tick: 1, eventTimestamp: 2, createdTimestamp: 3 }, values)
  assert.equal(codec.decode(row), values)
  assert.is(row.toString('hex', 41), `fffe80${Buffer.from('東京é').toString('hex')}`)
})

test('rows are written whole, whatever was in their memory before', async () => {
  const types: readonly WireType[] = [
    { type: 'boolean' },
    { type: 'int32' },
    { type: 'int64', as: 'bigint' },
    { type: 'int64', as: 'number' },
    { type: 'timestamp' },
    { type: 'vector', dimensions: 2 },
    { type: 'string' },
    { type: 'bytes' },
    { type: 'json' },
    { type: 'list', element: { type: 'int32' } },
  ]
  const codec = await rowCodec(
    types.map((type, index) => ({ name: `f${index}`, type })),
    { ...codecRuntime, allocate: bytes => Buffer.alloc(bytes, 0xff) },
  )
  const row = codec.encode(
    { tick: 1, eventTimestamp: 1, createdTimestamp: 1 },
    types.map(() => null),
  )
  assert.match(row.toString('hex'), /^(3ff0000000000000){3}ff0300(00){40}(00){4}00000053(00){8}$/)
})

test('a feature that JavaScript gives every object is the row’s own, and more features than a literal may have', async () => {
  const names = ['constructor', 'toString', ...Array.from({ length: 600 }, (_, index) => `f${index}`)]
  const codec = await rowCodec(names.map(name => ({ name, type: { type: 'int32' } })))
  const values = names.map((_, index) => (index % 7 === 0 ? null : index))
  const head = { tick: 1, eventTimestamp: 1, createdTimestamp: 1 }
  const read = codec.read(codec.encode(head, values), 0n)
  assert.equal(
    Object.entries(read),
    names.map((name, index) => [name, values[index]]),
  )
  assert.is(Object.getPrototypeOf(read), Object.prototype)
})

test.run()
