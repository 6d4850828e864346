/** What getters are asked by: join keys and request data, checked, all problems at once. */
import type { Field, WireType } from './contract.ts'
import { MeridianError } from './errors.ts'
import { type Convert, converter, shown, typeName } from './on-demand/values.ts'
import { type KeyValue, keyPart } from './online/key.ts'

/** Join keys, and request data where an on-demand view is given some. */
export type Keys = Readonly<Record<string, unknown>>

interface RequestField extends Field {
  readonly convert: Convert
}

/** The arguments of a getter. */
export class Arguments {
  readonly #subject: string
  readonly #keys: readonly Field[]
  readonly #request: readonly RequestField[]

  /** `subject`: whose they are, as messages call it. */
  constructor(subject: string, keys: readonly Field[], request: readonly Field[]) {
    this.#subject = subject
    this.#keys = keys
    this.#request = request.map(field => ({ ...field, convert: converter(field.type) }))
  }

  /**
   * Each join key as it stands in the keys of stored rows, in the order of the fields; null for null.
   *
   * @throws MeridianError `key.invalid`, `request.invalid`
   */
  partsOf(given: Keys): (string | null)[] {
    const fields = this.#keys
    if (typeof given !== 'object' || given === null) throw this.#problems(given)
    const parts = new Array<string | null>(fields.length)
    for (let index = 0; index < fields.length; index += 1) {
      const { name, type } = fields[index] as Field
      const value = given[name]
      if (!isKey(value, type)) throw this.#problems(given)
      parts[index] = value === null ? null : keyPart(value as KeyValue)
    }
    let count = 0
    for (const _ in given) count += 1
    if (count !== fields.length + this.#request.length) throw this.#problems(given)
    return parts
  }

  /**
   * Request data column by column, as functions are given them.
   *
   * @throws MeridianError `request.invalid`
   */
  requestOf(requests: readonly Keys[]): unknown[][] {
    return this.#request.map(({ name, convert }) =>
      requests.map(given => {
        try {
          return convert(given[name])
        } catch {
          throw this.#problems(given)
        }
      }),
    )
  }

  #problems(given: unknown): MeridianError {
    const all = [...this.#keys, ...this.#request]
    const wanted = all.map(({ name, type }) => `${name}: ${typeName(type)}`).join(', ')
    if (typeof given !== 'object' || given === null)
      return new MeridianError('key.invalid', `${this.#subject} is asked for by { ${wanted} }`, { wanted })
    const keys = this.#keys.flatMap(field => keyProblem(given as Keys, field))
    const request = this.#request.flatMap(field => requestProblem(given as Keys, field))
    const known = new Set(all.map(({ name }) => name))
    const what = this.#request.length > 0 ? 'neither a join key nor request data' : 'no join key'
    const others = Object.keys(given)
      .filter(name => !known.has(name))
      .map(name => `"${name}" is ${what}`)
    const problems = [...keys, ...request, ...others]
    const code = keys.length > 0 || this.#request.length === 0 ? 'key.invalid' : 'request.invalid'
    return new MeridianError(code, `${this.#subject} is asked for by { ${wanted} }: ${problems.join('; ')}`, {
      problems,
    })
  }
}

function keyProblem(given: Keys, { name, type }: Field): string[] {
  if (!(name in given) || given[name] === undefined) return [`"${name}" is missing`]
  if (isKey(given[name], type)) return []
  return [`"${name}" must be ${type.type} or null, and is ${shown(given[name])}`]
}

function requestProblem(given: Keys, { name, convert }: RequestField): string[] {
  if (!(name in given) || given[name] === undefined) return [`"${name}" is missing`]
  try {
    convert(given[name])
    return []
  } catch (error) {
    return [`"${name}" ${(error as Error).message}`]
  }
}

function isKey(value: unknown, type: WireType): boolean {
  if (value === null) return true
  switch (type.type) {
    case 'string':
      return typeof value === 'string'
    case 'boolean':
      return typeof value === 'boolean'
    case 'int32':
      return typeof value === 'number' && Number.isInteger(value) && value >= -2147483648 && value <= 2147483647
    case 'int64':
      return typeof value === 'bigint' ? BigInt.asIntN(64, value) === value : Number.isSafeInteger(value)
    default:
      return false
  }
}
