/** What a spine must be, and what is wrong with one that is not: everything at once, before any work. */
import type { Field, WireType } from '../contract.ts'
import { MeridianError } from '../errors.ts'
import { typeName } from '../on-demand/values.ts'
import type { SpineRequest, SpineRow } from './engine.ts'

export type SpineProblem =
  | { readonly kind: 'missing'; readonly column: string; readonly available: readonly string[] }
  | { readonly kind: 'type'; readonly column: string; readonly actual: string; readonly wanted: string }
  | {
      readonly kind: 'value'
      readonly column: string
      readonly row: number
      readonly value: unknown
      readonly wanted: string
    }
  | { readonly kind: 'late'; readonly column: string; readonly row: number }
  | { readonly kind: 'null'; readonly column: string; readonly count: number; readonly rows: readonly number[] }
  | { readonly kind: 'collision'; readonly column: string }
  | { readonly kind: 'reserved'; readonly column: string }
  | { readonly kind: 'long'; readonly column: string; readonly bytes: number }

const eventTimestamp: Field = { name: 'event_timestamp', type: { type: 'timestamp' } }

/** The columns that a spine must have. */
export function requiredColumns({ keys, request = [] }: SpineRequest): readonly Field[] {
  return [...keys, ...request, eventTimestamp]
}

/** Those of them in which null is a mistake. */
export function columnsWithoutNull({ request = [] }: SpineRequest): readonly string[] {
  return [eventTimestamp, ...request].map(({ name }) => name)
}

/** The columns of JavaScript rows: required ones as declared, the others by the values in the first rows. */
export function spineColumns(rows: readonly SpineRow[], request: SpineRequest): Field[] {
  const declared = new Map(requiredColumns(request).map(({ name, type }) => [name, type]))
  const names = new Set(rows.flatMap(row => Object.keys(row)))
  // An empty spine has the columns that every spine has.
  if (rows.length === 0) for (const name of declared.keys()) names.add(name)
  return [...names].map(name => ({ name, type: declared.get(name) ?? inferred(rows.map(row => row[name])) }))
}

function inferred(values: readonly unknown[]): WireType {
  const present = values.filter(value => value !== null && value !== undefined)
  const all = (test: (value: unknown) => boolean) => present.length > 0 && present.every(test)
  if (all(value => typeof value === 'boolean')) return { type: 'boolean' }
  if (all(value => typeof value === 'bigint')) return { type: 'int64', as: 'bigint' }
  if (all(value => typeof value === 'number')) return { type: 'float64' }
  if (all(value => value instanceof Date)) return { type: 'timestamp' }
  return { type: 'string' }
}

/** What is wrong with the names of a spine's columns. */
export function nameProblems(columns: readonly string[], request: SpineRequest): SpineProblem[] {
  // DuckDB compares names without regard to capitals.
  const added = new Set(request.features.map(name => name.toLowerCase()))
  return [
    ...requiredColumns(request)
      .map(({ name }) => name)
      .filter(name => !columns.includes(name))
      .map(column => ({ kind: 'missing', column, available: columns }) as const),
    ...columns.filter(name => added.has(name.toLowerCase())).map(column => ({ kind: 'collision', column }) as const),
    ...columns.filter(name => name.startsWith('__')).map(column => ({ kind: 'reserved', column }) as const),
  ]
}

/** What is wrong with the columns of a table, whose types are in the engine's words. */
export function columnProblems<Column extends { readonly name: string; readonly type: string }>(
  columns: readonly Column[],
  request: SpineRequest,
  fits: (wanted: WireType, column: Column) => boolean,
): SpineProblem[] {
  return [
    ...nameProblems(
      columns.map(({ name }) => name),
      request,
    ),
    ...requiredColumns(request).flatMap(({ name, type }) => {
      const column = columns.find(column => column.name === name)
      if (!column || fits(type, column)) return []
      return [{ kind: 'type', column: name, actual: column.type, wanted: typeName(type) } as const]
    }),
  ]
}

export function spineError(problems: readonly SpineProblem[]): MeridianError {
  const lines = problems.map(problem => `  - ${describe(problem)}`)
  return new MeridianError('spine.invalid', `the spine cannot be used:\n${lines.join('\n')}`, { problems })
}

function describe(problem: SpineProblem): string {
  switch (problem.kind) {
    case 'missing':
      return `column "${problem.column}" is missing; there are ${problem.available.join(', ') || 'none'}`
    case 'type':
      return `column "${problem.column}" is ${problem.actual} and must be ${problem.wanted}`
    case 'value':
      return `row ${problem.row}: "${problem.column}" is ${show(problem.value)} and must be ${problem.wanted}, as in the rows before`
    case 'late':
      return `row ${problem.row}: column "${problem.column}" is not in the rows before`
    case 'null':
      return `${problem.column} is null in ${problem.count} ${problem.count === 1 ? 'row' : 'rows'}, the first at ${problem.rows.join(', ')}`
    case 'collision':
      return `column "${problem.column}" has the name of a feature: rename it`
    case 'reserved':
      return `column "${problem.column}": names that start with two underscores are reserved`
    case 'long':
      return `column "${problem.column}": names of columns have at most ${problem.bytes} bytes here`
    default:
      return problem satisfies never
  }
}

function show(value: unknown): string {
  return typeof value === 'bigint' ? `${value}n` : (JSON.stringify(value) ?? String(value))
}
