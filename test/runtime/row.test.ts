import { Buffer } from 'node:buffer'
import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { MeridianError } from '../../runtime/errors.ts'
import type { WireType } from '../../runtime/index.ts'
import { readHeader, rowCodec, type StoredValue } from '../../runtime/online/row.ts'

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

test('what was encoded is what is decoded, for any layout', () => {
  fc.assert(
    fc.property(header, fc.array(typedValue, { maxLength: 20 }), (head, columns) => {
      const fields = columns.map(({ type }, index) => ({ name: `f${index}`, type }))
      const codec = rowCodec({ fingerprint: 'f', fields })
      const row = codec.encode(
        head,
        columns.map(({ value }) => value),
      )
      assert.equal(readHeader(row), { ...head })
      const decoded = codec.decode(row)
      for (const [index, { type, value }] of columns.entries())
        assert.ok(identical(decoded[index], value), `${JSON.stringify(type)}: ${String(value)}`)
    }),
    { numRuns: 500 },
  )
})

/** Deep, with NaN the same as NaN and minus zero another number than zero. */
function identical(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  if (one.constructor !== other.constructor) return false
  const [entries, others] = [Object.entries(one), Object.entries(other)]
  return (
    entries.length === others.length &&
    entries.every(([name, value]) => identical(value, others.find(([key]) => key === name)?.[1]))
  )
}

test('a row decodes from the middle of a larger buffer, and its bytes are not shared', () => {
  const codec = rowCodec({ fingerprint: 'f', fields: [{ name: 'raw', type: { type: 'bytes' } }] })
  const row = codec.encode({ tick: 1, eventTimestamp: 2, createdTimestamp: 3 }, [new Uint8Array([7, 8])])
  const reply = Buffer.concat([Buffer.from('$123\r\n'), row, Buffer.from('\r\n')])
  const part = reply.subarray(6, 6 + row.length)
  assert.equal(readHeader(part), { tick: 1, eventTimestamp: 2, createdTimestamp: 3 })
  const [bytes] = codec.decode(part)
  reply.fill(0)
  assert.equal(bytes, new Uint8Array([7, 8]))
})

test('the bytes of a row are fixed: stored rows outlive the process that wrote them', () => {
  const codec = rowCodec({
    fingerprint: 'f',
    fields: [
      { name: 'n', type: { type: 'int32' } },
      { name: 'late', type: { type: 'boolean' } },
      { name: 'name', type: { type: 'string' } },
      { name: 'none', type: { type: 'float64' } },
      { name: 'big', type: { type: 'int64', as: 'bigint' } },
    ],
  })
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
    '00000038',
    Buffer.from('hi').toString('hex'), // end of the text, the text
  ]
  assert.is(row.toString('hex'), parts.join(''))
})

test('an int64 that is declared as a number is never rounded', () => {
  const codec = rowCodec({ fingerprint: 'f', fields: [{ name: 'n', type: { type: 'int64', as: 'number' } }] })
  try {
    codec.encode({ tick: 0, eventTimestamp: 0, createdTimestamp: 0 }, [2 ** 53])
  } catch (error) {
    assert.is(error instanceof MeridianError && error.code, 'value.out-of-range')
    return
  }
  assert.unreachable('rounded')
})

test.run()
