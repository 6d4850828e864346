/** What became of a feature view. */
import { describeType } from '../catalog/describe.ts'
import { canonicalJson } from '../catalog/fingerprint.ts'
import { formatDuration } from '../catalog/format-duration.ts'
import type { Cost, Effect, FeatureChange, StoredRows } from './change.ts'
import type { ComparedView } from './manifest.ts'
import type { Names } from './rename.ts'

/** All that a view is but for its name and documentation. */
export function restOfView({ name, ...view }: ComparedView, sources: Names): unknown {
  return {
    entity: view.entity,
    keys: view.keys,
    sources: view.sources.filter(source => source !== name).map(sources),
    ttl: view.ttl,
    ticks: view.ticks,
    materialize: view.materialize,
    layout: view.layout.fingerprint,
    features: view.features.map(({ name: feature, type, nullable, default: value }) => ({
      feature,
      type,
      nullable,
      value,
    })),
  }
}

export interface Differences {
  readonly effect: Effect | null
  readonly reasons: readonly string[]
}

interface Circumstances {
  readonly features: readonly FeatureChange[]
  /** Sources that changed. */
  readonly because: readonly string[]
  /** What changed of the query of a SQL view. */
  readonly query: readonly string[]
  readonly source: Names
}

/** Of two builds of one view; its features and sources are looked at apart. */
export function viewDifferences(
  before: ComparedView,
  after: ComparedView,
  { features, because, query, source }: Circumstances,
): Differences {
  const layout: string[] = []
  const values: string[] = []
  const metadata: string[] = []
  if (before.name !== after.name && after.materialize) layout.push('its name is part of every key')
  if (before.entity !== after.entity) layout.push(`entity ${after.entity}, was ${before.entity}`)
  if (canonicalJson(before.keys) !== canonicalJson(after.keys)) layout.push(`keys ${keys(after)}, was ${keys(before)}`)
  const read = (view: ComparedView, names: Names) => view.sources.filter(name => name !== view.name).map(names)
  const now = read(after, name => name)
  if (String(read(before, source)) !== String(now))
    values.push(`reads ${now.join(', ') || 'nothing'}, was ${read(before, name => name).join(', ')}`)
  values.push(...query)
  if (before.boundary !== undefined && before.boundary !== after.boundary)
    values.push(`rows ${after.boundary} the instant count, was ${before.boundary}`)
  if (before.ttl !== after.ttl) values.push(`ttl ${duration(after.ttl)}, was ${duration(before.ttl)}`)
  for (const option of ['refresh', 'offset', 'delay'] as const) {
    const [old, made] = [before.ticks?.[option] ?? null, after.ticks?.[option] ?? null]
    if ((old ?? 0) !== (made ?? 0))
      values.push(`${option} ${duration(made)}, was ${duration(old)}: what is served, and training data as served`)
  }
  if (before.materialize !== after.materialize)
    values.push(after.materialize ? 'materialized, was computed when read' : 'computed when read, was materialized')

  const samePlaces = canonicalJson(before.layout.fields) === canonicalJson(after.layout.fields)
  const sameLayout = before.layout.fingerprint === after.layout.fingerprint
  if (before.owner !== after.owner) metadata.push(`owner ${after.owner ?? 'none'}, was ${before.owner ?? 'none'}`)
  if (String(before.tags) !== String(after.tags))
    metadata.push(`tags ${after.tags.join(', ') || 'none'}, was ${before.tags.join(', ') || 'none'}`)
  const explained = layout.length + values.length + features.length + because.length > 0
  if (!sameLayout && !explained) values.push('stored rows mean something else in this version of Meridian')
  if (before.metadataFingerprint !== after.metadataFingerprint && !explained && metadata.length === 0)
    metadata.push('documentation, or where it is defined')

  const effect =
    layout.length > 0 || !samePlaces
      ? 'layout'
      : values.length + features.length > 0 || !sameLayout
        ? 'values'
        : metadata.length > 0
          ? 'metadata'
          : null
  return { effect, reasons: [...layout, ...values, ...metadata] }
}

/** `otherData`: a source of it is read from elsewhere, which its layout does not say. */
export function costOf(before: ComparedView | null, after: ComparedView | null, otherData: boolean): Cost | null {
  const old = before?.materialize ? stored(before) : null
  const made = after?.materialize ? stored(after) : null
  if (!old && !made) return null
  if (old?.pattern === made?.pattern) return { write: null, orphan: null, backfill: otherData ? 'full' : 'none' }
  return { write: made, orphan: old, backfill: made ? 'before' : 'none' }
}

function stored({ name, entity, keys, layout }: ComparedView): StoredRows {
  const parts = [entity, ...keys.map(key => `<${key.name}>`)].join(':')
  return { view: name, layout: layout.fingerprint, pattern: `{${parts}}:${name}:${layout.fingerprint}` }
}

const duration = (microseconds: number | null): string =>
  microseconds === null ? 'none' : formatDuration(microseconds)
const keys = ({ keys }: ComparedView): string =>
  keys.map(({ name, type }) => `${name} ${describeType(type)}`).join(', ')
