/** A project as the text of a module that exports its definitions, for the compiler to load. */
import type { Project } from './project.ts'

export function moduleText(project: Project): string {
  const named = new Map<unknown, string>()
  const lines: string[] = []
  const declare = (name: string, definition: unknown) => {
    lines.push(`export const ${name} = ${write(definition, named)}`)
    named.set(definition, name)
  }
  declare('thing', project.entity)
  for (const source of project.sources) declare(source.name, source)
  for (const view of project.views) declare(view.name, view)
  declare('everything', project.service)
  return `${lines.join('\n\n')}\n`
}

/** TypeScript that evaluates to `value`; what has a name is written as it. */
export function write(value: unknown, named: ReadonlyMap<unknown, string> = new Map(), indent = ''): string {
  const name = named.get(value)
  if (name !== undefined) return name
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number')
    return Object.is(value, -0) ? '-0' : Number.isFinite(value) ? String(value) : `(${value})`
  if (value instanceof Date) return `new Date(${value.getTime()})`
  if (value instanceof Uint8Array) return `Uint8Array.from([${value}])`
  if (typeof value !== 'object' || value === null) return String(value)
  const deeper = `${indent}  `
  const isList = Array.isArray(value)
  const items = isList
    ? value.map(item => write(item, named, deeper))
    : Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([key, item]) => `${JSON.stringify(key)}: ${write(item, named, deeper)}`)
  const [open, close] = isList ? '[]' : '{}'
  const flat = `${open}${items.join(', ')}${close}`
  if (flat.length < 100 && !flat.includes('\n')) return flat
  return `${open}\n${items.map(item => `${deeper}${item},\n`).join('')}${indent}${close}`
}
