/**
 * Retrieval: the features of one or many keys. Materialized views are read from the online store, all in one round
 * trip; the others are computed now by their lookup statement.
 */
import type { Field } from './contract.ts'
import { MeridianError } from './errors.ts'
import { type Instant, toMicroseconds } from './instant.ts'
import { checkKeys, type Keys } from './keys.ts'
import type { KeyValue } from './online/key.ts'
import type { Detail } from './online/read.ts'
import type { StoredValue } from './online/row.ts'
import { type Environment, relationsOf, type ViewRuntime } from './view-runtime.ts'

export interface GetOptions {
  /** The read's instant, which ttl is measured against and unstored views are computed at. Default: now. */
  readonly at?: Instant
  /** With each value, say what was found, when it was stored and when it happened. */
  readonly status?: boolean
}

type Row = Record<string, unknown>

export class Retrieval {
  readonly #environment: Environment
  readonly #subject: string
  readonly #keys: readonly Field[]
  readonly #stored: readonly ViewRuntime[]
  readonly #computed: readonly ViewRuntime[]
  readonly #all: readonly ViewRuntime[]

  constructor(environment: Environment, subject: string, keys: readonly Field[], views: readonly ViewRuntime[]) {
    this.#environment = environment
    this.#subject = subject
    this.#keys = keys
    this.#all = views
    this.#stored = views.filter(view => view.manifest.materialize)
    this.#computed = views.filter(view => !view.manifest.materialize)
  }

  async get(requests: readonly Keys[], options: GetOptions): Promise<Row[]> {
    for (const keys of requests) checkKeys(keys, this.#keys, this.#subject)
    const at = toMicroseconds(options.at ?? this.#environment.now())
    const detailed = options.status === true
    const rows = requests.map((): Row => ({}))
    await this.#readStored(requests, at, detailed, rows)
    for (const view of this.#computed) await this.#compute(view, requests, at, detailed, rows)
    // Features come in declared order, whichever way they were found.
    return this.#computed.length === 0 || this.#stored.length === 0 ? rows : rows.map(row => this.#ordered(row))
  }

  async #readStored(requests: readonly Keys[], at: bigint, detailed: boolean, rows: readonly Row[]): Promise<void> {
    const views = this.#stored
    if (views.length === 0) return
    const asked: string[] = []
    // Where the key of a request and view stands in `asked`; a null join key matches nothing and is not asked for.
    const places = new Array<number>(requests.length * views.length)
    for (let index = 0; index < requests.length; index += 1) {
      for (let number = 0; number < views.length; number += 1) {
        const view = views[number] as ViewRuntime
        const values = valuesOf(view, requests[index] as Keys)
        places[index * views.length + number] = values === null ? -1 : asked.push(view.key(values)) - 1
      }
    }
    const found = await this.#environment.online.read(asked)
    for (let index = 0; index < requests.length; index += 1) {
      for (let number = 0; number < views.length; number += 1) {
        const place = places[index * views.length + number] as number
        const row = place < 0 ? null : (found[place] ?? null)
        const { reader } = views[number] as ViewRuntime
        if (detailed) reader.details(row, at, rows[index] as Record<string, Detail>)
        else reader.values(row, at, rows[index] as Row)
      }
    }
  }

  async #compute(
    view: ViewRuntime,
    requests: readonly Keys[],
    at: bigint,
    detailed: boolean,
    rows: readonly Row[],
  ): Promise<void> {
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
      for await (const { rowCount, columns } of chunks) {
        for (let index = 0; index < rowCount; index += 1) {
          const values = fields.map(field => columns[field]?.[index] as StoredValue)
          const into = rows[Number(columns[row]?.[index])] as Row
          if (detailed) view.reader.detailsOf(values, null, at, into as Record<string, Detail>)
          else view.reader.valuesOf(values, at, into)
        }
      }
    } finally {
      session.release()
    }
  }

  #ordered(row: Row): Row {
    return Object.fromEntries(this.#all.flatMap(view => view.manifest.features.map(({ name }) => [name, row[name]])))
  }
}

function valuesOf({ manifest: { keys } }: ViewRuntime, request: Keys): KeyValue[] | null {
  const values = new Array<KeyValue>(keys.length)
  for (let index = 0; index < keys.length; index += 1) {
    const value = request[(keys[index] as Field).name] as KeyValue | null
    if (value === null) return null
    values[index] = value
  }
  return values
}
