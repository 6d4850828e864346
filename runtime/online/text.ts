/** JSON and lists as text, exactly: what JSON cannot say (bigint, instants, bytes, NaN) is written by its type. */
import { Buffer } from 'node:buffer'
import type { WireType } from '../contract.ts'

export function toText(value: unknown, type: WireType): string {
  return JSON.stringify(type.type === 'list' ? plain(value, type) : value)
}

export function fromText(text: string, type: WireType): unknown[] | object {
  const value: unknown = JSON.parse(text)
  return (type.type === 'list' ? typed(value, type) : value) as unknown[] | object
}

function plain(value: unknown, type: WireType): unknown {
  if (value === null || value === undefined) return null
  switch (type.type) {
    case 'list':
      return (value as readonly unknown[]).map(element => plain(element, type.element))
    case 'vector':
      return Array.from(value as Float32Array, number => plain(number, { type: 'float64' }))
    case 'int64':
    case 'timestamp':
      return String(value)
    case 'bytes':
      return Buffer.from(value as Uint8Array).toString('base64')
    case 'float64':
      return Number.isFinite(value) && !Object.is(value, -0) ? value : Object.is(value, -0) ? '-0' : String(value)
    default:
      return value
  }
}

function typed(value: unknown, type: WireType): unknown {
  if (value === null) return null
  switch (type.type) {
    case 'list':
      return (value as readonly unknown[]).map(element => typed(element, type.element))
    case 'vector':
      return Float32Array.from((value as readonly unknown[]).map(Number))
    case 'int64':
      return type.as === 'bigint' ? BigInt(value as string) : Number(value)
    case 'timestamp':
      return BigInt(value as string)
    case 'bytes':
      return new Uint8Array(Buffer.from(value as string, 'base64'))
    case 'float64':
      return Number(value)
    default:
      return value
  }
}
