/** The SQL of every source, view and service, for every dialect, and where each statement lies. */
import type { Source } from '../catalog/catalog.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { onDemandInputs, onDemandTraining, serviceTraining, viewTraining } from '../plan/training-plan.ts'
import type { Artefact } from './artefact.ts'
import type { Plans } from './index.ts'

export const statementPaths = (dialect: string) => ({
  relation: (source: string) => `${dialect}/sources/${source}.sql`,
  snapshot: (source: string) => `${dialect}/sources/${source}.snapshot.sql`,
  pointInTime: (view: string) => `${dialect}/${view}/point_in_time.sql`,
  /** Of a view by an alias. */
  pointInTimeAs: (view: string, alias: string) => `${dialect}/${view}/as_${alias}.point_in_time.sql`,
  /** What the functions of an on-demand view are given. */
  inputs: (view: string) => `${dialect}/${view}/inputs.sql`,
  materialize: (view: string) => `${dialect}/${view}/materialize.sql`,
  materializeChanged: (view: string) => `${dialect}/${view}/materialize_changed.sql`,
  lookup: (view: string) => `${dialect}/${view}/lookup.sql`,
  /** Of a service, or of a view by itself. */
  training: (name: string) => `${dialect}/${name}/training.sql`,
  ticks: (which: 'none' | 'recorded') => `${dialect}/ticks/${which}.sql`,
  indexes: `${dialect}/indexes.sql`,
})

export function* emitSql(
  dialect: Dialect,
  sources: readonly Source[],
  { views, aliases, onDemandViews, services }: Plans,
): Generator<Artefact> {
  const paths = statementPaths(dialect.name)
  for (const source of sources) {
    if (!source.relations[dialect.name]) continue
    yield { path: paths.relation(source.name), text: dialect.relation(source) }
    const snapshot = dialect.snapshot(source)
    if (snapshot !== null) yield { path: paths.snapshot(source.name), text: snapshot }
  }
  if (views.some(({ view }) => view.materialize))
    for (const which of ['none', 'recorded'] as const) yield { path: paths.ticks(which), text: dialect.ticks(which) }
  for (const plan of views) {
    const { name, materialize } = plan.view
    yield { path: paths.pointInTime(name), text: dialect.pointInTime(plan) }
    yield { path: paths.training(name), text: dialect.training(viewTraining(plan)) }
    if (materialize) {
      yield { path: paths.materialize(name), text: dialect.materialize(plan) }
      yield { path: paths.materializeChanged(name), text: dialect.materializeChanged(plan) }
    } else yield { path: paths.lookup(name), text: dialect.lookup(plan) }
  }
  for (const { alias, plan } of aliases)
    if (alias !== null)
      yield { path: paths.pointInTimeAs(plan.view.name, alias), text: dialect.pointInTime(plan, alias) }
  for (const plan of onDemandViews) {
    const { name } = plan.view
    yield { path: paths.inputs(name), text: dialect.inputs(onDemandInputs(plan)) }
    yield { path: paths.training(name), text: dialect.training(onDemandTraining(plan)) }
  }
  for (const plan of services)
    yield { path: paths.training(plan.service.name), text: dialect.training(serviceTraining(plan)) }
  const indexes = dialect.indexes(views)
  if (indexes !== null) yield { path: paths.indexes, text: indexes }
}

/** Names of the sources that a source's query reads, in the order in which they must exist. */
export function sourceReads(source: Source, all: readonly Source[], seen: ReadonlySet<string> = new Set()): string[] {
  const names = new Set<string>()
  for (const relation of Object.values(source.relations)) {
    if (relation.kind !== 'query') continue
    for (const part of relation.parts) {
      if (typeof part === 'string' || seen.has(part.source)) continue
      const read = all.find(({ name }) => name === part.source)
      if (!read) throw new Error(`source ${source.name} reads ${part.source}, which is not in the catalogue`)
      for (const name of sourceReads(read, all, new Set([...seen, source.name]))) names.add(name)
      names.add(part.source)
    }
  }
  return [...names]
}
