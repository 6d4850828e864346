/** Views as services and on-demand views list them: aliases, other names for join keys, picked features. */
import type { ListedView, ValueType, ViewDefinition } from '../../dsl/index.ts'
import { answeredName, argumentsOf, useName, viewUse } from '../catalog/view-use.ts'
import type { Place } from '../diagnostics/diagnostic.ts'
import { checkColumnName, checkName, folded } from './names.ts'
import { isLoaded, nouns, type Project, relatedTo, type Subject, subject } from './subject.ts'

/** What a caller gives, and a spine has as a column. */
export interface Argument {
  readonly name: string
  readonly type: ValueType
  readonly what: 'join key' | 'request column'
  readonly view: ViewDefinition
  /** Where the view declares it. */
  readonly path: readonly string[]
}

/** All that must be given for a listed view: also what the views that it reads need. */
export function argumentsFor(listed: ListedView, above: readonly ViewDefinition[] = []): Argument[] {
  const { view, joinKeys } = viewUse(listed)
  if (view.kind !== 'on_demand_feature_view')
    return argumentsOf(view, joinKeys).map(({ argument, joinKey, type }) => ({
      name: argument,
      type,
      what: 'join key',
      view,
      path: ['joinKeys', joinKey],
    }))
  if (above.includes(view)) return []
  const inputs = Object.values(view.inputs).flatMap(input => argumentsFor(input, [...above, view]))
  const request = Object.entries(view.request).map(([name, type]): Argument => {
    return { name, type, what: 'request column', view, path: ['request', name] }
  })
  return [...inputs, ...request]
}

/** The features of a listed view, by the names that they are answered under. */
export function answeredBy(listed: ListedView): { readonly name: string; readonly feature: string }[] {
  const { view, alias, picked } = viewUse(listed)
  return (picked ?? Object.keys(view.features)).map(feature => ({ name: answeredName(alias, feature), feature }))
}

/** Reports what is wrong with a listed view by itself; true where nothing is. */
export function checkListed(subject: Subject, listed: ListedView, path: readonly string[]): boolean {
  const { view, alias, joinKeys, picked } = viewUse(listed)
  if (!isLoaded(view, subject.project)) {
    subject.report('name.not-exported', { what: nouns[view.kind], name: view.name, user: subject.title }, path)
    return false
  }
  const before = subject.project.diagnostics.length
  if (picked !== null) checkPicked(subject, view, picked, path)
  if (alias !== null) {
    checkRenamed(subject, view, joinKeys, path)
    if (checkAlias(subject, view, alias, path))
      for (const { name } of answeredBy(listed)) checkColumnName(subject, 'feature', name, [...path, 'as', '0'])
  }
  return subject.project.diagnostics.length === before
}

function checkPicked(subject: Subject, view: ViewDefinition, picked: readonly string[], path: readonly string[]): void {
  const features = Object.keys(view.features)
  if (picked.length === 0) subject.report('name.nothing-picked', { view: view.name, features }, path)
  for (const [index, feature] of picked.entries()) {
    const here = [...path, 'pick', String(index)]
    if (picked.indexOf(feature) < index) subject.report('name.picked-twice', { view: view.name, feature }, here)
    else if (!features.includes(feature))
      subject.report('name.unknown-feature', { view: view.name, feature, features }, here, [
        relatedTo(view, subject.project, ['features'], 'its features'),
      ])
  }
}

function checkAlias(subject: Subject, view: ViewDefinition, alias: string, path: readonly string[]): boolean {
  const here = [...path, 'as', '0']
  const before = subject.project.diagnostics.length
  // The name of a table is made of both, and no longer than that of a view.
  const name = useName(view.name, alias)
  if (view.kind === 'on_demand_feature_view') subject.report('name.alias-of-computed', { view: view.name }, path)
  else if (name.length > 46 && alias.length <= 46)
    subject.report('name.alias-too-long', { view: view.name, alias, length: name.length }, here)
  else checkName(subject, 'alias', alias, here)
  return subject.project.diagnostics.length === before
}

function checkRenamed(
  subject: Subject,
  view: ViewDefinition,
  joinKeys: Readonly<Record<string, string>>,
  path: readonly string[],
): void {
  if (view.kind === 'on_demand_feature_view') return
  const own = Object.keys(view.entity.joinKeys)
  const keyPath = (joinKey: string) => [...path, 'as', '1', 'joinKeys', joinKey]
  for (const [joinKey, argument] of Object.entries(joinKeys)) {
    if (own.includes(joinKey)) checkColumnName(subject, 'join key', argument, keyPath(joinKey))
    else subject.report('name.unknown-join-key', { entity: view.entity.name, joinKey, joinKeys: own }, keyPath(joinKey))
  }
  const known = new Map<string, { what: string; name: string }>()
  // Statements have the keys and the view's own features side by side.
  for (const feature of Object.keys(view.features))
    known.set(folded(feature), { what: `feature of view "${view.name}"`, name: feature })
  for (const { argument, joinKey } of argumentsOf(view, joinKeys)) {
    const other = known.get(folded(argument))
    if (other) subject.report('name.duplicate', { what: 'join key', name: argument, other }, keyPath(joinKey))
    else known.set(folded(argument), { what: 'join key', name: argument })
  }
}

/** Reports an alias of a view that stands for other join keys elsewhere: statements are named by view and alias. */
export function checkAliases(project: Project): void {
  const first = new Map<string, { readonly keys: string; readonly place: Place | null }>()
  for (const { definition } of project.loaded) {
    const lists: [string, ListedView, readonly string[]][] =
      definition.kind === 'feature_service'
        ? definition.views.map((view, index) => [String(index), view, ['views', String(index)]])
        : definition.kind === 'on_demand_feature_view'
          ? Object.entries(definition.inputs).map(([name, view]) => [name, view, ['inputs', name]])
          : []
    const here = subject(definition, project)
    for (const [, listed, path] of lists) {
      const { view, alias, joinKeys } = viewUse(listed)
      if (alias === null) continue
      const keys = JSON.stringify(argumentsOf(view, joinKeys).map(({ argument }) => argument))
      const name = folded(useName(view.name, alias))
      const other = first.get(name)
      if (!other) first.set(name, { keys, place: here.place([...path, 'as', '0']) })
      else if (other.keys !== keys)
        here.report(
          'name.alias-twice',
          { view: view.name, alias },
          [...path, 'as', '0'],
          [{ message: 'it stands for other join keys here', place: other.place }],
        )
    }
  }
}
