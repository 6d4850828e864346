import type { FeatureServiceDefinition, ViewDefinition } from '../../dsl/index.ts'
import { folded } from './names.ts'
import { isLoaded, relatedTo, type Subject } from './subject.ts'
import { sameType, typeText } from './type-text.ts'

type ServedView = Exclude<ViewDefinition, { readonly kind: 'on_demand_feature_view' }>

export function checkService(subject: Subject<FeatureServiceDefinition>): void {
  const { name, views } = subject.definition
  if (views.length === 0) subject.report('definition.empty', { kind: 'feature_service', name }, ['views'])
  for (const [index, view] of views.entries()) {
    const path = ['views', String(index)]
    if (views.indexOf(view) < index) {
      subject.report('name.listed-twice', { service: name, view: view.name }, path)
    } else if (!isLoaded(view, subject.project)) {
      subject.report('name.not-exported', { what: 'view', name: view.name, user: subject.title }, path)
    } else if (view.kind === 'on_demand_feature_view') {
      subject.report('on-demand.not-served', { service: name, view: view.name }, path)
    } else checkBeside(subject, view, views.slice(0, index).filter(isServed), path)
  }
}

const isServed = (view: ViewDefinition): view is ServedView => view.kind !== 'on_demand_feature_view'

/** Reports names of the view that those before it in the service already have. */
function checkBeside(
  subject: Subject<FeatureServiceDefinition>,
  view: ServedView,
  before: readonly ServedView[],
  path: readonly string[],
): void {
  const service = subject.definition.name
  const collide = (name: string, of: ServedView, other: string, where: ServedView, whatPath: readonly string[]): void =>
    subject.report('name.collision-in-service', { service, name, view: of.name, other }, path, [
      relatedTo(where, subject.project, whatPath, 'the same name'),
    ])
  for (const earlier of before) {
    for (const [key, type] of Object.entries(view.entity.joinKeys)) {
      const known = entry(earlier.entity.joinKeys, key)
      if (known && !sameType(known[1], type)) {
        const owner = `join key "${known[0]}" of entity "${earlier.entity.name}", in the same service,`
        const problem = { kind: 'other-type', declared: typeText(type), owner, actual: typeText(known[1]) } as const
        subject.report('type.join-key', { joinKey: key, entity: view.entity.name, problem }, path)
      }
      const feature = entry<unknown>(earlier.features, key)
      if (feature) collide(feature[0], earlier, `a join key of view "${view.name}"`, earlier, ['features', feature[0]])
    }
    for (const name of Object.keys(view.features)) {
      const feature = entry<unknown>(earlier.features, name)
      if (feature) collide(name, view, `a feature of view "${earlier.name}"`, earlier, ['features', feature[0]])
      const key = entry(earlier.entity.joinKeys, name)
      // A view's own join key is reported at the view.
      if (key && !entry(view.entity.joinKeys, name)) {
        collide(name, view, `a join key of view "${earlier.name}"`, view, ['features', name])
      }
    }
  }
}

function entry<T>(record: Readonly<Record<string, T>>, name: string): [string, T] | undefined {
  return Object.entries(record).find(([key]) => folded(key) === folded(name))
}
