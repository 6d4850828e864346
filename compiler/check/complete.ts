/** What TypeScript would have refused, in code that was not type checked: parts that are missing or of another kind, and unknown options. */
import type { Definition, ViewUseDefinition } from '../../dsl/index.ts'
import { isDefinition } from '../load/collect.ts'
import { type Project, subject } from './subject.ts'

interface Rule {
  readonly accepts: (value: unknown) => boolean
  /** What a part must be, for people; without it the part is most often not yet defined where it is used. */
  readonly expected?: string
  /** Whether the rule is about each of the part's members, and not about the part. */
  readonly each?: boolean
}

type Rules = Readonly<Record<string, Rule>>

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
const isText = (value: unknown): value is string => typeof value === 'string'
const isView = (value: unknown): boolean => isDefinition(value) || isViewUse(value)
const isViewUse = (value: unknown): boolean =>
  isObject(value) &&
  (value as Partial<ViewUseDefinition>).kind === 'view_use' &&
  isDefinition((value as unknown as ViewUseDefinition).view)

const types = new Set('boolean int32 int64 float64 decimal string timestamp bytes json list vector'.split(' '))
const isType = (value: unknown): boolean => isObject(value) && types.has(String(value.type))

const isSql = (value: unknown): boolean => isObject(value) && value.kind === 'sql' && Array.isArray(value.parts)
const isBinding = (value: unknown): boolean =>
  isSql(value) ||
  (isObject(value) && value.kind === 'table' && isText(value.name)) ||
  (isObject(value) && value.kind === 'file' && isText(value.path))

const text: Rule = { accepts: isText, expected: 'a text' }
const textOrNone: Rule = { accepts: value => value === null || isText(value), expected: 'a text' }
const textList: Rule = { accepts: value => Array.isArray(value) && value.every(isText), expected: 'a list of texts' }
const name: Rule = { accepts: isText, expected: 'a name as the first argument' }
const typesOfEach: Rule = { accepts: isType, expected: 'a type, such as t.string()', each: true }
const definition: Rule = { accepts: isDefinition }
const metadata = { owner: textOrNone, tags: textList } satisfies Rules
const timeColumns = {
  eventTimestamp: { accepts: isText },
  createdTimestamp: { ...textOrNone, expected: 'the name of a column' },
  tieBreak: { ...textList, expected: 'a list of names of columns' },
} satisfies Rules
const viewOptions = {
  boundary: { accepts: value => value === 'at' || value === 'before', expected: "'at' or 'before'" },
  materialize: { accepts: value => typeof value === 'boolean', expected: 'true or false' },
  ...metadata,
} satisfies Rules

const rules: Readonly<Record<Definition['kind'], Rules>> = {
  entity: { name, joinKeys: typesOfEach },
  source: {
    name,
    columns: typesOfEach,
    ...timeColumns,
    bindings: {
      accepts: isBinding,
      expected: '{ table } or sql`...`, for DuckDB also { parquet } or { csv }',
      each: true,
    },
  },
  feature_view: {
    name,
    entity: definition,
    source: definition,
    joinKeys: { ...text, expected: 'the name of a column', each: true },
    ...viewOptions,
  },
  sql_feature_view: {
    name,
    entity: definition,
    query: {
      accepts: value => isSql(value) || (isObject(value) && Object.values(value).every(isSql)),
      expected: 'sql`...`, or one for each dialect',
    },
    columns: typesOfEach,
    features: { ...typesOfEach, accepts: value => isObject(value) && isType(value.type) },
    ...timeColumns,
    ...viewOptions,
  },
  on_demand_feature_view: {
    name,
    request: typesOfEach,
    inputs: { accepts: isView, each: true },
    features: { ...typesOfEach, accepts: value => isObject(value) && isType(value.type) },
    ...metadata,
  },
  feature_service: {
    name,
    views: { accepts: value => Array.isArray(value) && value.every(isView) },
    onStoreFailure: { accepts: value => value === 'error' || value === 'defaults', expected: "'error' or 'defaults'" },
    owner: textOrNone,
  },
}

/** Reports all of it. True where something is missing without which the others cannot be looked at. */
export function checkComplete(project: Project): boolean {
  for (const { definition } of project.loaded) {
    const here = subject(definition, project)
    const { given, known } = definition.unknownOptions ?? { given: [], known: [] }
    for (const option of given)
      here.report('name.unknown-option', { owner: here.title, option, options: known }, [`option:${option}`])
    for (const { path, expected } of wrongParts(definition)) {
      const title = path[0] === 'name' ? 'a definition' : here.title
      const part = path.join('.')
      if (expected === null) here.report('definition.incomplete', { title, part }, path)
      else here.report('definition.invalid', { title, part, expected }, path)
    }
  }
  return !project.loaded.every(({ definition }) => isComplete(definition))
}

/** Whether a definition has all parts that every other step relies on. */
export function isComplete(definition: Definition): boolean {
  return wrongParts(definition).length === 0
}

interface WrongPart {
  readonly path: readonly string[]
  /** Null where it is most often not yet defined. */
  readonly expected: string | null
}

function wrongParts(definition: Definition): WrongPart[] {
  return Object.entries(rules[definition.kind]).flatMap(([part, { accepts, expected = null, each = false }]) => {
    const value = (definition as unknown as Readonly<Record<string, unknown>>)[part]
    if (!each || !isObject(value)) {
      if (!each && accepts(value)) return []
      return [{ path: [part], expected: value === undefined ? null : expected }]
    }
    // A binding is an option of its own.
    const pathOf = (member: string) => (part === 'bindings' ? [member] : [part, member])
    const wrong = Object.entries(value).filter(([, member]) => !accepts(member))
    return wrong.map(([member]) => ({ path: pathOf(member), expected }))
  })
}
