/** Requests against the schemas of `openapi.json`: what is wrong with one is said in full, with where it is. */
import { Ajv2020, type ErrorObject, type Options, type ValidateFunction } from 'ajv/dist/2020.js'
import { toMicroseconds } from '../instant.ts'
import { Problem, type RequestError } from './problems.ts'
import { type Resolve, resolver, type Schema } from './wire.ts'

/** How many of a request's problems are told. */
const most = 20
/** Values within a body: of a larger one only the first problem is looked for, since all of them could take seconds. */
const small = 2_000
/** Characters of a name that came with a request, in what is told of it. */
const nameLength = 80

/** What is wrong with a value, or null. */
export type Validate = (value: unknown) => Problem | null

export class Validation {
  readonly #first = ajvOf({})
  readonly #all = ajvOf({ allErrors: true })
  /** For query strings, whose values are all text, and few. */
  readonly #coercing = ajvOf({ allErrors: true, coerceTypes: true })
  readonly #resolve: Resolve

  constructor(document: object) {
    this.#resolve = resolver(document)
  }

  /** Of a body. It is compiled when the first one comes, since a project may have thousands. */
  body(schema: Schema): Validate {
    const first = lazily(() => this.#first.compile(merged(inlined(schema, this.#resolve))))
    const all = lazily(() => this.#all.compile(merged(inlined(schema, this.#resolve))))
    return value => {
      const problem = first(value)
      return problem !== null && isSmall(value) ? all(value) : problem
    }
  }

  query(schema: Schema): Validate {
    return lazily(() => this.#coercing.compile(inlined(schema, this.#resolve)))
  }
}

function ajvOf(options: Options): Ajv2020 {
  const ajv = new Ajv2020({ verbose: true, strict: false, ...options })
  const plain = ['int32', 'double', 'float', 'decimal']
  for (const format of plain) ajv.addFormat(format, true)
  ajv.addFormat('int64', {
    type: 'string',
    validate: text => /^-?\d{1,19}$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text),
  })
  ajv.addFormat('date-time', { type: 'string', validate: isInstant })
  return ajv
}

/** Without references. */
function inlined(schema: Schema, resolve: Resolve): Schema {
  const all = (list: readonly Schema[]) => list.map(one => inlined(one, resolve))
  const { anyOf, oneOf, items, properties, ...rest } = resolve(schema)
  return {
    ...rest,
    ...(anyOf && { anyOf: all(anyOf) }),
    ...(oneOf && { oneOf: all(oneOf) }),
    ...(items && { items: inlined(items, resolve) }),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, inlined(one, resolve)])),
    }),
  }
}

/** With a zone, and no finer than microseconds, which would be lost. */
function isInstant(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)$/i.test(text)) return false
  try {
    toMicroseconds(text)
    return true
  } catch {
    return false
  }
}

/**
 * Objects of which one is allowed, as one object that has one of their members: the same values pass, and what is wrong is not said
 * once for each of them.
 */
function merged(schema: Schema): object {
  if (!schema.oneOf) return schema
  const properties = Object.assign({}, ...schema.oneOf.map(one => one.properties))
  return { type: 'object', properties, additionalProperties: false, minProperties: 1, maxProperties: 1 }
}

function lazily(compile: () => ValidateFunction): Validate {
  let compiled: ValidateFunction | null = null
  return value => {
    compiled ??= compile()
    return compiled(value) ? null : problemOf(compiled.errors ?? [])
  }
}

function problemOf(found: readonly ErrorObject[]): Problem {
  const byPlace = new Map<string, RequestError>()
  for (const error of found) {
    const told = requestError(error)
    // What failed in each of several alternatives is said by their sum, which comes last.
    if (!byPlace.has(told.pointer) || error.keyword === 'anyOf') byPlace.set(told.pointer, told)
  }
  const errors = [...byPlace.values()].slice(0, most)
  const [first] = errors
  const more = byPlace.size > 1 ? `; ${byPlace.size - 1} more in \`errors\`` : ''
  const detail = first && `${first.pointer || 'the body'}: ${first.detail}${more}`
  return new Problem(`argument.${first?.code ?? 'invalid'}`, detail, errors)
}

function requestError(error: ErrorObject): RequestError {
  const { instancePath, keyword, params } = error
  const parentSchema = error.parentSchema as Schema
  const within = (name: string): string =>
    `${instancePath}/${shortened(name).replaceAll('~', '~0').replaceAll('/', '~1')}`
  switch (keyword) {
    case 'required': {
      const name = String(params.missingProperty)
      const expected = expectedText(parentSchema.properties?.[name] ?? {})
      return { pointer: within(name), code: 'missing', detail: `is missing: expected ${expected}` }
    }
    case 'additionalProperties': {
      const names = Object.keys(parentSchema.properties ?? {}).join(', ')
      const pointer = within(String(params.additionalProperty))
      return { pointer, code: 'unknown', detail: `is not expected: there are ${names}` }
    }
    case 'minProperties':
    case 'maxProperties': {
      const names = Object.keys(parentSchema.properties ?? {}).join(' or ')
      const code = keyword === 'minProperties' ? 'missing' : 'invalid'
      return { pointer: instancePath, code, detail: `expected an object with one member, ${names}` }
    }
    default:
      return { pointer: instancePath, code: 'invalid', detail: `expected ${expectedText(parentSchema)}` }
  }
}

function isSmall(value: unknown): boolean {
  const waiting = [value]
  for (let seen = 0; waiting.length > 0; seen += 1) {
    if (seen + waiting.length > small) return false
    const next = waiting.pop()
    if (typeof next === 'object' && next !== null)
      for (const name in next) waiting.push((next as Record<string, unknown>)[name])
  }
  return true
}

function shortened(name: string): string {
  return name.length <= nameLength ? name : `${name.slice(0, nameLength)}...`
}

/** A schema in words. */
function expectedText(schema: Schema): string {
  if (schema.anyOf) return schema.anyOf.map(one => expectedText(one)).join(', or ')
  return [schema.type ?? 'JSON']
    .flat()
    .map(type => typeText(type, schema))
    .join(', or ')
}

function typeText(type: string, schema: Schema): string {
  const { format, minimum, maximum, enum: values, pattern, contentEncoding, minItems } = schema
  switch (type) {
    case 'integer':
      return minimum === undefined ? 'an integer' : `an integer from ${minimum} to ${maximum}`
    case 'number':
      return 'a number'
    case 'array':
      return minItems === undefined ? 'an array' : `an array of ${minItems}`
    case 'object':
      return 'an object'
    case 'string':
      if (values) return values.map(value => JSON.stringify(value)).join(', ')
      if (format === 'int64') return 'an int64 as a string'
      if (format === 'decimal') return `a decimal as a string that matches ${pattern}`
      if (format === 'date-time') return 'an instant such as "2001-06-15T12:00:00.000001Z"'
      return contentEncoding === 'base64' ? 'bytes in base64' : 'a string'
    default:
      return type
  }
}
