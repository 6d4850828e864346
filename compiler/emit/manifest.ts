/** `manifest.json`: the lockfile of a build and all that the runtime knows of it. */
import type {
  FeatureManifest,
  Manifest,
  OnDemandViewManifest,
  Retrieved,
  ServiceManifest,
  SourceManifest,
  ViewManifest,
  ViewStatements,
} from '../../runtime/contract.ts'
import type { Catalog, Source } from '../catalog/catalog.ts'
import { describeComputation } from '../catalog/describe.ts'
import { canonicalJson, fingerprint } from '../catalog/fingerprint.ts'
import { camelCase } from '../catalog/names.ts'
import type { Functions } from '../functions/functions.ts'
import { horizonOf } from '../plan/horizon.ts'
import type { OnDemandPlan, RetrievalPlan } from '../plan/retrieval-plan.ts'
import type { ServicePlan } from '../plan/training-plan.ts'
import { emptyValue, isNullable, type ViewPlan } from '../plan/view-plan.ts'
import type { Artefact, HashedArtefact } from './artefact.ts'
import { codecPath } from './codec.ts'
import type { Plans } from './index.ts'
import { layoutFingerprint, metadataFingerprint, sourceFingerprint } from './layout.ts'
import { onDemandFingerprint, onDemandMetadataFingerprint } from './on-demand.ts'
import { sourceReads, statementPaths } from './sql.ts'

export interface ManifestInput {
  readonly project: string
  readonly root: string
  readonly dialects: readonly string[]
  readonly catalog: Catalog
  readonly plans: Plans
  readonly functions: Functions
  /** All others. */
  readonly artefacts: readonly HashedArtefact[]
}

export function emitManifest(input: ManifestInput): Artefact {
  const { dialects } = input
  const { sources } = input.catalog
  const emitted = new Set(input.artefacts.map(({ path }) => path))
  const manifest: Manifest = {
    manifestVersion: 1,
    project: input.project,
    root: input.root,
    sources: byName(sources.map(source => sourceManifest(source, sources, dialects, emitted))),
    views: byName(input.plans.views.map(plan => viewManifest(plan, sources, dialects))),
    onDemandViews: byName(input.plans.onDemandViews.map(plan => onDemandViewManifest(plan, input.functions, dialects))),
    services: byName(input.plans.services.map(plan => serviceManifest(plan, dialects))),
    ticks: tickStatements(dialects, emitted),
    artefacts: Object.fromEntries(input.artefacts.map(({ path, sha256 }) => [path, sha256])),
  }
  return { path: 'manifest.json', text: `${canonicalJson(manifest, 2)}\n` }
}

function tickStatements(dialects: readonly string[], emitted: ReadonlySet<string>): Manifest['ticks'] {
  return Object.fromEntries(
    dialects.flatMap(dialect => {
      const { ticks } = statementPaths(dialect)
      return emitted.has(ticks('none')) ? [[dialect, { none: ticks('none'), recorded: ticks('recorded') }]] : []
    }),
  )
}

function sourceManifest(
  source: Source,
  all: readonly Source[],
  dialects: readonly string[],
  emitted: ReadonlySet<string>,
): SourceManifest {
  return {
    name: source.name,
    columns: source.columns,
    eventTimestamp: source.eventTimestamp,
    createdTimestamp: source.createdTimestamp,
    tieBreak: source.tieBreak,
    fingerprint: sourceFingerprint(source),
    statements: Object.fromEntries(
      dialects
        .filter(dialect => source.relations[dialect])
        .map(dialect => {
          const paths = statementPaths(dialect)
          const snapshot = paths.snapshot(source.name)
          return [dialect, { relation: paths.relation(source.name), snapshot: emitted.has(snapshot) ? snapshot : null }]
        }),
    ),
    reads: sourceReads(source, all),
  }
}

function viewManifest(plan: ViewPlan, sources: readonly Source[], dialects: readonly string[]): ViewManifest {
  const { view } = plan
  return {
    name: view.name,
    property: camelCase(view.name),
    entity: view.entity,
    keys: view.joinKeys.map(({ name, type }) => ({ name, type })),
    sources: [...sourceReads(plan.source, sources), plan.source.name],
    boundary: view.boundary,
    ttl: view.ttl,
    horizon: horizonOf(view),
    ticks: view.ticks,
    materialize: view.materialize,
    freshness: view.freshness,
    features: plan.outputs.map(
      (output, index): FeatureManifest => ({
        name: output.name,
        type: output.type,
        description: describeComputation(view.features[index]!.computation),
        fingerprint: fingerprint(view.features[index]!.computation),
        nullable: isNullable(output),
        default: output.default,
        empty: emptyValue(output),
        eventTimestamp: output.kind === 'latest' ? output.eventTimestamp : null,
      }),
    ),
    layout: { fingerprint: layoutFingerprint(plan), fields: plan.fields },
    codec: codecPath(view),
    owner: view.owner,
    tags: view.tags,
    statements: Object.fromEntries(
      dialects.map((dialect): [string, ViewStatements] => {
        const paths = statementPaths(dialect)
        return [
          dialect,
          {
            pointInTime: paths.pointInTime(view.name),
            training: paths.training(view.name),
            materialize: view.materialize ? paths.materialize(view.name) : null,
            materializeChanged: view.materialize ? paths.materializeChanged(view.name) : null,
            lookup: view.materialize ? null : paths.lookup(view.name),
          },
        ]
      }),
    ),
    metadataFingerprint: metadataFingerprint(plan),
  }
}

function onDemandViewManifest(
  plan: OnDemandPlan,
  functions: Functions,
  dialects: readonly string[],
): OnDemandViewManifest {
  const { view, inputs, retrieval } = plan
  return {
    name: view.name,
    property: camelCase(view.name),
    ...retrieved(retrieval, dialects),
    requested: view.request,
    inputs: Object.fromEntries(inputs.map(({ name, features }) => [name, features])),
    features: view.features.map(({ name, type, default: value }) => ({
      name,
      type,
      nullable: value === null,
      default: value,
    })),
    fingerprint: onDemandFingerprint(plan, functions),
    metadataFingerprint: onDemandMetadataFingerprint(plan),
    owner: view.owner,
    tags: view.tags,
    statements: Object.fromEntries(
      dialects.map(dialect => {
        const paths = statementPaths(dialect)
        return [dialect, { inputs: paths.inputs(view.name), training: paths.training(view.name) }]
      }),
    ),
  }
}

function serviceManifest({ service, retrieval }: ServicePlan, dialects: readonly string[]): ServiceManifest {
  return {
    name: service.name,
    property: camelCase(service.name),
    ...retrieved(retrieval, dialects),
    owner: service.owner,
    onStoreFailure: service.onStoreFailure,
    statements: Object.fromEntries(
      dialects.map(dialect => [dialect, { training: statementPaths(dialect).training(service.name) }]),
    ),
  }
}

function retrieved({ keys, request, uses, onDemand, answer }: RetrievalPlan, dialects: readonly string[]): Retrieved {
  return {
    keys,
    request,
    uses: uses.map(({ name, alias, keys: given, plan: { view } }) => ({
      name,
      view: view.name,
      keys: given,
      pointInTime: Object.fromEntries(
        dialects.map(dialect => {
          const paths = statementPaths(dialect)
          return [dialect, alias === null ? paths.pointInTime(view.name) : paths.pointInTimeAs(view.name, alias)]
        }),
      ),
    })),
    onDemand: onDemand.map(({ view }) => view.name),
    answer,
  }
}

function byName<T extends { readonly name: string }>(items: readonly T[]): Record<string, T> {
  return Object.fromEntries(items.map(item => [item.name, item]))
}
