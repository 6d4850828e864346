/** The plan of a service: the plans of its views and the join keys it asks for, each once. */
import type { Field } from '../../runtime/contract.ts'
import type { Provenance, Service } from '../catalog/catalog.ts'
import type { ViewPlan } from './view-plan.ts'

export interface ServicePlan {
  readonly service: Service
  readonly views: readonly ViewPlan[]
  readonly keys: readonly Field[]
}

/** What a training set is made of: the views of a service, or one view by itself. */
export interface TrainingPlan {
  readonly kind: 'service' | 'view'
  readonly name: string
  readonly provenance: Provenance
  readonly keys: readonly Field[]
  readonly views: readonly ViewPlan[]
}

export function serviceTraining({ service, views, keys }: ServicePlan): TrainingPlan {
  return { kind: 'service', name: service.name, provenance: service.provenance, keys, views }
}

export function viewTraining(plan: ViewPlan): TrainingPlan {
  const { name, provenance, joinKeys } = plan.view
  return {
    kind: 'view',
    name,
    provenance,
    keys: joinKeys.map(key => ({ name: key.name, type: key.type })),
    views: [plan],
  }
}

export function planService(service: Service, plans: ReadonlyMap<string, ViewPlan>): ServicePlan {
  const views = service.views.map(name => {
    const plan = plans.get(name)
    if (!plan) throw new Error(`service ${service.name}: no plan of view ${name}`)
    return plan
  })
  const keys = new Map<string, Field>()
  for (const plan of views)
    for (const { name, type } of plan.view.joinKeys) if (!keys.has(name)) keys.set(name, { name, type })
  return { service, views, keys: [...keys.values()] }
}
