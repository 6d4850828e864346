/** What getters are asked for: join keys, checked, all problems at once. */
import type { Field, WireType } from './contract.ts'
import { MeridianError } from './errors.ts'
import { type KeyValue, keyPart } from './online/key.ts'

export type Keys = Readonly<Record<string, unknown>>

/**
 * Each join key as it stands in the keys of stored rows, in the order of the fields; null for null.
 *
 * @throws MeridianError `key.invalid`
 */
export function partsOf(keys: Keys, fields: readonly Field[], subject: string): (string | null)[] {
  if (typeof keys !== 'object' || keys === null) throw problems(keys, fields, subject)
  const parts = new Array<string | null>(fields.length)
  for (let index = 0; index < fields.length; index += 1) {
    const { name, type } = fields[index] as Field
    const value = keys[name]
    if (!isKey(value, type)) throw problems(keys, fields, subject)
    parts[index] = value === null ? null : keyPart(value as KeyValue)
  }
  let count = 0
  for (const _ in keys) count += 1
  if (count !== fields.length) throw problems(keys, fields, subject)
  return parts
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

function problems(keys: unknown, fields: readonly Field[], subject: string): MeridianError {
  const wanted = fields.map(({ name, type }) => `${name}: ${type.type}`).join(', ')
  if (typeof keys !== 'object' || keys === null)
    return new MeridianError('key.invalid', `${subject} is asked for by { ${wanted} }`, { wanted })
  const given = keys as Keys
  const names = fields.map(({ name }) => name)
  const found = [
    ...fields.flatMap(({ name, type }) => {
      if (!(name in given) || given[name] === undefined) return [`"${name}" is missing`]
      return isKey(given[name], type) ? [] : [`"${name}" must be ${type.type} or null, and is ${show(given[name])}`]
    }),
    ...Object.keys(given)
      .filter(name => !names.includes(name))
      .map(name => `"${name}" is no join key`),
  ]
  return new MeridianError('key.invalid', `${subject} is asked for by { ${wanted} }: ${found.join('; ')}`, {
    problems: found,
  })
}

function show(value: unknown): string {
  return typeof value === 'bigint' ? `${value}n` : (JSON.stringify(value) ?? String(value))
}
