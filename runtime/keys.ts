/** What getters are asked for: join keys, checked, all problems at once. */
import type { Field, WireType } from './contract.ts'
import { MeridianError } from './errors.ts'

export type Keys = Readonly<Record<string, unknown>>

/** @throws MeridianError `key.invalid` */
export function checkKeys(keys: Keys, fields: readonly Field[], subject: string): void {
  let count = 0
  let sound = typeof keys === 'object' && keys !== null
  if (sound) {
    for (const field of fields) if (!isKey(keys[field.name], field.type)) sound = false
    for (const _ in keys) count += 1
    sound &&= count === fields.length
  }
  if (!sound) throw problems(keys, fields, subject)
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
