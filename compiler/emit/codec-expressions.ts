/** JavaScript that a codec is made of: a value in a stored row, and the answer that is made of it. */
import type { WireLiteral, WireType } from '../../runtime/contract.ts'
import type { PlacedField, RowLayout } from '../plan/row-layout.ts'
import type { Output } from '../plan/view-plan.ts'

/** An expression for an emitted module; `uses` notes what it needs of the runtime. */
export class Expressions {
  /** What the module takes from the runtime, in order of first use. */
  readonly uses = new Set<string>()
  /** Types of lists, which the runtime is told, by the constant that holds them. */
  readonly types = new Map<string, WireType>()
  readonly #layout: RowLayout
  readonly #cuts: boolean

  constructor(layout: RowLayout) {
    this.#layout = layout
    const texts = layout.fields.filter(({ place }) => place.kind === 'text')
    // Bytes are no text: a tail that holds some cannot be decoded at once.
    this.#cuts = texts.length > 1 && texts.every(({ type }) => type.type !== 'bytes')
  }

  runtime(name: string): string {
    this.uses.add(name)
    return name
  }

  typeOf(field: PlacedField): string {
    const constant = `type${field.index}`
    this.types.set(constant, field.type)
    return constant
  }

  /** The text of all texts, where there are several and they are worth decoding at once. */
  tail(): string | null {
    const last = this.#layout.fields.filter(({ place }) => place.kind === 'text').length - 1
    return this.#cuts ? `${this.runtime('ascii')}(row, ${this.#layout.texts}, end${last})` : null
  }

  isNull({ index }: PlacedField): string {
    return `nulls${index >> 3} & ${1 << (index & 7)}`
  }

  /** A field as it is stored, from `row`, `view`, and the ends of texts. */
  stored(field: PlacedField): string {
    const { type, place } = field
    switch (place.kind) {
      case 'bit':
        return `(row[${place.byte}] & ${1 << place.bit}) !== 0`
      case 'slot':
        if (type.type === 'vector') return `${this.runtime('vectorAt')}(view, ${place.offset}, ${type.dimensions})`
        return isBigint(type) ? `view.getBigInt64(${place.offset})` : `view.getFloat64(${place.offset})`
      case 'text': {
        const start = place.number === 0 ? this.#layout.texts : `end${place.number - 1}`
        const end = `end${place.number}`
        if (type.type === 'bytes') return `${this.runtime('bytesAt')}(row, ${start}, ${end})`
        const text = this.#cuts
          ? `${this.runtime('cut')}(row, text, ${this.#layout.texts}, ${start}, ${end})`
          : `${this.runtime('utf8')}(row, ${start}, ${end})`
        if (type.type === 'json') return `JSON.parse(${text})`
        return type.type === 'list' ? `${this.runtime('listOf')}(${text}, ${this.typeOf(field)})` : text
      }
      default:
        return place satisfies never
    }
  }

  /** A field as a getter returns it: instants are Dates. */
  answer(field: PlacedField): string {
    const { type, place } = field
    if (type.type === 'timestamp' && place.kind === 'slot') return `${this.runtime('dateAt')}(view, ${place.offset})`
    return hasInstants(type)
      ? `${this.runtime('datesOf')}(${this.stored(field)}, ${this.typeOf(field)})`
      : this.stored(field)
  }

  /** The same of a stored value that may be null. */
  answerOf(field: PlacedField, value: string): string {
    if (field.type.type === 'timestamp') return `${this.runtime('dateOf')}(${value})`
    return hasInstants(field.type) ? `${this.runtime('datesOf')}(${value}, ${this.typeOf(field)})` : value
  }
}

export function isBigint(type: WireType): boolean {
  return type.type === 'timestamp' || (type.type === 'int64' && type.as === 'bigint')
}

function hasInstants(type: WireType): boolean {
  return type.type === 'list' && (type.element.type === 'timestamp' || hasInstants(type.element))
}

/** A default as getters return it; a new Date each time, since the caller may change it. */
export function defaultOf({ default: value, type }: Output): string {
  if (value === null) return 'null'
  switch (type.type) {
    case 'int64':
      return type.as === 'bigint' ? `${value}n` : String(value)
    case 'timestamp':
      return `new Date(${milliseconds(BigInt(value))})`
    case 'float64':
      return String(value)
    default:
      return JSON.stringify(value satisfies WireLiteral)
  }
}

function milliseconds(microseconds: bigint): bigint {
  const rest = microseconds % 1000n
  return (microseconds - rest) / 1000n - (rest < 0n ? 1n : 0n)
}
