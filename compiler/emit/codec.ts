/**
 * Each view's codec: a JavaScript module that writes and reads its stored rows, field by field, without a loop. That of a
 * view which is not stored reads what its lookup found.
 */
import { describeType, describeView } from '../catalog/describe.ts'
import { headerFields, type PlacedField, rowLayout } from '../plan/row-layout.ts'
import { emptyValue, type Output, type ViewPlan } from '../plan/view-plan.ts'
import type { Artefact } from './artefact.ts'
import { defaultOf, Expressions, isBigint } from './codec-expressions.ts'
import { layoutFingerprint } from './layout.ts'
import { templates } from './render.ts'

const render = templates(new URL('./templates/', import.meta.url))

export function codecPath({ name, materialize }: ViewPlan['view']): string {
  return materialize ? `redis/${name}.codec.mjs` : `client/${name}.codec.mjs`
}

export function emitCodec(plan: ViewPlan): Artefact {
  const template = plan.view.materialize ? 'codec.mjs' : 'codec-of-values.mjs'
  return { path: codecPath(plan.view), text: render(template, codecModel(plan)) }
}

function codecModel(plan: ViewPlan) {
  const { view, outputs } = plan
  const layout = rowLayout(plan)
  const expressions = new Expressions(layout)
  const fieldOf = (name: string): PlacedField => {
    const field = layout.fields.find(candidate => candidate.name === name)
    if (!field) throw new Error(`the layout of ${view.name} has no ${name}`)
    return field
  }
  const groups = plan.latest.map(({ eventTimestamp }) => fieldOf(eventTimestamp))
  const ages = view.ttl !== null && groups.length > 0
  const features = outputs.map(output => featureOf(output, fieldOf, expressions, view.materialize, ages))
  const stored = view.materialize ? storedModel(plan, layout.fields, expressions) : null
  return {
    name: view.name,
    provenance: view.provenance,
    summary: describeView(view),
    ttl: ages ? `${view.ttl}n` : null,
    instant: ages && view.materialize ? expressions.runtime('instant') : null,
    fresh: groups.map(group => ({
      name: `fresh${group.index}`,
      ofRow: `(${expressions.isNull(group)}) === 0${ages ? ` && ${expressions.notBefore(group)}` : ''}`,
      ofValues: `values[${group.index}] !== null${ages ? ` && values[${group.index}] >= oldest` : ''}`,
      field: group.name,
    })),
    features,
    ...stored,
    fields: layout.fields.map(({ index, name }) => ({ index, name })),
    types: [...expressions.types].map(([name, type]) => ({ name, text: JSON.stringify(type) })),
    uses: [...expressions.uses].sort(),
  }
}

function featureOf(
  output: Output,
  fieldOf: (name: string) => PlacedField,
  expressions: Expressions,
  isStored: boolean,
  ages: boolean,
) {
  const field = fieldOf(output.name)
  const otherwise = defaultOf(output)
  const value = `values[${field.index}]`
  const answer = expressions.answerOf(field, value)
  if (output.kind !== 'latest')
    return {
      name: output.name,
      ofRow: isStored ? `${expressions.isNull(field)} ? ${otherwise} : ${expressions.answer(field)}` : '',
      ofValues: otherwise === 'null' ? answer : `${answer} ?? ${otherwise}`,
      detail: `${expressions.runtime('computed')}(${answer}, ${otherwise}, tick)`,
    }
  const group = fieldOf(output.eventTimestamp)
  const fresh = `fresh${group.index}`
  const current = `${fresh} ? ${answer} : null`
  return {
    name: output.name,
    ofRow: isStored
      ? `${fresh} && (${expressions.isNull(field)}) === 0 ? ${expressions.answer(field)} : ${otherwise}`
      : '',
    ofValues: otherwise === 'null' ? current : `(${current}) ?? ${otherwise}`,
    detail: `${expressions.runtime('taken')}(${answer}, ${otherwise}, tick, values[${group.index}], ${ages ? 'oldest' : 'null'})`,
  }
}

function storedModel(plan: ViewPlan, fields: readonly PlacedField[], expressions: Expressions) {
  const layout = rowLayout(plan)
  const texts = fields.filter(({ place }) => place.kind === 'text')
  const blobs = fields.filter(({ place }) => place.kind === 'bytes')
  const empty = new Map(plan.outputs.map(output => [output.name, emptyValue(output)]))
  const bytesOf = (from: { readonly offset: number; readonly bytes: number }) =>
    Array.from({ length: from.bytes }, (_, index) => from.offset + index)
  return {
    fingerprint: layoutFingerprint(plan),
    places: places(plan),
    blobs: blobs.map(field => blobModel(field, expressions)),
    texts: texts.map(field => textModel(field, expressions)),
    hasTexts: texts.length > 0,
    start: expressions.texts,
    ...(texts.length > 0 && {
      joined: texts.map((_, index) => `text${index}`).join(' + '),
      byteLength: expressions.runtime('byteLength'),
      putText: expressions.runtime('putText'),
      textFrom: expressions.runtime('textFrom'),
    }),
    allocate: expressions.runtime('allocate'),
    tickOf: expressions.runtime('tickOf'),
    bits: [
      ...bytesOf(layout.nulls).map(byte => ({
        byte,
        value: bits(
          fields.filter(({ isNull }) => isNull.byte === byte),
          ({ isNull }) => isNull.bit,
          'null',
        ),
      })),
      ...bytesOf(layout.booleans).map(byte => ({
        byte,
        value: bits(
          fields.filter(({ place }) => place.kind === 'bit' && place.byte === byte),
          ({ place }) => (place.kind === 'bit' ? place.bit : 0),
          'true',
        ),
      })),
    ],
    slots: fields.flatMap(field => slotModel(field, expressions)),
    nulls: bytesOf(layout.nulls).map((byte, index) => ({ index, byte })),
    ends: [...blobs, ...texts].flatMap(({ name, place }) =>
      place.kind === 'bytes' || place.kind === 'text' ? [{ end: endOf(place), offset: place.offset, name }] : [],
    ),
    decoded: fields.map(field => ({
      value: `${expressions.isNull(field)} ? null : ${expressions.stored(field)}`,
      name: field.name,
    })),
    absent: withoutEnd(fields.map(({ name }) => empty.get(name) ?? null)).join(', '),
  }
}

/** Without the nulls at the end: what is not there is null. As text, since `join` would leave nulls out. */
function withoutEnd(values: readonly (0 | null)[]): string[] {
  return values.slice(0, values.lastIndexOf(0) + 1).map(String)
}

function bits(fields: readonly PlacedField[], bitOf: (field: PlacedField) => number, word: 'null' | 'true'): string {
  return fields.map(field => `((v${field.index} === ${word}) << ${bitOf(field)})`).join(' | ')
}

const endOf = ({ kind, number }: { readonly kind: 'bytes' | 'text'; readonly number: number }): string =>
  kind === 'bytes' ? `bytesEnd${number}` : `end${number}`

function blobModel(field: PlacedField, expressions: Expressions) {
  if (field.place.kind !== 'bytes') throw new Error(`${field.name} is no bytes`)
  const { number } = field.place
  const start = expressions.start(field)
  return {
    number,
    value: `v${field.index} ?? ${expressions.runtime('noBytes')}`,
    end: `${start} + bytes${number}.length`,
    write: `row.set(bytes${number}, ${start})`,
  }
}

function textModel(field: PlacedField, expressions: Expressions) {
  const { index, type, place } = field
  if (place.kind !== 'text') throw new Error(`${field.name} is no text`)
  const value =
    type.type === 'json'
      ? `JSON.stringify(v${index})`
      : type.type === 'list'
        ? `${expressions.runtime('listText')}(v${index}, ${expressions.typeOf(field)})`
        : `v${index}`
  const text = `text${place.number}`
  return {
    number: place.number,
    value: value === `v${index}` ? `v${index} ?? ''` : `v${index} === null ? '' : ${value}`,
    end: place.number === 0 ? `${text}.length` : `${expressions.start(field)} + ${text}.length`,
  }
}

function slotModel({ index, name, type, place }: PlacedField, expressions: Expressions) {
  if (place.kind !== 'slot') return []
  const value = `v${index}`
  const named = `${value}, '${name}'`
  if (type.type === 'vector')
    return [{ write: `${expressions.runtime('putVector')}(view, ${place.offset}, ${type.dimensions}, ${named})`, name }]
  if (isBigint(type))
    return [{ write: `view.setBigInt64(${place.offset}, ${expressions.runtime('int64')}(${named}))`, name }]
  const number = type.type === 'int64' ? `${expressions.runtime('safe')}(${named})` : `${value} ?? 0`
  return [{ write: `view.setFloat64(${place.offset}, ${number})`, name }]
}

/** The row as a table: offset, bytes, what lies there. */
function places(plan: ViewPlan) {
  const { fields, nulls, booleans, rest } = rowLayout(plan)
  const has = (kind: PlacedField['place']['kind']) => fields.some(({ place }) => place.kind === kind)
  const rows: [number, string, string][] = [
    ...headerFields.map((name, index): [number, string, string] => [8 * index, '8', `${name}, float64 microseconds`]),
    [nulls.offset, String(nulls.bytes), 'a bit for each field that is null'],
    ...(booleans.bytes > 0
      ? [[booleans.offset, String(booleans.bytes), 'a bit for each boolean'] as [number, string, string]]
      : []),
    ...fields.flatMap(({ name, type, place }): [number, string, string][] => {
      if (place.kind === 'bit') return []
      return [
        place.kind === 'slot'
          ? [place.offset, String(place.bytes), `${name}, ${describeType(type)}`]
          : [place.offset, '4', `where ${name}, ${describeType(type)}, ends`],
      ]
    }),
    ...(has('bytes') ? [[rest, 'rest', 'the bytes, each after the one before'] as [number, string, string]] : []),
    ...(has('text')
      ? [
          [
            rest,
            'rest',
            `${has('bytes') ? 'and ' : ''}the texts, UTF-8, each after the one before; their ends are in UTF-16 units from here`,
          ] as [number, string, string],
        ]
      : []),
  ]
  return rows
    .sort(([one], [other]) => one - other)
    .map(([offset, bytes, what]) => ({ offset: String(offset).padStart(6), bytes: bytes.padStart(5), what }))
}
