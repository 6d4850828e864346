/** Codecs of layouts and features that no definition stands behind, emitted and loaded as those of a build are. */
import { emitCodec } from '../compiler/emit/codec.ts'
import type { Output, ViewPlan } from '../compiler/plan/view-plan.ts'
import type { Field } from '../runtime/index.ts'
import { codecRuntime } from '../runtime/online/codec.ts'
import type { StoredCodec, ValuesCodec } from '../runtime/online/read.ts'

export interface Shape {
  /** In declared order. */
  readonly outputs: readonly Output[]
  readonly fields: readonly Field[]
  readonly ttl?: bigint | null
}

/** The plan of a view that gives these features. */
export function planOf({ outputs, fields, ttl = null }: Shape, materialize: boolean): ViewPlan {
  const provenance = { file: 'features.ts', symbol: 'v' }
  const source = {
    name: 's',
    provenance,
    doc: null,
    columns: [],
    eventTimestamp: 'at',
    createdTimestamp: null,
    tieBreak: [],
    relations: {},
    origin: 'source',
  } as const
  const view = {
    name: 'v',
    provenance,
    doc: null,
    entity: 'e',
    joinKeys: [],
    source: 's',
    ttl: ttl === null ? null : Number(ttl),
    boundary: 'at',
    ticks: null,
    materialize,
    freshness: null,
    owner: null,
    tags: [],
    features: [],
  } as const
  const events = new Set(outputs.flatMap(output => (output.kind === 'latest' ? [output.eventTimestamp] : [])))
  const latest = [...events].map(eventTimestamp => ({ pick: 'last', where: null, eventTimestamp, values: [] }) as const)
  return { view, source, measures: [], latest, outputs, fields }
}

async function load(plan: ViewPlan, runtime = codecRuntime): Promise<StoredCodec & ValuesCodec> {
  const { default: codec } = await import(`data:text/javascript,${encodeURIComponent(emitCodec(plan).text)}`)
  return codec(runtime)
}

export const storedCodec = (shape: Shape): Promise<StoredCodec> => load(planOf(shape, true))
export const valuesCodec = (shape: Shape): Promise<ValuesCodec> => load(planOf(shape, false))

/** A feature that is the greatest of something, whatever its type. */
export function measureOf({ name, type }: Field): Output {
  const aggregate = { kind: 'aggregate', aggregate: 'max', value: null, where: null, over: null } as const
  return { kind: 'measure', name, doc: null, type, default: null, measure: { name, aggregate, type } }
}

/** The codec of a row with these fields, each a feature of its own. */
export function rowCodec(fields: readonly Field[], runtime = codecRuntime): Promise<StoredCodec> {
  return load(planOf({ fields, outputs: fields.map(measureOf) }, true), runtime)
}
