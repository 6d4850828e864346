import type { ValueType } from '../../dsl/index.ts'

/** A type as people say it: `decimal(12, 2)`, `list(int32)`. */
export function typeText(type: ValueType): string {
  switch (type.type) {
    case 'decimal':
      return `decimal(${type.precision}, ${type.scale})`
    case 'list':
      return `list(${typeText(type.element)})`
    case 'vector':
      return `vector(${type.dimensions})`
    default:
      return type.type
  }
}

/** Whether two columns hold the same values. How an int64 reads in TypeScript is no part of that. */
export function sameType(a: ValueType, b: ValueType): boolean {
  return typeText(a) === typeText(b)
}
