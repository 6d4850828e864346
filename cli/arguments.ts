/** Join keys and request data as they are given on a command line: `name=value`. */
import type { Field } from '../runtime/contract.ts'
import { toDate, toMicroseconds } from '../runtime/instant.ts'
import { CommandError, exitCodes } from './exit-codes.ts'
import { nearest } from './nearest.ts'

/** Values by name: of every join key and all request data, each as its type says. */
export function parseArguments(
  parts: readonly string[],
  keys: readonly Field[],
  requested: readonly Field[],
): Record<string, unknown> {
  const fields = [...keys, ...requested]
  const kinds = requested.length > 0 ? 'join key or request data' : 'join key'
  const given: Record<string, unknown> = {}
  for (const part of parts) {
    const split = part.indexOf('=')
    const name = split < 0 ? part : part.slice(0, split)
    const field = fields.find(candidate => candidate.name === name)
    if (split < 0) throw new CommandError(exitCodes.invocation, `"${part}" is no key=value`)
    if (!field)
      throw new CommandError(
        exitCodes.invocation,
        `there is no ${kinds} "${name}"${nearest(
          name,
          fields.map(({ name }) => name),
        )}`,
      )
    given[name] = parseValue(part.slice(split + 1), field)
  }
  // Told before anything is stored for the read.
  const missing = fields.filter(({ name }) => !Object.hasOwn(given, name)).map(({ name }) => `"${name}" is missing`)
  const every = requested.length > 0 ? 'every join key and all request data' : 'every join key'
  if (missing.length > 0) throw new CommandError(exitCodes.invocation, `give ${every}: ${missing.join('; ')}`)
  return given
}

function parseValue(text: string, { name, type }: Field): unknown {
  const value = parsedAs(text, type)
  if (value !== undefined) return value
  throw new CommandError(exitCodes.invocation, `${name}=${text} is no ${type.type}`)
}

/** Undefined where the text is none of the type. Lists and vectors are written as JSON, bytes in hexadecimal. */
function parsedAs(text: string, type: Field['type']): unknown {
  switch (type.type) {
    case 'string':
    case 'decimal':
      return text
    case 'boolean':
      return text === 'true' || text === 'false' ? text === 'true' : undefined
    case 'int32':
      return isInteger(text, 32) ? Number(text) : undefined
    case 'int64':
      if (!isInteger(text, 64)) return undefined
      return type.as === 'number' ? Number(text) : BigInt(text)
    case 'float64':
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$|^(NaN|-?Infinity)$/i.test(text) ? Number(text) : undefined
    case 'timestamp':
      return instant(text)
    case 'bytes':
      return /^([0-9a-f]{2})*$/i.test(text) ? Uint8Array.from(Buffer.from(text, 'hex')) : undefined
    case 'json':
      return parsed(text)
    case 'vector': {
      const list = parsed(text)
      return isNumbers(list) ? Float32Array.from(list) : undefined
    }
    case 'list': {
      const list = parsed(text)
      return Array.isArray(list) ? list.map(item => (item === null ? null : itemOf(item, type.element))) : undefined
    }
    default:
      return type satisfies never
  }
}

/** In a list, numbers and words stand for themselves. */
function itemOf(item: unknown, type: Field['type']): unknown {
  const value = parsedAs(typeof item === 'string' ? item : JSON.stringify(item), type)
  return value === undefined ? item : value
}

function isNumbers(list: unknown): list is number[] {
  return Array.isArray(list) && list.every(item => typeof item === 'number')
}

function instant(text: string): Date | undefined {
  try {
    return toDate(toMicroseconds(text))
  } catch {
    return undefined
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isInteger(text: string, bits: number): boolean {
  return /^-?\d+$/.test(text) && BigInt.asIntN(bits, BigInt(text)) === BigInt(text)
}
