/**
 * Retrieval: the features of one or many keys. Materialized views are read from the online store, all in one round
 * trip; the others are computed now by their lookup statements, all at once; functions run on what both found.
 */
import { Buffer } from 'node:buffer'
import { Answers, type Found } from './answers.ts'
import type { Retrieved } from './contract.ts'
import { type Deadline, inTime } from './deadline.ts'
import { type Instant, toMicroseconds } from './instant.ts'
import { Arguments, type Keys } from './keys.ts'
import { lookUp } from './lookup.ts'
import type { Features } from './online/read.ts'
import { type Parts, type RetrievalPlan, type Runtimes, retrievalPlan, type StoredPart } from './retrieval-plan.ts'
import type { Environment } from './view-runtime.ts'

/** How features are read. */
export interface GetOptions {
  /** The read's instant, which ttl is measured against and unstored views are computed at. Default: now. */
  readonly at?: Instant
  /** With each value, say what was found, where it came from, when it was stored and when it happened. */
  readonly status?: boolean
  /**
   * Milliseconds for the whole call: the store, lookups, which are cancelled on the server, and functions, between which
   * the time is checked. Default: that of `connect`, else only the bounds of the store and of lookups hold.
   */
  readonly timeout?: number
  /**
   * Called when the store and lookups have answered, before features are made of it; more than once where many keys are read in
   * pieces. For measuring.
   */
  readonly onFound?: () => void
}

/**
 * How many rows of many keys are read, and made answers of, together: a quarter, so that the store is at work on the next
 * ones meanwhile, within bounds outside of which pieces cost more than they save.
 */
function pieceOf(rows: number): number {
  return Math.min(100, Math.max(25, Math.ceil(rows / 4)))
}

export class Retrieval {
  readonly #environment: Environment
  readonly #arguments: Arguments
  readonly #plan: RetrievalPlan
  readonly #answers: Answers
  /** The only view, where that is a stored one which is answered as it is. */
  readonly #single: StoredPart | null

  constructor(environment: Environment, subject: string, retrieved: Retrieved, runtimes: Runtimes) {
    this.#environment = environment
    this.#arguments = new Arguments(subject, retrieved.keys, retrieved.request)
    this.#plan = retrievalPlan(retrieved, runtimes)
    this.#answers = new Answers(this.#plan)
    const { parts, stored, placed, functions } = this.#plan
    const isPlain = parts.length === 1 && placed.length === 0 && functions.length === 0
    this.#single = (isPlain && stored[0]) || null
  }

  one(keys: Keys, options: GetOptions): Promise<Features> {
    const timeout = options.timeout ?? this.#environment.timeout
    if (timeout === undefined) return this.#one(keys, options, null)
    return inTime(timeout, deadline => this.#one(keys, options, deadline))
  }

  many(requests: readonly Keys[], options: GetOptions): Promise<Features[]> {
    const timeout = options.timeout ?? this.#environment.timeout
    return inTime(timeout, deadline => this.#many(requests, options, deadline))
  }

  async #one(keys: Keys, options: GetOptions, deadline: Deadline | null): Promise<Features> {
    const single = this.#single
    if (single === null || options.status === true) return (await this.#many([keys], options, deadline))[0] as Features
    const key = single.key(this.#arguments.partsOf(keys))
    const at = this.#instant(options)
    const found = await this.#environment.online.read(key === null ? [] : [key])
    options.onFound?.()
    return single.codec.read(asBuffer(found[0]), at)
  }

  async #many(requests: readonly Keys[], options: GetOptions, deadline: Deadline | null): Promise<Features[]> {
    const single = this.#single
    if (single !== null && options.status !== true) return this.#manyOfOne(single, requests, options)
    const parts = requests.map(keys => this.#arguments.partsOf(keys))
    const request = this.#arguments.requestOf(requests)
    const at = this.#instant(options)
    const { stored, computed } = this.#plan
    const [rows, values] = await Promise.all([
      stored.length === 0 ? [] : this.#read(parts),
      computed.length === 0 ? null : lookUp(this.#environment, computed, requests, parts, at, deadline?.signal),
    ])
    options.onFound?.()
    const found: Found = { parts, request, rows, values, at }
    return this.#answers.make(found, options.status === true, deadline)
  }

  #instant({ at }: GetOptions): bigint {
    return toMicroseconds(at ?? this.#environment.now())
  }

  /** Asks for the rows in pieces, all at once, and makes answers of one while the store is at work on the next. */
  async #manyOfOne({ key, codec }: StoredPart, requests: readonly Keys[], options: GetOptions): Promise<Features[]> {
    const at = this.#instant(options)
    const asked = new Array<string | null>(requests.length)
    for (let index = 0; index < asked.length; index += 1)
      asked[index] = key(this.#arguments.partsOf(requests[index] as Keys))
    const answers = new Array<Features>(asked.length)
    const size = pieceOf(asked.length)
    const piece = async (start: number): Promise<void> => {
      const keys = asked.slice(start, start + size)
      const some = keys.filter(one => one !== null)
      const rows = await this.#environment.online.read(some)
      options.onFound?.()
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
    const views = this.#plan.stored
    const asked: string[] = []
    // Where the row of a request and view will be; -1 where it is not asked for.
    const places = new Array<number>(all.length * views.length)
    for (let index = 0; index < all.length; index += 1) {
      const first = index * views.length
      for (let number = 0; number < views.length; number += 1) {
        const view = views[number] as StoredPart
        const key = view.key(all[index] as Parts)
        const twin = key === null ? -1 : view.twins.findIndex(other => asked[places[first + other] as number] === key)
        if (key === null) places[first + number] = -1
        else
          places[first + number] =
            twin < 0 ? asked.push(key) - 1 : (places[first + (view.twins[twin] as number)] as number)
      }
    }
    const found = await this.#environment.online.read(asked)
    const rows = new Array<Buffer | null>(places.length)
    for (let index = 0; index < rows.length; index += 1) rows[index] = asBuffer(found[places[index] as number])
    return rows
  }
}

function asBuffer(row: Uint8Array | null | undefined): Buffer | null {
  if (row === null || row === undefined) return null
  return Buffer.isBuffer(row) ? row : Buffer.from(row.buffer, row.byteOffset, row.byteLength)
}
