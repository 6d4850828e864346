/** What a request asks with, from JSON to what getters take. The values have passed the schema of `openapi.json`. */
import { Buffer } from 'node:buffer'
import type { Field, WireType } from '../contract.ts'
import { ExactDate, toMicroseconds } from '../instant.ts'

type Convert = (value: unknown) => unknown

/** Null where values are taken as they come. */
function converter(type: WireType): Convert | null {
  switch (type.type) {
    case 'int64':
      return type.as === 'number' ? null : value => BigInt(value as string | number)
    case 'float64':
      return Number
    case 'timestamp':
      return value => new ExactDate(toMicroseconds(value as string))
    case 'bytes':
      return value => new Uint8Array(Buffer.from(value as string, 'base64'))
    case 'vector':
      return value => Float32Array.from(value as unknown[], Number)
    case 'list': {
      const element = converter(type.element)
      return element && (value => (value as unknown[]).map(item => (item === null ? null : element(item))))
    }
    case 'boolean':
    case 'int32':
    case 'decimal':
    case 'string':
    case 'json':
      return null
    default:
      return type satisfies never
  }
}

/** Puts values in the place of their JSON. Only a join key may be null. */
export function argumentReader(fields: readonly Field[]): (entity: Record<string, unknown>) => void {
  const converted = fields.flatMap(({ name, type }) => {
    const convert = converter(type)
    return convert ? [{ name, convert }] : []
  })
  return entity => {
    for (const { name, convert } of converted) if (entity[name] !== null) entity[name] = convert(entity[name])
  }
}
