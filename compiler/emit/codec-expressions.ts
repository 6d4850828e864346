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
  /** Where the texts begin. */
  readonly texts: string
  readonly #layout: RowLayout

  constructor(layout: RowLayout) {
    this.#layout = layout
    const blobs = layout.fields.filter(({ place }) => place.kind === 'bytes').length
    this.texts = blobs === 0 ? String(layout.rest) : `bytesEnd${blobs - 1}`
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

  /** Where a field begins that has no fixed size. */
  start({ place }: PlacedField): string {
    const { kind, number } = place as Exclude<PlacedField['place'], { kind: 'bit' | 'slot' }>
    if (kind === 'bytes') return number === 0 ? String(this.#layout.rest) : `bytesEnd${number - 1}`
    return number === 0 ? '0' : `end${number - 1}`
  }

  isNull({ index }: PlacedField): string {
    return `nulls${index >> 3} & ${1 << (index & 7)}`
  }

  /** A field as it is stored, from `row`, `view`, `text`, and the ends in it. */
  stored(field: PlacedField): string {
    const { type, place } = field
    switch (place.kind) {
      case 'bit':
        return `(row[${place.byte}] & ${1 << place.bit}) !== 0`
      case 'slot':
        if (type.type === 'vector') return `${this.runtime('vectorAt')}(view, ${place.offset}, ${type.dimensions})`
        return isBigint(type) ? `view.getBigInt64(${place.offset})` : `view.getFloat64(${place.offset})`
      case 'bytes':
        return `${this.runtime('bytesAt')}(row, ${this.start(field)}, bytesEnd${place.number})`
      case 'text': {
        const text = `text.substring(${this.start(field)}, end${place.number})`
        if (type.type === 'json') return `JSON.parse(${text})`
        return type.type === 'list' ? `${this.runtime('listOf')}(${text}, ${this.typeOf(field)})` : text
      }
      default:
        return place satisfies never
    }
  }

  /** Whether an instant is not before `oldest`, in its halves: no bigint is made. */
  notBefore({ name, place }: PlacedField): string {
    if (place.kind !== 'slot') throw new Error(`${name} is no instant`)
    return `${this.runtime('notBefore')}(view, ${place.offset}, oldestHigh, oldestLow)`
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
