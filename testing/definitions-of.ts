/** What a definition uses, and a service that answers it. */
import {
  type Definition,
  type FeatureServiceDefinition,
  featureService,
  type ListedView,
  type SourceDefinition,
  type SqlFeatureViewDefinition,
  type SqlText,
  type ViewDefinition,
  type ViewUseDefinition,
} from '../dsl/index.ts'

/**
 * The service by itself, or one of nothing but the view.
 *
 * @throws Error where a query reads a source that is not among those given: a query knows it by its name alone.
 */
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
  for (const definition of all) if (definition.kind === 'sql_feature_view') mustHave(sources, definition)
  all.add(service)
  return { service: service.name, definitions: [...all] }
}

function mustHave(sources: readonly SourceDefinition[], { name, query }: SqlFeatureViewDefinition): void {
  const texts: readonly SqlText[] = 'kind' in query ? [query] : Object.values(query)
  const read = texts.flatMap(({ parts }) => parts.flatMap(part => (typeof part === 'string' ? [] : [part.source])))
  const missing = [...new Set(read)].filter(source => sources.every(given => given.name !== source))
  if (missing.length === 0) return
  const each = missing.map(source => `rows(${source}, [])`).join(', ')
  throw new Error(
    `the query of view "${name}" reads ${missing.join(', ')}, which \`data\` lacks: give ${each} for no rows`,
  )
}
