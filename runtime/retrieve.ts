/**
 * Retrieval: the features of one or many keys. Materialized views are read from the online store, all in one round
 * trip; the others are computed now by their lookup statement.
 */
import { Buffer } from 'node:buffer'
import type { Field } from './contract.ts'
import { MeridianError } from './errors.ts'
import { type Instant, toMicroseconds } from './instant.ts'
import { type Keys, partsOf } from './keys.ts'
import { keyOfParts } from './online/key.ts'
import type { Detail, Features, StoredCodec, ValuesCodec } from './online/read.ts'
import type { StoredValue } from './online/row.ts'
import { type Environment, relationsOf, type ViewRuntime } from './view-runtime.ts'

export interface GetOptions {
  /** The read's instant, which ttl is measured against and unstored views are computed at. Default: now. */
  readonly at?: Instant
  /** With each value, say what was found, when it was stored and when it happened. */
  readonly status?: boolean
}

/** Join keys as they stand in keys of rows. */
type Parts = readonly (string | null)[]

type Part =
  | { readonly kind: 'stored'; readonly codec: StoredCodec; readonly key: (parts: Parts) => string | null }
  | { readonly kind: 'computed'; readonly codec: ValuesCodec; readonly view: ViewRuntime }

type Stored = Extract<Part, { readonly kind: 'stored' }>

/** Values of a computed view, for each request. */
type Computed = ReadonlyMap<Part, readonly (readonly StoredValue[])[]>

const nothing: Computed = new Map()

/**
 * How many rows of many keys are read, and made answers of, together: a quarter, so that the store is at work on the next
 * ones meanwhile, within bounds outside of which pieces cost more than they save.
 */
function pieceOf(rows: number): number {
  return Math.min(100, Math.max(25, Math.ceil(rows / 4)))
}

export class Retrieval {
  readonly #environment: Environment
  readonly #subject: string
  readonly #keys: readonly Field[]
  /** The views, in the order in which features are declared. */
  readonly #parts: readonly Part[]
  readonly #stored: readonly Stored[]
  /** The only view, where that is a stored one. */
  readonly #single: Stored | null
  /** The features of a key without rows. Answers begin as a copy: to let an object grow takes three times as long. */
  readonly #nothing: Readonly<Features>

  constructor(environment: Environment, subject: string, keys: readonly Field[], views: readonly ViewRuntime[]) {
    this.#environment = environment
    this.#subject = subject
    this.#keys = keys
    this.#parts = views.map(view => partOf(view, keys))
    this.#stored = this.#parts.filter(part => part.kind === 'stored')
    this.#single = (this.#parts.length === 1 && this.#stored[0]) || null
    this.#nothing = nothingOf(this.#parts)
  }

  async one(keys: Keys, options: GetOptions): Promise<Features> {
    const single = this.#single
    if (single === null || options.status === true) return (await this.many([keys], options))[0] as Features
    const key = single.key(partsOf(keys, this.#keys, this.#subject))
    const at = toMicroseconds(options.at ?? this.#environment.now())
    const found = await this.#environment.online.read(key === null ? [] : [key])
    return single.codec.read(asBuffer(found[0]), at)
  }

  async many(requests: readonly Keys[], options: GetOptions): Promise<Features[]> {
    const single = this.#single
    if (single !== null && options.status !== true) return this.#manyOfOne(single, requests, options)
    const all = requests.map(keys => partsOf(keys, this.#keys, this.#subject))
    const at = toMicroseconds(options.at ?? this.#environment.now())
    const rows = this.#stored.length === 0 ? [] : await this.#read(all)
    const computed = this.#stored.length === this.#parts.length ? nothing : await this.#compute(requests, at)
    const answers = new Array<Features>(requests.length)
    for (let index = 0; index < answers.length; index += 1) {
      if (options.status === true) answers[index] = this.#details(rows, computed, index, at)
      else answers[index] = this.#values(rows, computed, index, at)
    }
    return answers
  }

  /** Asks for the rows in pieces, all at once, and makes answers of one while the store is at work on the next. */
  async #manyOfOne({ key, codec }: Stored, requests: readonly Keys[], options: GetOptions): Promise<Features[]> {
    const at = toMicroseconds(options.at ?? this.#environment.now())
    const asked = new Array<string | null>(requests.length)
    for (let index = 0; index < asked.length; index += 1)
      asked[index] = key(partsOf(requests[index] as Keys, this.#keys, this.#subject))
    const answers = new Array<Features>(asked.length)
    const size = pieceOf(asked.length)
    const piece = async (start: number): Promise<void> => {
      const keys = asked.slice(start, start + size)
      const some = keys.filter(one => one !== null)
      const rows = await this.#environment.online.read(some)
      let next = 0
      for (let index = 0; index < keys.length; index += 1) {
        const row = keys[index] === null ? null : rows[next++]
        answers[start + index] = codec.read(asBuffer(row), at)
      }
    }
    const pieces: Promise<void>[] = []
    for (let start = 0; start < asked.length; start += size) pieces.push(piece(start))
    await Promise.all(pieces)
    return answers
  }

  /** The stored views' rows of each request in turn. */
  async #read(all: readonly Parts[]): Promise<(Buffer | null)[]> {
    const views = this.#stored
    const asked: string[] = []
    // Where the row of a request and view will be; -1 where it is not asked for.
    const places = new Array<number>(all.length * views.length)
    for (let index = 0; index < all.length; index += 1) {
      for (let number = 0; number < views.length; number += 1) {
        const key = (views[number] as Stored).key(all[index] as Parts)
        places[index * views.length + number] = key === null ? -1 : asked.push(key) - 1
      }
    }
    const found = await this.#environment.online.read(asked)
    const rows = new Array<Buffer | null>(places.length)
    for (let index = 0; index < rows.length; index += 1) rows[index] = asBuffer(found[places[index] as number])
    return rows
  }

  #values(rows: readonly (Buffer | null)[], computed: Computed, index: number, at: bigint): Features {
    const into = { ...this.#nothing }
    let next = index * this.#stored.length
    for (const part of this.#parts) {
      if (part.kind === 'stored') {
        part.codec.readInto(into, rows[next] as Buffer | null, at)
        next += 1
      } else part.codec.readInto(into, computed.get(part)?.[index] as readonly StoredValue[], at)
    }
    return into
  }

  #details(rows: readonly (Buffer | null)[], computed: Computed, index: number, at: bigint): Features {
    const into: Record<string, Detail> = {}
    let next = index * this.#stored.length
    for (const part of this.#parts) {
      if (part.kind === 'stored') {
        part.codec.detailsInto(into, rows[next] as Buffer | null, at)
        next += 1
      } else part.codec.detailsInto(into, computed.get(part)?.[index] as readonly StoredValue[], at)
    }
    return into
  }

  async #compute(requests: readonly Keys[], at: bigint): Promise<Computed> {
    const computed = new Map<Part, readonly (readonly StoredValue[])[]>()
    for (const part of this.#parts)
      if (part.kind === 'computed') computed.set(part, await this.#lookup(part.view, requests, at))
    return computed
  }

  async #lookup(view: ViewRuntime, requests: readonly Keys[], at: bigint): Promise<StoredValue[][]> {
    const { engine, artefacts } = this.#environment
    const { manifest } = view
    const path = manifest.statements[engine.dialect]?.lookup
    if (!path)
      throw new MeridianError('artefacts.unreadable', `view "${manifest.name}" has no lookup for ${engine.dialect}`)
    const session = await engine.session(relationsOf(this.#environment, [manifest]))
    try {
      const keys = requests.map(asked => manifest.keys.map(({ name }) => asked[name]))
      const request = { keys: manifest.keys, rows: keys, asOf: at }
      const { names, chunks } = await session.lookup(artefacts.statement(path), request, view.columns)
      const row = names.indexOf('__row')
      const fields = manifest.layout.fields.map(({ name }) => names.indexOf(name))
      const found = new Array<StoredValue[]>(requests.length)
      for await (const { rowCount, columns } of chunks)
        for (let index = 0; index < rowCount; index += 1)
          found[Number(columns[row]?.[index])] = fields.map(field => columns[field]?.[index] as StoredValue)
      return found
    } finally {
      session.release()
    }
  }
}

function partOf(view: ViewRuntime, keys: readonly Field[]): Part {
  const { entity, name, layout, materialize, keys: own } = view.manifest
  if (!materialize) return { kind: 'computed', codec: view.found, view }
  const places = own.map(key => keys.findIndex(candidate => candidate.name === key.name))
  return { kind: 'stored', codec: view.codec, key: keyOfParts(entity, name, layout.fingerprint, places) }
}

function nothingOf(parts: readonly Part[]): Features {
  const into: Features = {}
  for (const part of parts) {
    if (part.kind === 'stored') part.codec.readInto(into, null, 0n)
    else
      part.codec.readInto(
        into,
        part.view.manifest.layout.fields.map(() => null),
        0n,
      )
  }
  return into
}

function asBuffer(row: Uint8Array | null | undefined): Buffer | null {
  if (row === null || row === undefined) return null
  return Buffer.isBuffer(row) ? row : Buffer.from(row.buffer, row.byteOffset, row.byteLength)
}
