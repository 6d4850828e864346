import type { Definition } from '../../dsl/index.ts'
import { camelCase, pascalCase } from '../catalog/names.ts'
import { nouns, type Project, relatedTo, type Subject, subject, titleOf } from './subject.ts'

/** Postgres cuts names at 63 bytes, and names are made of these, the longest with `__event_timestamp` behind it. */
const pattern = /^[A-Za-z][A-Za-z0-9_]{0,45}$/
/** Properties of the client that are no views or services: its own, and those by which `await` and `new` would be misled. */
const clientMembers: ReadonlyMap<string, string> = new Map([
  ['close', "the client's own close()"],
  ['materialize', "the client's own materialize()"],
  ['startRefreshing', "the client's own startRefreshing()"],
  ['status', "the client's own status()"],
  ['then', 'what JavaScript asks a promise for'],
  ['constructor', 'what JavaScript gives every object'],
])

/** Types that the generated client names. */
const clientTypes: ReadonlyMap<string, string> = new Map(
  [
    'ConnectOptions',
    'FeatureService',
    'FeatureView',
    'OnDemandFeatureView',
    'Store',
    'Json',
    'Promise',
    'Pick',
    'URL',
    'Date',
    'Uint8Array',
    'Float32Array',
  ].map(type => [type, `the type ${type}`]),
)

/** Tables that statements read beside the sources and queries, which are relations of their own names. */
const relations = ['spine', 'keys']

const reservedNames: { readonly [K in Definition['kind']]?: readonly string[] } = {
  source: relations,
  sql_feature_view: relations,
  // The module of functions exports those of a view by its name.
  on_demand_feature_view: ['default'],
}

/** Engines compare names of relations and columns without regard to case. */
export const folded = (name: string): string => name.toLowerCase()

/** Reports a name that cannot be one. */
export function checkName(
  subject: Subject,
  what: string,
  name: string,
  path: readonly string[],
  reserved: readonly string[] = [],
): void {
  if (!pattern.test(name)) subject.report('name.invalid', { what, name }, path)
  else if (name.includes('__') || reserved.includes(folded(name))) subject.report('name.reserved', { what, name }, path)
}

/** Names of columns of results: features and join keys. */
export function checkColumnName(subject: Subject, what: string, name: string, path: readonly string[]): void {
  checkName(subject, what, name, path, ['event_timestamp'])
}

/** Reports features that an engine could not tell apart, or not from what stands beside them in a result. */
export function checkFeatureNames(
  subject: Subject,
  features: readonly string[],
  beside: ReadonlyMap<string, string>,
): void {
  const known = new Map([...beside].map(([name, what]) => [folded(name), { name, what }]))
  for (const name of features) {
    const path = ['features', name]
    checkColumnName(subject, 'feature', name, path)
    const other = known.get(folded(name))
    if (other) subject.report('name.duplicate', { what: 'feature', name, other }, path)
    else known.set(folded(name), { name, what: 'feature' })
  }
}

/** Definitions share one namespace, whatever they are. */
export function checkDefinitionNames(project: Project): void {
  const first = new Map<string, Definition>()
  for (const definition of byPlace(project)) {
    const { kind, name } = definition
    const here = subject(definition, project)
    checkName(here, nouns[kind], name, ['name'], reservedNames[kind] ?? [])
    const other = first.get(folded(name))
    if (other) {
      const parameters = { what: nouns[kind], name, other: { what: nouns[other.kind], name: other.name } }
      here.report(
        'name.duplicate',
        parameters,
        ['name'],
        [relatedTo(other, project, ['name'], 'the name is taken here')],
      )
    } else first.set(folded(name), definition)
  }
}

/** In reading order, so that of two equal names the later one is the mistake. */
function byPlace(project: Project): readonly Definition[] {
  const placed = project.loaded.map(({ definition, file }) => ({
    definition,
    file,
    start: subject(definition, project).place([])?.start ?? -1,
  }))
  return placed
    .toSorted((a, b) => (a.file === b.file ? a.start - b.start : a.file < b.file ? -1 : 1))
    .map(({ definition }) => definition)
}

/** Views and services are properties of the client, in camel case, and each has two types, in Pascal case. */
export function checkClientNames(project: Project): void {
  const taken = new Map<string, string | Definition>([...clientMembers, ...clientTypes])
  taken.set(`${pascalCase(project.name)}Store`, 'the client itself')
  for (const definition of byPlace(project)) {
    const { kind, name } = definition
    if (kind === 'entity' || kind === 'source') continue
    const names = [camelCase(name), pascalCase(name), `${pascalCase(name)}Keys`]
    const clash = names.find(identifier => taken.has(identifier))
    if (clash === undefined) {
      for (const identifier of names) taken.set(identifier, definition)
      continue
    }
    const other = taken.get(clash) as string | Definition
    // Equal names are reported as such.
    if (typeof other !== 'string' && folded(other.name) === folded(name)) continue
    const parameters = {
      what: nouns[kind],
      name,
      property: clash,
      other: typeof other === 'string' ? other : titleOf(other),
    }
    const related = typeof other === 'string' ? [] : [relatedTo(other, project, ['name'], 'also here')]
    subject(definition, project).report('name.client-collision', parameters, ['name'], related)
  }
}
