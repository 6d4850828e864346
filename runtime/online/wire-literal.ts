import type { WireLiteral, WireType } from '../contract.ts'
import { toDate } from '../instant.ts'

/** A constant of the manifest as getters return it. */
export function fromWire(literal: WireLiteral, type: WireType): unknown {
  if (literal === null) return null
  switch (type.type) {
    case 'int64':
      return type.as === 'bigint' ? BigInt(literal) : Number(literal)
    case 'float64':
      return Number(literal)
    case 'timestamp':
      return toDate(BigInt(literal))
    default:
      return literal
  }
}
