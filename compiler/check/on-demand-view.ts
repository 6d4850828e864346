import type { OnDemandFeatureViewDefinition, ViewDefinition } from '../../dsl/index.ts'
import { viewUse } from '../catalog/view-use.ts'
import { type Argument, argumentsFor, checkListed } from './listed.ts'
import { checkColumnName, checkFeatureNames, folded } from './names.ts'
import { checkArguments } from './service.ts'
import { relatedTo, type Subject } from './subject.ts'
import { checkDefault, checkType } from './types.ts'

/** What a function's argument has beside its inputs. */
const reserved = ['request', 'now', 'random']
/** Postgres cuts names of columns at 63 bytes. */
const longestColumn = 63

export function checkOnDemandView(subject: Subject<OnDemandFeatureViewDefinition>): void {
  const { name, features } = subject.definition
  checkRequest(subject)
  const given = [...checkInputs(subject), ...requested(subject.definition)]
  const names = Object.keys(features)
  if (names.length === 0) subject.report('definition.empty', { kind: 'feature_view', name }, ['features'])
  checkFeatureNames(subject, names, new Map(given.map(argument => [argument.name, argument.what])))
  for (const [feature, { type, default: value }] of Object.entries(features)) {
    checkType(subject, `feature "${feature}"`, type, ['features', feature, 'type'])
    checkDefault(subject, feature, value, type)
  }
}

function checkRequest(subject: Subject<OnDemandFeatureViewDefinition>): void {
  const known = new Map<string, string>()
  for (const [column, type] of Object.entries(subject.definition.request)) {
    const path = ['request', column]
    const what = 'request column'
    checkColumnName(subject, what, column, path)
    checkType(subject, `${what} "${column}"`, type, [...path, 'type'])
    const other = known.get(folded(column))
    if (other !== undefined)
      subject.report('name.duplicate', { what, name: column, other: { what, name: other } }, path)
    known.set(folded(column), column)
  }
}

/** Reports what is wrong with the inputs; the arguments that they need. */
function checkInputs(subject: Subject<OnDemandFeatureViewDefinition>): Argument[] {
  const known = new Map(reserved.map(word => [folded(word), { what: "argument of a view's functions", name: word }]))
  const given: Argument[] = []
  for (const [input, listed] of Object.entries(subject.definition.inputs)) {
    const path = ['inputs', input]
    checkColumnName(subject, 'input', input, path)
    const other = known.get(folded(input))
    if (other) subject.report('name.duplicate', { what: 'input', name: input, other }, path)
    known.set(folded(input), { what: 'input', name: input })
    if (!checkListed(subject, listed, path)) continue
    const { view, picked } = viewUse(listed)
    const long = (picked ?? Object.keys(view.features)).find(feature => `${input}__${feature}`.length > longestColumn)
    if (long !== undefined) subject.report('name.input-too-long', { input, feature: long, most: longestColumn }, path)
    const own = argumentsFor(listed)
    checkArguments(subject, own, given, path)
    given.push(...own)
  }
  for (const argument of requested(subject.definition)) checkArguments(subject, [argument], given, argument.path)
  return given
}

function requested(definition: OnDemandFeatureViewDefinition): Argument[] {
  return argumentsFor(definition).filter(({ view }) => view === definition)
}

/** Reports on-demand views that need themselves; true where there are any. */
export function checkCycle(subject: Subject<OnDemandFeatureViewDefinition>): boolean {
  const cycle = cycleFrom(subject.definition, subject.definition, [])
  if (!cycle) return false
  const [input] =
    Object.entries(subject.definition.inputs).find(([, listed]) => viewUse(listed).view === cycle[1]) ?? []
  const parameters = { views: cycle.map(({ name }) => name) }
  const related = cycle
    .slice(1, -1)
    .map(view => relatedTo(view, subject.project, ['inputs'], `view "${view.name}" reads`))
  subject.report('on-demand.cycle', parameters, ['inputs', input ?? ''], related)
  return true
}

/** The way from a view back to another through what is read; null where there is none. */
function cycleFrom(
  view: ViewDefinition,
  to: ViewDefinition,
  way: readonly ViewDefinition[],
): readonly ViewDefinition[] | null {
  if (view.kind !== 'on_demand_feature_view' || way.includes(view)) return null
  for (const listed of Object.values(view.inputs)) {
    const next = viewUse(listed).view
    if (next === to) return [...way, view, to]
    const found = cycleFrom(next, to, [...way, view])
    if (found) return found
  }
  return null
}
