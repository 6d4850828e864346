/** How an answer is made, worked out once for each view and service: what is read, what is computed, and what goes where. */
import type { Retrieved, ViewUse } from './contract.ts'
import type { OnDemandRuntime } from './on-demand/view.ts'
import { keyOfParts } from './online/key.ts'
import type { Features, StoredCodec, ValuesCodec } from './online/read.ts'
import type { ViewRuntime } from './view-runtime.ts'

/** Join keys as they stand in keys of rows. */
export type Parts = readonly (string | null)[]

interface Used {
  readonly use: ViewUse
  readonly view: ViewRuntime
  /** Its place among the uses. */
  readonly index: number
  /** Where its join keys stand among the arguments. */
  readonly places: readonly number[]
  /**
   * Whether its features are answered as they are, all of them: then they are read into the answer itself, and else into
   * an object of their own.
   */
  readonly direct: boolean
  /** The features of a key without rows. What is read into begins as a copy: to let an object grow takes three times as long. */
  readonly nothing: Readonly<Features>
}

export interface StoredPart extends Used {
  readonly kind: 'stored'
  readonly codec: StoredCodec
  readonly key: (parts: Parts) => string | null
  /** Earlier stored parts of the same view: what has the same key is read once. */
  readonly twins: readonly number[]
}

export interface ComputedPart extends Used {
  readonly kind: 'computed'
  readonly codec: ValuesCodec
}

export type Part = StoredPart | ComputedPart

/** Where a value comes from: request data, a use or an on-demand view by its place, and the name or place there. */
export type Place =
  | { readonly kind: 'request'; readonly index: number }
  | { readonly kind: 'part'; readonly part: number; readonly feature: string }
  | { readonly kind: 'function'; readonly view: number; readonly feature: number }

export interface FunctionsPlan {
  readonly view: OnDemandRuntime
  /** Which features the answer, or another view that it needs, asks for. */
  readonly wanted: readonly boolean[]
  /** Of the values its functions are given, in the view's order. */
  readonly given: readonly Place[]
  /** Where its join keys stand among the arguments. */
  readonly keys: readonly number[]
}

export interface RetrievalPlan {
  /** The uses, in the order in which they are declared. */
  readonly parts: readonly Part[]
  readonly stored: readonly StoredPart[]
  readonly computed: readonly ComputedPart[]
  /** Each after those whose features it is given. */
  readonly functions: readonly FunctionsPlan[]
  /** What is not read into the answer itself. */
  readonly placed: readonly { readonly name: string; readonly from: Place }[]
  /** An answer without values: its features in declared order. */
  readonly nothing: Readonly<Features>
}

export interface Runtimes {
  readonly view: (name: string) => ViewRuntime
  readonly onDemand: (name: string) => OnDemandRuntime
}

export function retrievalPlan(retrieved: Retrieved, runtimes: Runtimes): RetrievalPlan {
  const parts = partsOf(retrieved, runtimes)
  const views = retrieved.onDemand.map(runtimes.onDemand)
  const place = placer(retrieved, parts, views)
  const wanted = wantedOf(retrieved, views)
  const argument = (name: string) => retrieved.keys.findIndex(key => key.name === name)
  const functions = views.map((view, index) => ({
    view,
    wanted: wanted[index] as readonly boolean[],
    given: view.columns.map(({ of, feature }) => place(of, feature)),
    keys: view.manifest.keys.map(({ name }) => argument(name)),
  }))
  const answered = retrieved.answer.map(({ name, of, feature }) => ({ name, from: place(of, feature) }))
  const isDirect = (from: Place) => from.kind === 'part' && parts[from.part]?.direct === true
  const nothing: Features = {}
  for (const { name, from } of answered)
    nothing[name] = from.kind === 'part' ? parts[from.part]?.nothing[from.feature] : null
  return {
    parts,
    stored: parts.filter(part => part.kind === 'stored'),
    computed: parts.filter(part => part.kind === 'computed'),
    functions,
    placed: answered.filter(({ from }) => !isDirect(from)),
    nothing,
  }
}

function partsOf({ uses, keys, answer }: Retrieved, runtimes: Runtimes): Part[] {
  const parts: Part[] = []
  for (const [index, use] of uses.entries()) {
    const view = runtimes.view(use.view)
    const { entity, name, layout, materialize, features } = view.manifest
    const places = use.keys.map(key => keys.findIndex(candidate => candidate.name === key))
    const isAnswered = (feature: string) =>
      answer.some(origin => origin.of === use.name && origin.feature === feature && origin.name === feature)
    const direct =
      features.every(feature => isAnswered(feature.name)) &&
      answer.filter(({ of }) => of === use.name).length === features.length
    const used = { use, view, index, places, direct, nothing: nothingOf(view) }
    if (!materialize) parts.push({ ...used, kind: 'computed', codec: view.found })
    else {
      const key = keyOfParts(entity, name, layout.fingerprint, places)
      const twins = parts.flatMap(part => (part.kind === 'stored' && part.view === view ? [part.index] : []))
      parts.push({ ...used, kind: 'stored', codec: view.codec, key, twins })
    }
  }
  return parts
}

function nothingOf({ manifest, codec, found }: ViewRuntime): Features {
  const into: Features = {}
  if (manifest.materialize) codec.readInto(into, null, 0n)
  else {
    const values = manifest.layout.fields.map(() => null)
    found.readInto(into, values, 0n)
  }
  return into
}

function placer({ request }: Retrieved, parts: readonly Part[], views: readonly OnDemandRuntime[]) {
  return (of: string | null, feature: string): Place => {
    if (of === null) return { kind: 'request', index: request.findIndex(({ name }) => name === feature) }
    const part = parts.findIndex(({ use }) => use.name === of)
    if (part >= 0) return { kind: 'part', part, feature }
    const view = views.findIndex(({ manifest }) => manifest.name === of)
    return { kind: 'function', view, feature: views[view]?.placeOf(feature) ?? -1 }
  }
}

/** From the last view to the first: what a view is given, it is given by those before it. */
export function wantedOf({ answer }: Retrieved, views: readonly OnDemandRuntime[]): boolean[][] {
  const asked = new Set(answer.map(({ of, feature }) => `${of}.${feature}`))
  const wanted: boolean[][] = []
  for (const { manifest, columns } of [...views].reverse()) {
    const features = manifest.features.map(({ name }) => asked.has(`${manifest.name}.${name}`))
    wanted.unshift(features)
    if (features.some(isWanted => isWanted))
      for (const { of, feature } of columns) if (of !== null) asked.add(`${of}.${feature}`)
  }
  return wanted
}
