/** Whether definitions mean something: every mistake that can be found without an engine. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { inOrder } from '../diagnostics/order.ts'
import type { Loaded } from '../load/evaluate.ts'
import type { Locator } from '../load/locate.ts'
import { checkComplete } from './complete.ts'
import { checkEntity } from './entity.ts'
import { checkFeatureView } from './feature-view.ts'
import { checkAliases } from './listed.ts'
import { checkClientNames, checkDefinitionNames } from './names.ts'
import { checkCycle, checkOnDemandView } from './on-demand-view.ts'
import { checkService } from './service.ts'
import { checkSource } from './source.ts'
import { checkSqlView } from './sql-view.ts'
import { type Project, subject } from './subject.ts'

/**
 * All diagnostics of the loaded definitions, in order of their places. One mistake is reported once: what follows from
 * it is left out.
 *
 * @example
 * const loaded = await loadDefinitions({ root, entry: 'features.ts' })
 * const diagnostics = check(loaded, await createLocator(root, loaded.inputs), ['duckdb'])
 */
export function check(loaded: Loaded, locator: Locator, dialects: readonly string[], name = ''): Diagnostic[] {
  const project: Project = { name, loaded: loaded.definitions, locator, dialects, diagnostics: [...loaded.diagnostics] }
  // What is built on something missing cannot be looked at further.
  if (checkComplete(project)) return inOrder(project.diagnostics)
  if (checkCycles(project)) return inOrder(project.diagnostics)
  checkDefinitionNames(project)
  checkClientNames(project)
  for (const { definition } of loaded.definitions) {
    switch (definition.kind) {
      case 'entity':
        checkEntity(subject(definition, project))
        break
      case 'source':
        checkSource(subject(definition, project))
        break
      case 'feature_view':
        checkFeatureView(subject(definition, project))
        break
      case 'sql_feature_view':
        checkSqlView(subject(definition, project))
        break
      case 'on_demand_feature_view':
        checkOnDemandView(subject(definition, project))
        break
      case 'feature_service':
        checkService(subject(definition, project))
        break
      default:
        definition satisfies never
    }
  }
  checkAliases(project)
  return inOrder(project.diagnostics)
}

/** Nothing can be said of views that need themselves, but that they do. */
function checkCycles(project: Project): boolean {
  const views = project.loaded.flatMap(({ definition }) =>
    definition.kind === 'on_demand_feature_view' ? [definition] : [],
  )
  return views.filter(view => checkCycle(subject(view, project))).length > 0
}
