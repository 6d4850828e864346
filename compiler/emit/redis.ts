/** The key schema of a materialized view: as JSON for machines, as a table for people. */
import type { ValueType } from '../../dsl/index.ts'
import { describeType, describeView } from '../catalog/describe.ts'
import { canonicalJson } from '../catalog/fingerprint.ts'
import { formatDuration } from '../catalog/format-duration.ts'
import { horizonOf } from '../plan/horizon.ts'
import { type Place, type PlacedField, type RowLayout, rowLayout } from '../plan/row-layout.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import type { Artefact } from './artefact.ts'
import { codecPath } from './codec.ts'
import { type ExampleRow, exampleRow } from './example-row.ts'
import { layoutFingerprint } from './layout.ts'
import { templates } from './render.ts'

const render = templates(new URL('./templates/', import.meta.url))

const day = 86_400_000_000
/** How long after its last write a row stays in Redis, unless the store is told otherwise. */
const retention = 30 * day

export function emitKeySchema(plan: ViewPlan): Artefact[] {
  const { view } = plan
  const layout = rowLayout(plan)
  const fingerprint = layoutFingerprint(plan)
  const example = exampleRow(layout)
  const key = (parts: readonly string[]) => `{${[view.entity, ...parts].join(':')}}:${view.name}:${fingerprint}`
  const schema = {
    view: view.name,
    entity: view.entity,
    layout: fingerprint,
    key: {
      pattern: key(view.joinKeys.map(({ name }) => `<${name}>`)),
      example: key(view.joinKeys.map(({ type }) => exampleKey(type))),
      parts: view.joinKeys.map(({ name, type }) => ({ name, type })),
    },
    row: {
      ...rowSchema(layout),
      example: { ...example, bytes: example.bytes.length, hex: example.bytes.toString('hex') },
    },
    expiry: expiryOf(plan),
  }
  return [
    { path: `redis/${view.name}.json`, text: `${canonicalJson(schema, 2)}\n` },
    {
      path: `redis/${view.name}.md`,
      text: render('key-schema.md', {
        ...schema,
        name: view.name,
        summary: describeView(view),
        codec: codecPath(view).slice('redis/'.length),
        expiry: expiryText(plan),
        nulls: layout.nulls,
        booleans: layout.booleans.bytes === 0 ? null : layout.booleans,
        rest: layout.rest,
        hasBytes: layout.fields.some(({ place }) => place.kind === 'bytes'),
        hasTexts: layout.fields.some(({ place }) => place.kind === 'text'),
        nullBytes: hexOf(example.bytes, layout.nulls),
        booleanBytes: hexOf(example.bytes, layout.booleans),
        headers: ['tick', 'event timestamp', 'created timestamp'].map((name, index) => ({
          name,
          offset: 8 * index,
          bytes: hexOf(example.bytes, { offset: 8 * index, bytes: 8 }),
        })),
        fields: layout.fields.map(field => fieldRow(field, layout, example)),
      }),
    },
  ]
}

/** Where all is, in bytes from the row's start; the lowest bit of a byte is bit 0. */
function rowSchema({ fields, nulls, booleans, rest }: RowLayout) {
  return {
    byteOrder: 'big-endian',
    header: ['tick', 'eventTimestamp', 'createdTimestamp'].map((name, index) => ({
      name,
      type: 'float64',
      unit: 'microseconds since 1970-01-01 UTC',
      offset: 8 * index,
      bytes: 8,
    })),
    nulls,
    booleans,
    rest,
    fields: fields.map(({ name, type, isNull, place }) => ({
      name,
      type,
      null: isNull,
      place:
        place.kind === 'bit'
          ? { kind: 'bit', byte: place.byte, bit: place.bit }
          : place.kind === 'slot'
            ? { kind: 'slot', offset: place.offset, bytes: place.bytes }
            : { kind: place.kind, endOffset: place.offset, bytes: null, number: place.number },
    })),
  }
}

/** In microseconds. */
function expiryOf({ view }: ViewPlan) {
  const horizon = horizonOf(view)
  return { retention, horizon, afterLastEvent: horizon === null ? null : horizon + Math.max(horizon, day) }
}

function expiryText(plan: ViewPlan): string {
  const { horizon, afterLastEvent } = expiryOf(plan)
  const written = `${formatDuration(retention)} after its last write`
  if (horizon === null || afterLastEvent === null) return `${written}; a feature looks back without end`
  return `${written}, or ${formatDuration(afterLastEvent)} after its last event: no feature looks back further than ${formatDuration(horizon)}`
}

function exampleKey(type: ValueType): string {
  return type.type === 'string' ? 'abc' : type.type === 'boolean' ? 'true' : '42'
}

function fieldRow({ index, name, type, isNull, place }: PlacedField, layout: RowLayout, { bytes, values }: ExampleRow) {
  const isCut = place.kind === 'text' || place.kind === 'bytes'
  return {
    number: index + 1,
    name,
    type: describeType(type),
    null: `${isNull.byte}.${isNull.bit}`,
    place: place.kind === 'bit' ? `${place.byte}.${place.bit}` : String(place.offset),
    bytes: place.kind === 'bit' ? '1 bit' : isCut ? '4 + length' : String(place.bytes),
    value: shortened(JSON.stringify(values[name])),
    example: place.kind === 'bit' ? '1' : isCut ? exampleText(place, layout, bytes) : hexOf(bytes, place),
  }
}

/** The end of a field, and what ends there. In examples, UTF-16 units are bytes. */
function exampleText(
  { kind, offset }: Extract<Place, { readonly kind: 'bytes' | 'text' }>,
  layout: RowLayout,
  bytes: ExampleRow['bytes'],
): string {
  const endsOf = (wanted: Place['kind']) =>
    layout.fields.flatMap(({ place }) =>
      place.kind === wanted && 'offset' in place ? [{ at: place.offset, end: bytes.readUInt32BE(place.offset) }] : [],
    )
  const ends = endsOf(kind)
  const number = ends.findIndex(({ at }) => at === offset)
  const first = kind === 'bytes' ? 0 : (endsOf('bytes').at(-1)?.end ?? layout.rest)
  const start = ends[number - 1]?.end ?? (kind === 'bytes' ? layout.rest : 0)
  const length = (ends[number]?.end ?? start) - start
  return `${hexOf(bytes, { offset, bytes: 4 })} ${hexOf(bytes, { offset: first + start, bytes: length })}`
}

function hexOf(
  bytes: ExampleRow['bytes'],
  { offset, bytes: length }: { readonly offset: number; readonly bytes: number },
) {
  return shortened(bytes.toString('hex', offset, offset + length))
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 32)}…` : text
}
