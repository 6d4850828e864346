import type { WireLiteral, WireType } from '../contract.ts'
import type { StoredValue } from './row.ts'

/** A constant of the manifest, as stored rows hold values of its type. */
export function fromWire(literal: WireLiteral, type: WireType): StoredValue {
  if (literal === null) return null
  switch (type.type) {
    case 'int64':
      return type.as === 'bigint' ? BigInt(literal) : Number(literal)
    case 'float64':
      return Number(literal)
    case 'timestamp':
      return BigInt(literal)
    default:
      return literal
  }
}
