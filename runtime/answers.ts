/** Answers, made of what the store and lookups found: features are read, functions run, and all is put in declared order. */
import type { Buffer } from 'node:buffer'
import type { Deadline } from './deadline.ts'
import type { LookedUp } from './lookup.ts'
import { Failure, failedFeature, set } from './on-demand/failure.ts'
import type { Detail, Features } from './online/read.ts'
import type { StoredValue } from './online/row.ts'
import type { FunctionsPlan, Parts, Place, RetrievalPlan } from './retrieval-plan.ts'

export interface Found {
  /** The join keys of each request. */
  readonly parts: readonly Parts[]
  /** Request data, column by column. */
  readonly request: readonly (readonly unknown[])[]
  /** The stored views' rows of each request in turn. */
  readonly rows: readonly (Buffer | null)[]
  readonly values: LookedUp | null
  /** The read's instant. */
  readonly at: bigint
}

/** What a view's functions returned, by feature: as it was for details, and as others are given it. */
interface Returned {
  readonly raw: readonly (readonly unknown[] | null)[]
  readonly given: readonly (readonly unknown[] | null)[]
}

type Details = Record<string, Detail>

export class Answers {
  readonly #plan: RetrievalPlan

  constructor(plan: RetrievalPlan) {
    this.#plan = plan
  }

  /** @throws MeridianError `deadline.exceeded` */
  make(found: Found, detailed: boolean, deadline: Deadline | null): Features[] {
    const { nothing, functions, placed } = this.#plan
    const answers = found.parts.map((): Features => ({ ...nothing }))
    const read = this.#read(found, answers, detailed)
    const returned: Returned[] = []
    for (const view of functions) returned.push(run(view, found, read, returned, detailed, deadline))
    for (const { name, from } of placed) {
      if (from.kind === 'part') {
        const features = read[from.part] as readonly Features[]
        for (let index = 0; index < answers.length; index += 1)
          (answers[index] as Features)[name] = features[index]?.[from.feature]
      } else if (from.kind === 'function') {
        const values = returned[from.view]?.[detailed ? 'raw' : 'given'][from.feature] as readonly unknown[]
        const otherwise = functions[from.view]?.view.defaults[from.feature]
        for (let index = 0; index < answers.length; index += 1)
          set(answers[index] as Features, name, detailed ? detailOf(values[index], otherwise) : values[index])
      }
    }
    return answers
  }

  /** The features of each use, or their details, for each request. */
  #read({ rows, values, parts, at }: Found, answers: Features[], detailed: boolean): readonly (readonly Features[])[] {
    const { stored } = this.#plan
    let number = -1
    return this.#plan.parts.map(part => {
      const into = part.direct ? answers : parts.map((): Features => ({ ...part.nothing }))
      if (part.kind === 'stored') {
        number += 1
        for (let index = 0; index < into.length; index += 1) {
          const row = rows[index * stored.length + number] as Buffer | null
          if (detailed) part.codec.detailsInto(into[index] as Details, row, at)
          else part.codec.readInto(into[index] as Features, row, at)
        }
      } else {
        const found = values?.get(part)
        for (let index = 0; index < into.length; index += 1) {
          const row = found?.[index] as readonly StoredValue[]
          if (detailed) part.codec.detailsInto(into[index] as Details, row, at)
          else part.codec.readInto(into[index] as Features, row, at)
        }
      }
      return into
    })
  }
}

function run(
  { view, wanted, given, keys }: FunctionsPlan,
  { parts, request, at }: Found,
  read: readonly (readonly Features[])[],
  returned: readonly Returned[],
  detailed: boolean,
  deadline: Deadline | null,
): Returned {
  if (!wanted.some(isWanted => isWanted)) return { raw: [], given: [] }
  const columnOf = (place: Place): readonly unknown[] => {
    switch (place.kind) {
      case 'request':
        return request[place.index] as readonly unknown[]
      case 'function':
        return returned[place.view]?.given[place.feature] ?? []
      case 'part': {
        const { feature } = place
        const features = read[place.part] as readonly Features[]
        return features.map(one => (detailed ? (one as Details)[feature]?.value : one[feature]))
      }
      default:
        return place satisfies never
    }
  }
  const { name, features } = view.manifest
  const rows = {
    instants: parts.map(() => at),
    columns: given.map(columnOf),
    keysOf: (row: number) => keys.map(place => parts[row]?.[place] ?? null),
  }
  const failed = (feature: number, _row: number, error: unknown) => {
    const otherwise = view.defaults[feature]
    if (!detailed && otherwise !== null) return otherwise
    return new Failure(failedFeature(name, features[feature]?.name ?? '', error))
  }
  const apply = (some: readonly boolean[]) => view.apply(rows, some, failed, !detailed)
  const raw = deadline === null ? apply(wanted) : oneByOne(wanted, apply, deadline)
  return { raw, given: detailed ? raw.map((values, index) => withDefault(values, view.defaults[index])) : raw }
}

/** No function can be interrupted, so the time is looked at between them. */
function oneByOne(
  wanted: readonly boolean[],
  apply: (wanted: readonly boolean[]) => (unknown[] | null)[],
  deadline: Deadline,
): (unknown[] | null)[] {
  return wanted.map((isWanted, index) => {
    if (!isWanted) return null
    deadline.check()
    return apply(wanted.map((_, other) => other === index))[index] ?? null
  })
}

function withDefault(values: readonly unknown[] | null, otherwise: unknown): readonly unknown[] | null {
  if (values === null || otherwise === null) return values
  return values.map(value => (value === null || value instanceof Failure ? otherwise : value))
}

function detailOf(value: unknown, otherwise: unknown): Detail {
  const rest = { tick: null, eventTimestamp: null } as const
  const source = otherwise === null ? 'computed' : 'default'
  if (value === null) return { value: otherwise, status: 'null', source, ...rest }
  if (!(value instanceof Failure)) return { value, status: 'present', source: 'computed', ...rest }
  const { error } = value
  const detail = { value: otherwise, status: 'failed', source, ...rest, error } as const
  if (otherwise !== null) return detail
  // There is no value to read, and none to mistake for one; what is to be seen of the rest can be seen.
  return Object.defineProperty({ ...detail }, 'value', {
    enumerable: false,
    get() {
      throw error
    },
  })
}
