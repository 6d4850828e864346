import type { Definition } from '../../dsl/index.ts'
import type { Bundle } from './bundle.ts'

/** A definition and where it was found; `symbol` is null where no file exports it. */
export interface Exported {
  readonly definition: Definition
  readonly symbol: string | null
  readonly file: string
}

const kinds: ReadonlySet<string> = new Set<Definition['kind']>([
  'entity',
  'source',
  'feature_view',
  'sql_feature_view',
  'on_demand_feature_view',
  'feature_service',
])

export function isDefinition(value: unknown): value is Definition {
  if (typeof value !== 'object' || value === null) return false
  return kinds.has((value as Partial<Definition>).kind as string)
}

/** What the entry files export, each once and at the file that declares it, then the entities and sources they use. */
export function collect(
  namespaces: readonly object[],
  bundle: Bundle,
  entries: readonly string[],
): readonly Exported[] {
  const places = new Map<Definition, Exported>()
  for (const [index, namespace] of namespaces.entries()) {
    const file = bundle.files[index]!
    for (const [symbol, definition] of Object.entries(namespace)) {
      if (!isDefinition(definition)) continue
      const known = places.get(definition)
      if (!known || imports(bundle, known.file, file)) places.set(definition, { definition, symbol, file })
    }
  }
  const exported = namespaces
    .slice(0, entries.length)
    .flatMap(namespace => Object.values(namespace).filter(isDefinition))
  const all = new Set<Definition>(exported)
  for (const definition of exported) for (const used of uses(definition)) all.add(used)
  return [...all].map(definition => {
    const user = exported.find(other => uses(other).includes(definition))
    const file = places.get(user ?? definition)?.file ?? entries[0]!
    return places.get(definition) ?? { definition, symbol: null, file }
  })
}

/** Whether one file reaches another by imports: then a definition that both export is the other's. */
function imports(bundle: Bundle, from: string, to: string): boolean {
  const seen = new Set<string>()
  const open = [from]
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    for (const next of bundle.imports.get(file) ?? []) {
      if (next === to) return true
      if (seen.has(next)) continue
      seen.add(next)
      open.push(next)
    }
  }
  return false
}

function uses(definition: Definition): readonly Definition[] {
  switch (definition.kind) {
    case 'feature_view':
      return [definition.entity, definition.source].filter(isDefinition)
    case 'sql_feature_view':
      return [definition.entity].filter(isDefinition)
    default:
      return []
  }
}
