/** Every artefact of a build, from its catalogue. Pure: the same catalogue gives the same bytes. */
import type { Catalog } from '../catalog/catalog.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { planService, type ServicePlan } from '../plan/service-plan.ts'
import { planView, type ViewPlan } from '../plan/view-plan.ts'
import type { Artefact } from './artefact.ts'
import { emitClient } from './client.ts'
import { emitCodec } from './codec.ts'
import { emitManifest } from './manifest.ts'
import { emitKeySchema } from './redis.ts'
import { emitSql } from './sql.ts'

export interface Plans {
  readonly views: readonly ViewPlan[]
  readonly services: readonly ServicePlan[]
}

export function planAll(catalog: Catalog): Plans {
  const sources = new Map(catalog.sources.map(source => [source.name, source]))
  const views = catalog.views.map(view => {
    const source = sources.get(view.source)
    if (!source) throw new Error(`view ${view.name}: no source ${view.source}`)
    return planView(view, source)
  })
  const byName = new Map(views.map(plan => [plan.view.name, plan]))
  return { views, services: catalog.services.map(service => planService(service, byName)) }
}

/** `root` is the way from the generated folder to the project's. */
export function emit(
  catalog: Catalog,
  { views, services }: Plans,
  dialects: readonly Dialect[],
  root: string,
): Artefact[] {
  const artefacts = [
    ...dialects.flatMap(dialect => emitSql(dialect, catalog.sources, views, services)),
    ...views.map(emitCodec),
    ...views.filter(plan => plan.view.materialize).flatMap(emitKeySchema),
    ...emitClient(catalog.project, views, services),
  ]
  const manifest = emitManifest({
    project: catalog.project,
    root,
    dialects: dialects.map(dialect => dialect.name),
    sources: catalog.sources,
    views,
    services,
    artefacts,
  })
  return [...artefacts, manifest]
}
