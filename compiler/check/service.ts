import type { FeatureServiceDefinition, ListedView, ValueType, ViewDefinition } from '../../dsl/index.ts'
import { useName, viewUse } from '../catalog/view-use.ts'
import { type Argument, answeredBy, argumentsFor, checkListed } from './listed.ts'
import { folded } from './names.ts'
import { relatedTo, type Subject } from './subject.ts'
import { sameType, typeText } from './type-text.ts'

export function checkService(subject: Subject<FeatureServiceDefinition>): void {
  const { name, views } = subject.definition
  if (views.length === 0) subject.report('definition.empty', { kind: 'feature_service', name }, ['views'])
  const before: Known = { uses: new Set(), features: new Map(), arguments: new Map() }
  for (const [index, listed] of views.entries()) {
    const path = ['views', String(index)]
    const { view, alias } = viewUse(listed)
    const use = useName(view.name, alias)
    if (before.uses.has(use)) subject.report('name.listed-twice', { service: name, view: view.name }, path)
    else if (checkListed(subject, listed, path)) {
      checkBeside(subject, listed, before, path)
      before.uses.add(use)
    }
  }
}

/** What the views that were listed before have, features and arguments by their folded names. */
interface Known {
  readonly uses: Set<string>
  readonly features: Map<string, { readonly name: string; readonly feature: string; readonly view: ViewDefinition }>
  readonly arguments: Map<string, Argument>
}

/** Reports names of the view that those before it in the service already have, and adds its own. */
function checkBeside(
  subject: Subject<FeatureServiceDefinition>,
  listed: ListedView,
  before: Known,
  path: readonly string[],
): void {
  const service = subject.definition.name
  const { view } = viewUse(listed)
  const own = new Map(argumentsFor(listed).map(argument => [folded(argument.name), argument]))
  const collide = (feature: string, of: ViewDefinition, other: string, where: ViewDefinition, at: readonly string[]) =>
    subject.report('name.collision-in-service', { service, name: feature, view: of.name, other }, path, [
      relatedTo(where, subject.project, at, 'the same name'),
    ])
  checkArguments(subject, [...own.values()], [...before.arguments.values()], path)
  for (const [name, { what }] of own) {
    const feature = before.features.get(name)
    if (feature)
      collide(feature.name, feature.view, `a ${what} of view "${view.name}"`, feature.view, [
        'features',
        feature.feature,
      ])
  }
  for (const { name, feature } of answeredBy(listed)) {
    const same = before.features.get(folded(name))
    if (same) collide(name, view, `a feature of view "${same.view.name}"`, same.view, ['features', same.feature])
    else before.features.set(folded(name), { name, feature, view })
    const argument = before.arguments.get(folded(name))
    // What a view's own features collide with is reported at the view.
    if (argument && !own.has(folded(name)))
      collide(name, view, `a ${argument.what} of view "${argument.view.name}"`, view, ['features', feature])
  }
  for (const [name, argument] of own) if (!before.arguments.has(name)) before.arguments.set(name, argument)
}

/** Reports arguments that are not the same thing as those of the same name before them. */
export function checkArguments(
  subject: Subject,
  own: readonly Argument[],
  before: readonly Argument[],
  path: readonly string[],
): void {
  const user = subject.title
  const container = subject.definition.kind === 'feature_service' ? 'service' : 'view'
  for (const argument of own) {
    const other = before.find(one => folded(one.name) === folded(argument.name))
    if (!other || isSame(argument, other)) continue
    const { name, what, view, type } = argument
    const related = [relatedTo(declaring(other), subject.project, other.path, 'the same name')]
    if (what !== other.what || name !== other.name) {
      const parameters = {
        user,
        what,
        name,
        view: view.name,
        other: { what: other.what, name: other.name, view: other.view.name },
      }
      subject.report('name.argument-collision', parameters, path, related)
    } else if (view.kind !== 'on_demand_feature_view' && other.view.kind !== 'on_demand_feature_view') {
      const owner = `join key "${other.name}" of entity "${other.view.entity.name}", in the same ${container},`
      const problem = { kind: 'other-type', ...texts(type, other.type), owner } as const
      subject.report('type.join-key', { joinKey: name, entity: view.entity.name, problem }, path)
    } else {
      const parameters = {
        name,
        view: view.name,
        ...texts(type, other.type),
        other: other.view.name,
      }
      subject.report('type.request', parameters, path, related)
    }
  }
}

function isSame(a: Argument, b: Argument): boolean {
  return a.what === b.what && a.name === b.name && sameArgument(a.type, b.type)
}

/** Two types that differ, in words that differ. */
function texts(declared: ValueType, actual: ValueType) {
  const text = (type: ValueType): string =>
    type.type === 'int64' && sameType(declared, actual) ? `int64 as a ${type.as}` : typeText(type)
  return { declared: text(declared), actual: text(actual) }
}

/** Also in TypeScript: a bigint is no number. */
function sameArgument(a: ValueType, b: ValueType): boolean {
  return sameType(a, b) && !(a.type === 'int64' && b.type === 'int64' && a.as !== b.as)
}

/** The definition whose text declares an argument. */
function declaring({ view }: Argument) {
  return view.kind === 'on_demand_feature_view' ? view : view.entity
}
