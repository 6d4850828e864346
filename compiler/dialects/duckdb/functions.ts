/** DuckDB's SQL of every function and aggregate. An entry that is missing does not compile. */
import type { AggregateName, FunctionName, ValueType } from '../../../dsl/index.ts'
import type { TypedExpression } from '../../catalog/catalog.ts'
import { identifier, literal, typeName } from './types.ts'

type Render = (args: readonly string[], call: Extract<TypedExpression, { kind: 'call' }>) => string

const infix =
  (operator: string): Render =>
  args =>
    `(${args.join(` ${operator} `)})`

const named =
  (name: string): Render =>
  args =>
    `${name}(${args.join(', ')})`

/** Decimals are computed wide and cut to the declared result; integers stay as they are, so overflow fails. */
const arithmetic =
  (operator: string): Render =>
  (args, call) => {
    const operands = call.arguments.map((argument, index) =>
      call.type.type !== argument.type.type && call.type.type !== 'decimal'
        ? `${args[index]}::${typeName(call.type)}`
        : args[index],
    )
    const sql = `(${operands.join(` ${operator} `)})`
    return call.type.type === 'decimal' ? `${sql}::${typeName(call.type)}` : sql
  }

const part =
  (name: string): Render =>
  ([value]) =>
    `${name}(${value})::INTEGER`

const functions: Readonly<Record<FunctionName, Render>> = {
  eq: infix('='),
  ne: infix('<>'),
  lt: infix('<'),
  lte: infix('<='),
  gt: infix('>'),
  gte: infix('>='),
  in: ([value, ...options]) => `(${value} IN (${options.join(', ')}))`,
  is_null: ([value]) => `(${value} IS NULL)`,
  coalesce: (args, call) => chosen(`coalesce(${args.map(arg => widened(arg, call)).join(', ')})`, call.type),
  and: infix('AND'),
  or: infix('OR'),
  not: ([value]) => `(NOT ${value})`,
  case: (args, call) => {
    const branches: string[] = []
    for (let index = 0; index + 1 < args.length; index += 2)
      branches.push(`WHEN ${args[index]} THEN ${widened(args[index + 1] ?? 'NULL', call)}`)
    return chosen(`CASE ${branches.join(' ')} ELSE ${widened(args.at(-1) ?? 'NULL', call)} END`, call.type)
  },
  add: arithmetic('+'),
  subtract: arithmetic('-'),
  multiply: arithmetic('*'),
  divide: ([a, b]) => `(${a}::DOUBLE / nullif(${b}::DOUBLE, 0))`,
  modulo: (args, call) => `(${args.map(arg => widened(arg, call)).join(' % ')})`,
  negate: ([value]) => `(-${value})`,
  abs: named('abs'),
  floor: ([value], call) => rounded('floor', value, call),
  ceil: ([value], call) => rounded('ceil', value, call),
  concat: infix('||'),
  lower: named('lower'),
  upper: named('upper'),
  // Without its second argument it would trim every kind of white space.
  trim: ([value]) => `trim(${value}, ' ')`,
  length: ([value]) => `length(${value})::INTEGER`,
  starts_with: named('starts_with'),
  ends_with: named('ends_with'),
  contains: named('contains'),
  substring: named('substring'),
  year: part('year'),
  month: part('month'),
  day: part('day'),
  hour: part('hour'),
  minute: part('minute'),
  day_of_week: part('isodow'),
  seconds_between: ([from, to]) => `((epoch_us(${to}) - epoch_us(${from})) / 1000000.0::DOUBLE)`,
}

/** A value under a condition. */
export function when(condition: string, value: string, type: ValueType): string {
  return chosen(`CASE WHEN ${condition} THEN ${asList(value, type)} END`, type)
}

// DuckDB chooses between no arrays of fixed length, so vectors are chosen as lists.
function asList(sql: string, type: ValueType): string {
  return type.type === 'vector' ? `${sql}::FLOAT[]` : sql
}

function chosen(sql: string, type: ValueType): string {
  return type.type === 'vector' ? `(${sql})::${typeName(type)}` : sql
}

function widened(sql: string, call: Extract<TypedExpression, { kind: 'call' }>): string {
  if (call.type.type === 'vector') return asList(sql, call.type)
  const same = call.arguments.every(argument => argument.type.type === call.type.type)
  return same && call.type.type !== 'decimal' ? sql : `${sql}::${typeName(call.type)}`
}

function rounded(name: string, value: string | undefined, call: Extract<TypedExpression, { kind: 'call' }>): string {
  if (call.type.type === 'int32' || call.type.type === 'int64') return value ?? 'NULL'
  return call.type.type === 'decimal' ? `${name}(${value})::${typeName(call.type)}` : `${name}(${value})`
}

/** An expression over the columns of a relation; `qualifier` is prefixed to each column. */
export function expression(node: TypedExpression, qualifier = ''): string {
  switch (node.kind) {
    case 'column':
      return `${qualifier}${identifier(node.name)}`
    case 'literal':
      return literal(node.value, node.type)
    case 'call':
      return functions[node.function](
        node.arguments.map(argument => expression(argument, qualifier)),
        node,
      )
    default:
      return node satisfies never
  }
}

/** Without the parentheses that only nesting needs. */
export function condition(node: TypedExpression, qualifier = ''): string {
  const sql = expression(node, qualifier)
  return node.kind === 'call' && outermost(sql) ? sql.slice(1, -1) : sql
}

/** Whether one pair of parentheses spans the whole text. Quoted text is skipped. */
function outermost(sql: string): boolean {
  if (!sql.startsWith('(')) return false
  let depth = 0
  let quote = ''
  for (const [index, character] of [...sql].entries()) {
    if (quote) quote = character === quote ? '' : quote
    else if (character === "'" || character === '"') quote = character
    else if (character === '(') depth += 1
    else if (character === ')' && --depth === 0) return index === [...sql].length - 1
  }
  return false
}

interface AggregateSql {
  /** `over` is appended to each call: a FILTER, a window, or nothing. */
  readonly call: (argument: string, over: string, floating: boolean) => string
}

/** DuckDB fails on a deviation over NaN or infinities, where the value is NaN. */
const deviation =
  (name: string): AggregateSql['call'] =>
  (argument, over, floating) =>
    floating
      ? `CASE WHEN coalesce(bool_or(NOT isfinite(${argument}))${over}, FALSE) THEN CASE WHEN count(${argument})${over} > 1 THEN 'NaN'::DOUBLE END ELSE ${name}(CASE WHEN isfinite(${argument}) THEN ${argument} END)${over} END`
      : `${name}(${argument})${over}`

export const aggregateSql: Readonly<Record<AggregateName, AggregateSql>> = {
  count: { call: (argument, over) => `count(${argument})${over}` },
  sum: { call: (argument, over) => `sum(${argument})${over}` },
  avg: { call: (argument, over) => `avg(${argument})${over}` },
  min: { call: (argument, over) => `min(${argument})${over}` },
  max: { call: (argument, over) => `max(${argument})${over}` },
  stddev: { call: deviation('stddev_samp') },
  variance: { call: deviation('var_samp') },
  countDistinct: { call: (argument, over) => `count(DISTINCT ${argument})${over}` },
}
