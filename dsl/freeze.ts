/**
 * A frozen copy of plain data, all the way down. What is frozen already is kept as it is, so that a definition inside
 * another one stays the same object; so are dates, functions and other things that are no plain data.
 */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  if (Array.isArray(value)) return Object.freeze(value.map(frozen)) as T
  if (Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([name, part]) => [name, frozen(part)]))) as T
}
