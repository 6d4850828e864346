import type { ValueType } from '../../dsl/index.ts'

/** The TypeScript type of a value in generated getters. */
export function typescriptType(type: ValueType): string {
  switch (type.type) {
    case 'boolean':
      return 'boolean'
    case 'int32':
    case 'float64':
      return 'number'
    case 'int64':
      return type.as
    case 'decimal':
    case 'string':
      return 'string'
    case 'timestamp':
      return 'Date'
    case 'bytes':
      return 'Uint8Array'
    case 'json':
      return 'Json'
    case 'list':
      return `readonly ${/[ |]/.test(typescriptType(type.element)) ? `(${typescriptType(type.element)})` : typescriptType(type.element)}[]`
    case 'vector':
      return 'Float32Array'
    default:
      return type satisfies never
  }
}

/** Whether a type's TypeScript form mentions `Json`, which generated code must import. */
export function mentionsJson(type: ValueType): boolean {
  return type.type === 'json' || (type.type === 'list' && mentionsJson(type.element))
}
