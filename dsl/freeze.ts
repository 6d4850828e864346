/**
 * A definition, frozen with all its plain parts. Definitions inside it are kept as the objects they are, frozen or not,
 * since the compiler knows a definition by its identity; so are dates, functions and other things that are no plain data.
 */
export function frozen<T extends object>(definition: T): T {
  return Object.freeze(
    Object.fromEntries(Object.entries(definition).map(([name, part]) => [name, frozenPart(part)])),
  ) as T
}

function frozenPart(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  if (Array.isArray(value)) return Object.freeze(value.map(frozenPart))
  const isPlain = Object.getPrototypeOf(value) === Object.prototype
  const isDefinition = 'kind' in value && /^(entity|source|feature_service)$|feature_view$/.test(String(value.kind))
  return isPlain && !isDefinition ? frozen(value) : value
}
