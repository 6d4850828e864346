/** Key schemas say what is so: their examples go through the real codec, and through the function that makes keys. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Field, Manifest, WireType } from 'meridian/runtime'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { horizonOf } from '../compiler/plan/horizon.ts'
import { codecRuntime } from '../runtime/online/codec.ts'
import { type KeyValue, keyOf } from '../runtime/online/key.ts'
import { readHeader } from '../runtime/online/row.ts'

interface KeySchema {
  readonly view: string
  readonly entity: string
  readonly layout: string
  readonly key: { readonly pattern: string; readonly example: string; readonly parts: readonly Field[] }
  readonly row: {
    readonly rest: number
    readonly fields: readonly (Field & { readonly place: Readonly<Record<string, string | number | null>> })[]
    readonly example: {
      readonly header: object
      readonly values: Readonly<Record<string, unknown>>
      readonly bytes: number
      readonly hex: string
    }
  }
  readonly expiry: {
    readonly retention: number
    readonly horizon: number | null
    readonly afterLastEvent: number | null
  }
}

const golden = fileURLToPath(new URL('golden', import.meta.url))
const folders = [
  ...readdirSync(golden).map(name => join(golden, name, 'expected')),
  fileURLToPath(new URL('../generated/flights', import.meta.url)),
]
const day = 86_400_000_000

/** Values of the codec as the schema's JSON has them. */
function asJson(value: unknown, type: WireType): unknown {
  if (value === null) return null
  switch (type.type) {
    case 'int64':
    case 'timestamp':
      return String(value)
    case 'bytes':
      return Buffer.from(value as Uint8Array).toString('base64')
    case 'list':
      return (value as readonly unknown[]).map(item => asJson(item, type.element))
    case 'vector':
      return [...(value as Float32Array)]
    default:
      return value
  }
}

const exampleKey = ({ type }: Field): KeyValue => (type.type === 'string' ? 'abc' : type.type === 'boolean' ? true : 42)

let count = 0
for (const folder of folders) {
  const manifest: Manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))
  for (const view of Object.values(manifest.views).filter(({ materialize }) => materialize)) {
    count += 1
    const schema: KeySchema = JSON.parse(readFileSync(join(folder, 'redis', `${view.name}.json`), 'utf8'))
    const title = `${manifest.project}.${view.name}`

    test(`${title}: the example row is one that the codec writes and reads`, async () => {
      const { default: load } = await import(pathToFileURL(join(folder, view.codec)).href)
      const codec = load(codecRuntime)
      const { header, values, hex, bytes } = schema.row.example
      const row = Buffer.from(hex, 'hex')
      assert.is(row.length, bytes)
      assert.equal({ ...readHeader(row) }, header)
      const decoded = codec.decode(row)
      assert.equal(
        Object.fromEntries(view.layout.fields.map(({ name, type }, index) => [name, asJson(decoded[index], type)])),
        values,
      )
      assert.is(codec.encode(header, decoded).toString('hex'), hex)
    })

    test(`${title}: the example key is one that the runtime makes, and fields lie where it says`, () => {
      const { entity, name, layout, keys } = view
      assert.is(keyOf(entity, name, layout.fingerprint)(keys.map(exampleKey)), schema.key.example)
      assert.equal(schema.key.parts, keys)
      assert.equal(
        schema.row.fields.map(field => ({ name: field.name, type: field.type })),
        layout.fields,
      )
      const row = Buffer.from(schema.row.example.hex, 'hex')
      for (const { name: field, type, place } of schema.row.fields) {
        const value = schema.row.example.values[field]
        if (type.type === 'int32' || type.type === 'float64')
          assert.is(row.readDoubleBE(Number(place.offset)), value, field)
        else if (type.type === 'boolean') assert.is(((row[Number(place.byte)] ?? 0) >> Number(place.bit)) & 1, 1, field)
        else if (type.type === 'string') {
          const endsOf = (kind: string) =>
            schema.row.fields.flatMap(({ place: { kind: own, endOffset, number } }) =>
              own === kind && (kind === 'bytes' || Number(number) < Number(place.number))
                ? [row.readUInt32BE(Number(endOffset))]
                : [],
            )
          const text = row.toString('utf8', endsOf('bytes').at(-1) ?? schema.row.rest)
          const start = endsOf('text').at(-1) ?? 0
          assert.is(text.slice(start, row.readUInt32BE(Number(place.endOffset))), value, field)
        }
      }
    })

    test(`${title}: a row expires when it says no more than none`, () => {
      const { retention, horizon, afterLastEvent } = schema.expiry
      assert.is(retention, 30 * day)
      assert.is(horizon, view.horizon)
      assert.is(afterLastEvent, horizon === null ? null : horizon + Math.max(horizon, day))
    })
  }
}

test('there were some', () => assert.ok(count > 20))

const over = (length: number | null) =>
  ({ kind: 'aggregate', aggregate: 'count', value: null, where: null, over: length }) as const
const value = { kind: 'column', name: 'n', type: { type: 'int32' } } as const
const last = { kind: 'latest', pick: 'last', where: null, value } as const
const ratio = (numerator: number | null, denominator: number | null) =>
  ({ kind: 'ratio', numerator: over(numerator), denominator: over(denominator) }) as const

test('a view looks back as far as its longest window and its ttl, where it has one', () => {
  const horizon = (ttl: number | null, ...computations: (typeof last | ReturnType<typeof over | typeof ratio>)[]) =>
    horizonOf({
      ttl,
      features: computations.map(computation => ({
        name: 'f',
        doc: null,
        type: { type: 'int32' },
        default: null,
        computation,
      })),
    })
  assert.is(horizon(null, over(5), over(7)), 7)
  assert.is(horizon(9, over(5)), 5)
  assert.is(horizon(9, over(5), last), 9)
  assert.is(horizon(9, over(12), last), 12)
  assert.is(horizon(null, over(5), last), null)
  assert.is(horizon(9, over(5), over(null)), null)
  assert.is(horizon(null, ratio(3, 8)), 8)
  assert.is(horizon(null, ratio(3, null)), null)
  assert.is(horizon(null, ratio(null, 3)), null)
})

test.run()
