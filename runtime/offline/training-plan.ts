/** What training data are made of: the statements, in their order, and functions between them. */
import type { Field, Retrieved } from '../contract.ts'
import { MeridianError } from '../errors.ts'
import { failedFeature } from '../on-demand/failure.ts'
import { toStored } from '../on-demand/values.ts'
import type { OnDemandRuntime } from '../on-demand/view.ts'
import { type KeyValue, keyPart } from '../online/key.ts'
import type { StoredValue } from '../online/row.ts'
import { type Runtimes, wantedOf } from '../retrieval-plan.ts'
import { type Environment, relationsOf } from '../view-runtime.ts'
import type { Chunk, ComputeRequest, OfflineEngine, Relation, SpineRequest } from './engine.ts'
import { tickRelation } from './recorded-ticks.ts'

/** What becomes the table `<name>__features`: the rows of a statement, or what functions make of them. */
export type TrainingStep =
  | { readonly kind: 'statement'; readonly name: string; readonly sql: string }
  | { readonly kind: 'functions'; readonly name: string; readonly request: ComputeRequest }

export interface TrainingPlan {
  readonly engine: OfflineEngine
  readonly relations: readonly Relation[]
  readonly steps: readonly TrainingStep[]
  /** Joins what the steps made. */
  readonly sql: string
  readonly spine: SpineRequest
  /** Columns of the result whose types are declared. */
  readonly columns: readonly Field[]
}

/** `training`: the path of the statement that joins. `recorded`: whether ticks that were recorded say what was served. */
export function trainingPlan(
  environment: Environment,
  retrieved: Retrieved,
  training: string,
  runtimes: Runtimes,
  recorded: boolean,
): TrainingPlan {
  const { engine, artefacts } = environment
  const text = (path: string | undefined) => artefacts.statement(path ?? '')
  const views = new Map(retrieved.uses.map(({ name, view }) => [name, runtimes.view(view).manifest]))
  const functions = retrieved.onDemand.map(runtimes.onDemand)
  const typeOf = (of: string, feature: string) => {
    const features =
      views.get(of)?.features ?? functions.find(({ manifest }) => manifest.name === of)?.manifest.features
    return features?.find(({ name }) => name === feature)?.type ?? { type: 'string' as const }
  }
  const wanted = wantedOf(retrieved, functions)
  const answer = retrieved.answer.map(({ name, of, feature }): Field => ({ name, type: typeOf(of, feature) }))
  return {
    engine,
    relations: [...relationsOf(environment, [...new Set(views.values())]), ...tickRelation(environment, recorded)],
    steps: [
      ...retrieved.uses.map(({ name, pointInTime }): TrainingStep => {
        return { kind: 'statement', name, sql: text(pointInTime[engine.dialect]) }
      }),
      ...functions.flatMap((view, index): TrainingStep[] => {
        const some = wanted[index] as readonly boolean[]
        if (!some.includes(true)) return []
        const { name, statements } = view.manifest
        const sql = text(statements[engine.dialect]?.inputs)
        return [{ kind: 'functions', name, request: computeRequest(view, sql, some, typeOf) }]
      }),
    ],
    sql: text(training),
    spine: { keys: retrieved.keys, request: retrieved.request, features: answer.map(({ name }) => name) },
    columns: [...retrieved.keys, ...retrieved.request, ...answer],
  }
}

function computeRequest(
  view: OnDemandRuntime,
  sql: string,
  wanted: readonly boolean[],
  typeOf: (of: string, feature: string) => Field['type'],
): ComputeRequest {
  const { manifest, columns } = view
  const requested = new Map(manifest.requested.map(({ name, type }) => [name, type]))
  const types = new Map(manifest.keys.map(({ name, type }) => [name, type])).set('event_timestamp', {
    type: 'timestamp',
  })
  for (const { column, of, feature } of columns)
    types.set(column, of === null ? (requested.get(feature) as Field['type']) : typeOf(of, feature))
  const fields = manifest.features.filter((_, index) => wanted[index])
  return {
    sql,
    types,
    fields,
    compute: (names, chunk) => {
      const columnOf = columnsOf(names, chunk, manifest.name)
      const keys = manifest.keys.map(({ name }) => columnOf(name))
      const instants = columnOf('event_timestamp') as readonly bigint[]
      const keysOf = (row: number) =>
        keys.map(column => (column[row] === null ? null : keyPart(column[row] as KeyValue)))
      const failed = (feature: number, row: number, error: unknown) => {
        const otherwise = view.defaults[feature]
        if (otherwise !== null) return otherwise
        const key = Object.fromEntries(manifest.keys.map(({ name }, index) => [name, keys[index]?.[row]]))
        throw failedTraining(manifest.name, manifest.features[feature]?.name ?? '', key, instants[row] as bigint, error)
      }
      const rows = { instants, columns: columns.map(({ column }) => columnOf(column)), keysOf }
      const results = view.apply(rows, wanted, failed, true)
      return results.flatMap((values, index) => {
        const type = manifest.features[index]?.type
        return values === null || type === undefined ? [] : [stored(values, type)]
      })
    },
  }
}

function columnsOf(names: readonly string[], { columns }: Chunk, view: string) {
  return (name: string): readonly unknown[] => {
    const column = columns[names.indexOf(name)]
    if (!column) throw new Error(`the inputs of ${view} have no column ${name}`)
    return column
  }
}

function stored(values: readonly unknown[], type: Field['type']): readonly StoredValue[] {
  if (type.type !== 'timestamp' && type.type !== 'list') return values as readonly StoredValue[]
  return values.map(value => toStored(value, type))
}

/** A null in its place would say that there is no value, and train a model on that. */
function failedTraining(
  view: string,
  feature: string,
  keys: Readonly<Record<string, unknown>>,
  instant: bigint,
  cause: unknown,
): MeridianError {
  const error = failedFeature(view, feature, cause)
  const at = `${new Date(Number(instant / 1000n)).toISOString().slice(0, -1)}Z`
  const shown = Object.entries(keys).map(([name, value]) => `${name} = ${String(value)}, `)
  const message = `the training data could not be computed: ${error.message} (for ${shown.join('')}event_timestamp = ${at})`
  return new MeridianError('training.failed', message, { ...error.details, keys, eventTimestamp: new Date(at) }, error)
}
