/** The artefacts of a build, from its catalogue, one by one. Pure: the same catalogue gives the same bytes. */
import type { Catalog } from '../catalog/catalog.ts'
import type { Functions } from '../functions/functions.ts'
import { type OnDemandPlan, planOnDemandViews, planRetrieval, type UsePlan } from '../plan/retrieval-plan.ts'
import type { ServicePlan } from '../plan/training-plan.ts'
import { planView, type ViewPlan } from '../plan/view-plan.ts'
import type { Artefact } from './artefact.ts'
import { emitClient } from './client.ts'
import { emitCodec } from './codec.ts'
import { emitOnDemand } from './on-demand.ts'
import { emitOpenApi } from './openapi.ts'
import { emitKeySchema } from './redis.ts'

export interface Plans {
  readonly views: readonly ViewPlan[]
  readonly onDemandViews: readonly OnDemandPlan[]
  readonly services: readonly ServicePlan[]
  /** The views by their aliases, each once. */
  readonly aliases: readonly UsePlan[]
}

export function planAll(catalog: Catalog): Plans {
  const sources = new Map(catalog.sources.map(source => [source.name, source]))
  const views = catalog.views.map(view => {
    const source = sources.get(view.source)
    if (!source) throw new Error(`view ${view.name}: no source ${view.source}`)
    return planView(view, source)
  })
  const byName = new Map(views.map(plan => [plan.view.name, plan]))
  const onDemandViews = planOnDemandViews(catalog.onDemandViews, byName)
  const services = catalog.services.map(service => ({
    service,
    retrieval: planRetrieval(service.views, { views: byName, onDemandViews }),
  }))
  const aliases = new Map<string, UsePlan>()
  for (const { retrieval } of [...onDemandViews.values(), ...services])
    for (const use of retrieval.uses) if (use.alias !== null) aliases.set(use.name, use)
  return {
    views,
    onDemandViews: catalog.onDemandViews.map(({ name }) => onDemandViews.get(name) as OnDemandPlan),
    services,
    aliases: [...aliases.values()],
  }
}

/** What does not depend on a dialect: codecs, key schemas, functions, the client, the API of pods. `wayToRoot`: from the generated folder to the project's. */
export function* emitClientSide(
  catalog: Catalog,
  plans: Plans,
  functions: Functions,
  wayToRoot: string,
): Generator<Artefact> {
  for (const plan of plans.views) {
    yield emitCodec(plan)
    if (plan.view.materialize) yield* emitKeySchema(plan)
  }
  if (plans.onDemandViews.length > 0) yield emitOnDemand(plans.onDemandViews, functions)
  yield* emitClient(catalog.project, plans, wayToRoot)
  yield emitOpenApi(catalog.project, plans)
}

export { emitManifest } from './manifest.ts'
export { emitSql } from './sql.ts'
