/** Postgres' SQL of every function and aggregate. An entry that is missing does not compile. */
import type { AggregateName, FunctionName, ValueType } from '../../../dsl/index.ts'
import type { TypedExpression } from '../../catalog/catalog.ts'
import { arithmetic, type Call, expressions, infix, named, type Render } from '../expressions.ts'
import { identifier, literal, typeName } from './types.ts'

/** Strings are ordered by their bytes, whatever the database's locale. */
export const byBytes = (sql: string | undefined, type: ValueType | undefined): string =>
  type?.type === 'string' ? `${sql} COLLATE "C"` : `${sql}`

const ordered =
  (operator: string): Render =>
  ([a, b], { arguments: [left] }) =>
    `(${byBytes(a, left?.type)} ${operator} ${b})`

const part =
  (name: string): Render =>
  ([value]) =>
    `extract(${name} FROM ${value})::INTEGER`

const functions: Readonly<Record<FunctionName, Render>> = {
  eq: infix('='),
  ne: infix('<>'),
  lt: ordered('<'),
  lte: ordered('<='),
  gt: ordered('>'),
  gte: ordered('>='),
  in: ([value, ...options]) => `(${value} IN (${options.join(', ')}))`,
  is_null: ([value]) => `(${value} IS NULL)`,
  coalesce: (args, call) => `coalesce(${args.map(arg => widened(arg, call)).join(', ')})`,
  and: infix('AND'),
  or: infix('OR'),
  not: ([value]) => `(NOT ${value})`,
  case: (args, call) => {
    const branches: string[] = []
    for (let index = 0; index + 1 < args.length; index += 2)
      branches.push(`WHEN ${args[index]} THEN ${widened(args[index + 1] ?? 'NULL', call)}`)
    return `CASE ${branches.join(' ')} ELSE ${widened(args.at(-1) ?? 'NULL', call)} END`
  },
  add: arithmetic('+', typeName),
  subtract: arithmetic('-', typeName),
  multiply: arithmetic('*', typeName),
  divide: ([a, b]) => `(${a}::DOUBLE PRECISION / nullif(${b}::DOUBLE PRECISION, 0))`,
  modulo: (args, call) => {
    const [a, b] = args.map(arg => widened(arg, call))
    return `(${a} % nullif(${b}, 0))`
  },
  // A space, since two signs in a row begin a comment.
  negate: ([value]) => `(- ${value})`,
  abs: named('abs'),
  floor: ([value], call) => rounded('floor', value, call),
  ceil: ([value], call) => rounded('ceil', value, call),
  // The first may be a bare constant, which has no type of its own.
  concat: ([first, ...others]) => `(${first}::TEXT || ${others.join(' || ')})`,
  lower: named('lower'),
  upper: named('upper'),
  trim: ([value]) => `btrim(${value}, ' ')`,
  length: named('length'),
  starts_with: named('starts_with'),
  ends_with: ([value, end]) => `(right(${value}, length(${end})) = ${end})`,
  contains: ([value, piece]) => `(strpos(${value}, ${piece}) > 0)`,
  substring: named('substr'),
  year: part('year'),
  month: part('month'),
  day: part('day'),
  hour: part('hour'),
  minute: part('minute'),
  day_of_week: part('isodow'),
  seconds_between: ([from, to]) => `extract(epoch FROM ${to} - ${from})::DOUBLE PRECISION`,
}

function widened(sql: string, call: Call): string {
  const same = call.arguments.every(argument => argument.type.type === call.type.type)
  return same && call.type.type !== 'decimal' ? sql : `${sql}::${typeName(call.type)}`
}

function rounded(name: string, value: string | undefined, call: Call): string {
  if (call.type.type === 'int32' || call.type.type === 'int64') return value ?? 'NULL'
  return call.type.type === 'decimal' ? `${name}(${value})::${typeName(call.type)}` : `${name}(${value})`
}

export const { expression, condition, operand } = expressions({ identifier, literal, functions })

/**
 * A value as it leaves a statement. The instants of a source keep their own type inside, so that an index on a column
 * with a time zone serves; what comes out has none, and is UTC.
 */
export function output(node: TypedExpression, qualifier: string): string {
  const sql = expression(node, qualifier)
  return node.kind === 'column' && node.type.type !== 'timestamp' ? sql : `${sql}::${typeName(node.type)}`
}

/** Text to order by. */
export function sortKey(node: TypedExpression, qualifier: string): string {
  return byBytes(expression(node, qualifier), node.type)
}

interface AggregateSql {
  /** `filter` is appended to the call. */
  readonly call: (argument: string, filter: string, type: ValueType | null) => string
}

const exact =
  (name: string): AggregateSql['call'] =>
  (argument, filter, type) =>
    type?.type === 'float64' ? `${name}(${argument})${filter}` : `(${name}(${argument})${filter})::DOUBLE PRECISION`

const extreme =
  (name: string): AggregateSql['call'] =>
  (argument, filter, type) => {
    const sql = `${name}(${byBytes(argument, type ?? undefined)})${filter}`
    return type?.type === 'timestamp' ? `(${sql})::TIMESTAMP` : sql
  }

export const aggregateSql: Readonly<Record<AggregateName, AggregateSql>> = {
  count: { call: (argument, filter) => `count(${argument})${filter}` },
  sum: { call: (argument, filter) => `sum(${argument})${filter}` },
  avg: { call: exact('avg') },
  min: { call: extreme('min') },
  max: { call: extreme('max') },
  stddev: { call: exact('stddev_samp') },
  variance: { call: exact('var_samp') },
  countDistinct: { call: (argument, filter) => `count(DISTINCT ${argument})${filter}` },
}
