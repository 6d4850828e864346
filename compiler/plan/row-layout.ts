/**
 * Where each field of a stored row lies. Big-endian: tick, event and created timestamp (float64, microseconds), a bit
 * for each field that is null, a bit for each boolean, a slot for each number, timestamp and vector, the end of each field
 * of no fixed size; then the bytes fields, and last the texts. The lowest bit of a byte is its first.
 */
import type { Field, WireType } from '../../runtime/contract.ts'
import type { ViewPlan } from './view-plan.ts'

export interface Bit {
  readonly byte: number
  readonly bit: number
}

export type Place =
  | ({ readonly kind: 'bit' } & Bit)
  | { readonly kind: 'slot'; readonly offset: number; readonly bytes: number }
  /** `offset` is where its end is written: four bytes, counted from the row's start. It begins where the bytes before end. */
  | { readonly kind: 'bytes'; readonly offset: number; readonly number: number }
  /**
   * `offset` is where its end is written: four bytes, in UTF-16 units of the text that all texts are together. So that one can be
   * decoded at once and cut, whatever its characters. It begins where the text before ends.
   */
  | { readonly kind: 'text'; readonly offset: number; readonly number: number }

export interface PlacedField extends Field {
  readonly index: number
  /** Set where the field is null. */
  readonly isNull: Bit
  readonly place: Place
}

export interface RowLayout {
  readonly fields: readonly PlacedField[]
  readonly nulls: { readonly offset: number; readonly bytes: number }
  readonly booleans: { readonly offset: number; readonly bytes: number }
  /** Where bytes begin, then texts; the length of a row without either. */
  readonly rest: number
}

export const headerFields = ['tick', 'event timestamp', 'created timestamp'] as const
const headerBytes = 8 * headerFields.length

export function rowLayout({ fields }: Pick<ViewPlan, 'fields'>): RowLayout {
  const nulls = { offset: headerBytes, bytes: Math.ceil(fields.length / 8) }
  const bits = fields.filter(({ type }) => type.type === 'boolean').length
  const booleans = { offset: nulls.offset + nulls.bytes, bytes: Math.ceil(bits / 8) }
  const slots = booleans.offset + booleans.bytes
  const ends = fields.reduce((offset, { type }) => offset + slotBytes(type), slots)
  let bit = 0
  let slot = slots
  let text = 0
  let blob = 0
  const placed = fields.map(({ name, type }, index): PlacedField => {
    const isNull = { byte: nulls.offset + (index >> 3), bit: index & 7 }
    const field = { name, type, index, isNull }
    if (type.type === 'boolean') {
      const place = { kind: 'bit', byte: booleans.offset + (bit >> 3), bit: bit & 7 } as const
      bit += 1
      return { ...field, place }
    }
    const bytes = slotBytes(type)
    if (bytes === 0) {
      const offset = ends + 4 * (text + blob)
      if (type.type === 'bytes') return { ...field, place: { kind: 'bytes', offset, number: blob++ } }
      return { ...field, place: { kind: 'text', offset, number: text++ } }
    }
    const place = { kind: 'slot', offset: slot, bytes } as const
    slot += bytes
    return { ...field, place }
  })
  return { fields: placed, nulls, booleans, rest: ends + 4 * (text + blob) }
}

/** None for a boolean, which is a bit, and for what has no fixed size. */
function slotBytes(type: WireType): number {
  switch (type.type) {
    case 'int32':
    case 'int64':
    case 'float64':
    case 'timestamp':
      return 8
    case 'vector':
      return 4 * type.dimensions
    case 'boolean':
    case 'decimal':
    case 'string':
    case 'bytes':
    case 'json':
    case 'list':
      return 0
    default:
      return type satisfies never
  }
}
