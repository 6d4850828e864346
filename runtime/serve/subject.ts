/** A service or a view as a pod serves it: from the body of a request to what it is answered with. */
import type { Retrieved } from '../contract.ts'
import { MeridianError } from '../errors.ts'
import type { Detail, Features } from '../online/read.ts'
import type { GetOptions } from '../retrieve.ts'
import { argumentReader } from './arguments.ts'
import { type Circuits, isStoreFailure } from './circuits.ts'
import { sampled, type Tally } from './metrics.ts'
import { Problem } from './problems.ts'
import type { Answer } from './wire.ts'

type Entity = Record<string, unknown>
type Details = Record<string, Detail>

/** One entity, or many. It has passed the schema. */
export interface Body {
  readonly entity?: Entity
  readonly entities?: Entity[]
}

/** The getters of a service or view, untyped. */
export interface Getters {
  get(keys: Entity, options: GetOptions): Promise<Features>
  getMany(keys: readonly Entity[], options: GetOptions): Promise<Features[]>
}

export interface Served {
  readonly kind: 'service' | 'view'
  readonly name: string
  readonly retrieved: Retrieved
  readonly getters: Getters
  /** What answers in their place while a store is away; null where nothing may. */
  readonly absent: Getters | null
  /** Which stores an answer needs. */
  readonly uses: { readonly store: boolean; readonly database: boolean }
}

/** What is known of a request while it is worked on. Times are of `performance.now()`. */
export interface Work {
  readonly arrived: number
  started: number
  found: number
  entities: number
  degraded: boolean
  /** Features whose function failed. */
  failed: number
}

export interface SubjectOptions {
  readonly circuits: Circuits
  readonly tally: Tally
  /** Milliseconds for a request, from its arrival. */
  readonly deadline: number
  /** Milliseconds in which the store gives up one read by itself. */
  readonly readTimeout: number
}

/** The share of a deadline after which a service that may answers with defaults: in time. */
const untilAbsent = 0.9

export class Subject {
  readonly served: Served
  readonly title: string
  readonly tally: Tally
  readonly #options: SubjectOptions
  readonly #read: (entity: Entity) => void
  /** Features that may fail: those of functions. */
  readonly #functions: readonly string[]
  #requests = 0

  constructor(served: Served, options: SubjectOptions) {
    const { keys, request, answer, onDemand } = served.retrieved
    this.served = served
    this.title = `${served.kind}s/${served.name}`
    this.tally = options.tally
    this.#options = options
    this.#read = argumentReader([...keys, ...request])
    this.#functions = answer.flatMap(({ name, of }) => (onDemand.includes(of) ? [name] : []))
  }

  /** @throws Problem, MeridianError */
  async answer(body: Body, detailed: boolean, work: Work): Promise<Answer> {
    const single = body.entity !== undefined
    const entities = single ? [body.entity as Entity] : (body.entities as Entity[])
    for (const entity of entities) this.#read(entity)
    work.entities = entities.length
    this.#requests += 1
    const isSample = this.#requests % sampled === 0
    const found = await this.#find(entities, { status: detailed || isSample }, work)
    const member = detailed ? (single ? 'detail' : 'details') : single ? 'features' : 'entities'
    const errors = this.#functions.length === 0 ? [] : this.#failures(found, detailed || isSample, `/${member}`, single)
    work.failed = errors.length
    if (isSample) this.tally.look(found as Details[], sampled)
    const values = isSample && !detailed ? (found as Details[]).map(valuesOf) : found
    return { member, value: single ? values[0] : values, degraded: work.degraded, errors }
  }

  async #find(entities: readonly Entity[], { status }: { status: boolean }, work: Work): Promise<Features[]> {
    const { circuits, deadline, readTimeout } = this.#options
    const { getters, absent, uses } = this.served
    // Whole milliseconds: timers of equal length are kept together.
    const left = Math.ceil(deadline - (work.started - work.arrived))
    if (left <= 0) throw new Problem('deadline.exceeded')
    const timeout = absent === null ? left : Math.ceil(left * untilAbsent)
    // One read of the store that ends in time by itself needs no second clock, which costs as much as a tenth of the request.
    const isBounded = !uses.database && this.#functions.length === 0 && entities.length === 1 && readTimeout <= timeout
    const options: GetOptions = {
      status,
      ...(isBounded ? {} : { timeout }),
      onFound: () => {
        work.found = performance.now()
      },
    }
    try {
      return await circuits.run(uses, () => ask(getters, entities, options).catch(error => rethrow(error, work)))
    } catch (error) {
      if (absent === null || !isStoreFailure(error)) throw error
      work.degraded = true
      return ask(absent, entities, { status })
    }
  }

  /** Features that failed become null, and are told of. */
  #failures(found: readonly Features[], detailed: boolean, pointer: string, single: boolean): object[] {
    const errors: object[] = []
    for (const [index, features] of found.entries())
      for (const name of this.#functions) {
        const error = failureIn(features, name, detailed)
        if (!error) continue
        const where = single ? `${pointer}/${name}` : `${pointer}/${index}/${name}`
        errors.push({ pointer: where, code: error.code, detail: error.message })
      }
    return errors
  }
}

async function ask(getters: Getters, entities: readonly Entity[], options: GetOptions): Promise<Features[]> {
  return entities.length === 1
    ? [await getters.get(entities[0] as Entity, options)]
    : getters.getMany(entities, options)
}

/** A deadline that passes when all is found was missed by functions, which is no fault of a store. */
function rethrow(error: unknown, { found }: Work): never {
  if (found > 0 && error instanceof MeridianError && error.code === 'deadline.exceeded')
    throw new Problem('deadline.exceeded', undefined, [], error)
  throw error
}

/** The error of a feature that has no value for it. Reading it throws, so null takes its place. */
function failureIn(features: Features, name: string, detailed: boolean): MeridianError | null {
  const of = detailed ? (features[name] as object) : features
  const property = detailed ? 'value' : name
  const descriptor = Object.getOwnPropertyDescriptor(of, property)
  if (!descriptor?.get) return null
  const error = caught(() => (of as Features)[property])
  const value = { value: null, enumerable: true, configurable: true, writable: true }
  // That of a detail cannot be made anew.
  if (detailed) features[name] = Object.defineProperty({ ...of }, property, value)
  else Object.defineProperty(features, property, value)
  return error
}

function caught(read: () => unknown): MeridianError | null {
  try {
    read()
    return null
  } catch (error) {
    if (error instanceof MeridianError) return error
    throw error
  }
}

function valuesOf(details: Details): Features {
  const values: Features = {}
  for (const name in details) values[name] = details[name]?.value
  return values
}
