/** The artefacts of a build, from its catalogue, one by one. Pure: the same catalogue gives the same bytes. */
import type { Catalog } from '../catalog/catalog.ts'
import { planService, type ServicePlan } from '../plan/service-plan.ts'
import { planView, type ViewPlan } from '../plan/view-plan.ts'
import type { Artefact } from './artefact.ts'
import { emitClient } from './client.ts'
import { emitCodec } from './codec.ts'
import { emitOpenApi } from './openapi.ts'
import { emitKeySchema } from './redis.ts'

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

/** What does not depend on a dialect: codecs, key schemas, the client, the API of pods. */
export function* emitClientSide(catalog: Catalog, { views, services }: Plans): Generator<Artefact> {
  for (const plan of views) {
    yield emitCodec(plan)
    if (plan.view.materialize) yield* emitKeySchema(plan)
  }
  yield* emitClient(catalog.project, views, services)
  yield emitOpenApi(catalog.project, { views, services })
}

export { emitManifest } from './manifest.ts'
export { emitSql } from './sql.ts'
