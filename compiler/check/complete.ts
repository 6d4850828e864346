import type { Definition, ViewUseDefinition } from '../../dsl/index.ts'
import { isDefinition } from '../load/collect.ts'
import { type Project, subject } from './subject.ts'

type Shape = Readonly<Record<string, (value: unknown) => boolean>>

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null
const isText = (value: unknown): boolean => typeof value === 'string'
const areViews = (value: unknown): boolean =>
  isObject(value) && Object.values(value as object).every(item => isDefinition(item) || isViewUse(item))
const isViewUse = (value: unknown): boolean =>
  isObject(value) &&
  (value as Partial<ViewUseDefinition>).kind === 'view_use' &&
  isDefinition((value as ViewUseDefinition).view)

const shapes: Readonly<Record<Definition['kind'], Shape>> = {
  entity: { joinKeys: isObject },
  source: { columns: isObject, eventTimestamp: isText },
  feature_view: { entity: isDefinition, source: isDefinition },
  sql_feature_view: { entity: isDefinition, query: isObject, eventTimestamp: isText },
  on_demand_feature_view: { request: isObject, inputs: areViews },
  feature_service: { views: areViews, onStoreFailure: value => value === 'error' || value === 'defaults' },
}

/** Reports parts that TypeScript would have asked for, in code that was not type checked. True where there are any. */
export function checkComplete(project: Project): boolean {
  let incomplete = false
  for (const { definition } of project.loaded) {
    const here = subject(definition, project)
    for (const [part, accepts] of Object.entries(shapes[definition.kind])) {
      if (accepts((definition as unknown as Readonly<Record<string, unknown>>)[part])) continue
      here.report('definition.incomplete', { title: here.title, part }, [part])
      incomplete = true
    }
  }
  return incomplete
}
