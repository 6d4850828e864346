/** The fingerprint of a stored row: it changes when the values in it change place or meaning, and only then. */
import type { Source } from '../catalog/catalog.ts'
import { fingerprint } from '../catalog/fingerprint.ts'
import type { ViewPlan } from '../plan/view-plan.ts'

/**
 * Version of the row's encoding and of the meaning of computations. Raise it when the codec or the semantics change,
 * so that no reader meets a row written under another meaning.
 */
const encoding = 2

/**
 * Covers what decides a stored value: keys, the columns and order of the source, its query, the computations.
 * Not covered: what is applied when a row is read (ttl, default), when it is refreshed, where a source's table or file
 * lies, and documentation.
 */
export function layoutFingerprint(plan: ViewPlan): string {
  const known = fingerprints.get(plan)
  if (known !== undefined) return known
  const made = fingerprintOf(plan)
  fingerprints.set(plan, made)
  return made
}

/** Several artefacts of a view name it. */
const fingerprints = new WeakMap<ViewPlan, string>()

function fingerprintOf({ view, source, fields }: ViewPlan): string {
  return fingerprint({
    encoding,
    entity: view.entity,
    keys: view.joinKeys,
    boundary: view.boundary,
    source: {
      columns: source.columns,
      eventTimestamp: source.eventTimestamp,
      createdTimestamp: source.createdTimestamp,
      tieBreak: source.tieBreak,
      queries: Object.entries(source.relations).flatMap(([dialect, relation]) =>
        relation.kind === 'query' ? [{ dialect, parts: relation.parts }] : [],
      ),
    },
    computations: view.features.map(({ name, computation }) => ({ name, computation })),
    fields,
  })
}

/** Covers all that the layout does not: documentation, ownership, and what is applied when a row is read. */
export function metadataFingerprint({ view }: ViewPlan): string {
  const { provenance, doc, ttl, ticks, materialize, freshness, owner, tags } = view
  return fingerprint({
    provenance,
    doc,
    ttl,
    ticks,
    materialize,
    freshness,
    owner,
    tags,
    features: view.features.map(feature => ({ name: feature.name, doc: feature.doc, default: feature.default })),
  })
}

/** Covers what rows it yields, for every dialect: unlike the layout, also where a table or file lies. */
export function sourceFingerprint({ columns, eventTimestamp, createdTimestamp, tieBreak, relations }: Source): string {
  return fingerprint({ columns, eventTimestamp, createdTimestamp, tieBreak, relations })
}
