/** What a definition uses, and a service that answers it. */
import {
  type Definition,
  type FeatureServiceDefinition,
  featureService,
  type ListedView,
  type SourceDefinition,
  type ViewDefinition,
  type ViewUseDefinition,
} from '../dsl/index.ts'

/** The service by itself, or one of nothing but the view. */
export function definitionsOf(
  subject: ViewDefinition | ViewUseDefinition | FeatureServiceDefinition,
  sources: readonly SourceDefinition[],
): { readonly service: string; readonly definitions: readonly Definition[] } {
  const all = new Set<Definition>(sources)
  const add = (listed: ListedView): void => {
    const view = listed.kind === 'view_use' ? listed.view : listed
    if (all.has(view)) return
    if (view.kind === 'on_demand_feature_view') for (const input of Object.values(view.inputs)) add(input)
    else {
      all.add(view.entity)
      if (view.kind === 'feature_view') all.add(view.source)
    }
    all.add(view)
  }
  const service = subject.kind === 'feature_service' ? subject : featureService('evaluated', [subject as never])
  for (const view of service.views) add(view)
  all.add(service)
  return { service: service.name, definitions: [...all] }
}
