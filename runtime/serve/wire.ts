/**
 * Answers as JSON, by the schemas of `openapi.json`. A value is what a getter returns; what JSON's numbers cannot hold exactly is
 * text, and instants have their microseconds.
 */
import { Buffer } from 'node:buffer'
import { isoText } from '../instant.ts'
import type { Detail } from '../online/read.ts'

/** A JSON Schema, as `openapi.json` has it. */
export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly format?: string
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly minimum?: number
  readonly maximum?: number
  readonly pattern?: string
  readonly contentEncoding?: string
  readonly minItems?: number
}

/** The schema that a reference within the document leads to, or the schema itself. */
export type Resolve = (schema: Schema) => Schema

export type Writer = (value: unknown) => string

/** @example resolver(document)({ $ref: '#/components/schemas/Fraud' }) */
export function resolver(document: object): Resolve {
  return schema => {
    if (schema.$ref === undefined) return schema
    const parts = schema.$ref.slice('#/'.length).split('/')
    const found = parts.reduce<unknown>((node, part) => (node as Record<string, unknown>)?.[part], document)
    if (found === undefined) throw new Error(`openapi.json has no ${schema.$ref}`)
    return resolver(document)(found as Schema)
  }
}

/** What writes values of a schema. Whatever is null is null, whether or not the schema allows it. */
export function writerOf(schema: Schema, resolve: Resolve): Writer {
  const write = exactWriter(resolve(schema), resolve)
  const isPlain = plainness(schema, resolve)
  return value => {
    if (value === null || value === undefined) return 'null'
    // The engine's own writer is the fastest, where it writes the same.
    return isPlain?.(value) ? JSON.stringify(value) : write(value)
  }
}

/**
 * Whether `JSON.stringify` writes a value as it should be, which depends on whether its floats are numbers. Null where it never
 * does, or where nothing is gained.
 */
function plainness(given: Schema, resolve: Resolve): ((value: unknown) => boolean) | null {
  const schema = resolve(given)
  if (schema.items) {
    const ofItem = plainness(schema.items, resolve)
    return ofItem && (value => Array.isArray(value) && value.every(item => item !== null && ofItem(item)))
  }
  const members = Object.entries(schema.properties ?? {}).map(([name, one]) => ({
    name,
    types: typesOf(one, resolve),
    one: resolve(one),
  }))
  const isScalar = ({ items, properties, allOf }: Schema) => !items && !properties && !allOf
  const isText = ({ format, contentEncoding }: Schema) =>
    contentEncoding === undefined && (format === undefined || format === 'decimal')
  const same = ({ types, one }: (typeof members)[number]) =>
    isScalar(one) && (!types.has('string') || types.has('number') || isText(one))
  if (members.length === 0 || !members.every(same)) return null
  const floats = members.flatMap(({ name, types }) => (types.has('number') ? [name] : []))
  return value => {
    const record = value as Readonly<Record<string, unknown>>
    for (let index = 0; index < floats.length; index += 1) {
      const float = record[floats[index] as string]
      if (float !== null && (!Number.isFinite(float) || Object.is(float, -0))) return false
    }
    return true
  }
}

function exactWriter(schema: Schema, resolve: Resolve): Writer {
  if (schema.allOf) return detailWriter(schema.allOf, resolve)
  if (schema.properties) return objectWriter(schema.properties, resolve)
  if (schema.items) {
    const write = writerOf(schema.items, resolve)
    return value => listText(value as ArrayLike<unknown>, write)
  }
  const types = typesOf(schema, resolve)
  if (types.has('number')) return floatText
  if (types.has('boolean') || types.has('integer')) return String
  if (!types.has('string')) return value => JSON.stringify(value)
  if (schema.contentEncoding === 'base64') return value => `"${Buffer.from(value as Uint8Array).toString('base64')}"`
  switch (schema.format) {
    case 'date-time':
      return value => `"${isoText(value as Date)}"`
    case 'int64':
    case 'decimal':
      return value => `"${value}"`
    default:
      return value => JSON.stringify(value)
  }
}

function typesOf(schema: Schema, resolve: Resolve): ReadonlySet<string> {
  const { type = [], anyOf = [] } = resolve(schema)
  return new Set([type, ...anyOf.map(one => resolve(one).type ?? [])].flat())
}

/** A value with what is known of it. */
function detailWriter(parts: readonly Schema[], resolve: Resolve): Writer {
  const value = writerOf(parts.map(part => resolve(part).properties?.value ?? {}).at(-1) ?? {}, resolve)
  const instant = (date: Date | null): string => (date === null ? 'null' : `"${isoText(date)}"`)
  return given => {
    const detail = given as Detail
    const found = `"status":"${detail.status}","source":"${detail.source}","tick":${instant(detail.tick)}`
    return `{"value":${value(detail.value)},${found},"event_timestamp":${instant(detail.eventTimestamp)}}`
  }
}

function objectWriter(properties: Readonly<Record<string, Schema>>, resolve: Resolve): Writer {
  const names = Object.keys(properties)
  if (names.length === 0) return () => '{}'
  const starts = names.map((name, index) => `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`)
  const writers = names.map(name => writerOf(properties[name] as Schema, resolve))
  return value => {
    const record = value as Readonly<Record<string, unknown>>
    let text = ''
    for (let index = 0; index < names.length; index += 1)
      text += (starts[index] as string) + (writers[index] as Writer)(record[names[index] as string])
    return `${text}}`
  }
}

function listText(list: ArrayLike<unknown>, write: Writer): string {
  let text = '['
  for (let index = 0; index < list.length; index += 1)
    text += index === 0 ? write(list[index]) : `,${write(list[index])}`
  return `${text}]`
}

/** Of a number, and of what is none. JSON has a negative zero. */
function floatText(value: unknown): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  return Number.isFinite(value) ? String(value) : `"${value}"`
}

/** What a request is answered with. */
export interface Answer {
  /** For one entity `features` or `detail`, for many `entities` or `details`. */
  readonly member: 'features' | 'entities' | 'detail' | 'details'
  readonly value: unknown
  readonly degraded: boolean
  /** Features that failed. */
  readonly errors: readonly object[]
}

/** What writes answers of a schema that has an alternative for each member. It is made when the first answer is. */
export function answerWriter(schema: Schema, resolve: Resolve): (answer: Answer) => string {
  const writers = new Map<string, Writer>()
  const writerFor = (member: string): Writer => {
    const alternative = resolve(schema).anyOf?.find(one => one.properties && Object.hasOwn(one.properties, member))
    const write = writerOf(alternative?.properties?.[member] ?? {}, resolve)
    writers.set(member, write)
    return write
  }
  return ({ member, value, degraded, errors }) => {
    const write = writers.get(member) ?? writerFor(member)
    const notices = `${degraded ? ',"degraded":true' : ''}${errors.length > 0 ? `,"errors":${JSON.stringify(errors)}` : ''}`
    return `{"${member}":${write(value)}${notices}}`
  }
}
