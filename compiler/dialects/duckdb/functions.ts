/** DuckDB's SQL of every function and aggregate. An entry that is missing does not compile. */
import type { AggregateName, FunctionName, ValueType } from '../../../dsl/index.ts'
import { arithmetic, type Call, expressions, infix, named, type Render } from '../expressions.ts'
import { identifier, literal, typeName } from './types.ts'

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
  add: arithmetic('+', typeName),
  subtract: arithmetic('-', typeName),
  multiply: arithmetic('*', typeName),
  divide: ([a, b]) => `(${a}::DOUBLE / nullif(${b}::DOUBLE, 0))`,
  modulo: (args, call) => `(${args.map(arg => widened(arg, call)).join(' % ')})`,
  // A space, since two signs in a row begin a comment.
  negate: ([value]) => `(- ${value})`,
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

function widened(sql: string, call: Call): string {
  if (call.type.type === 'vector') return asList(sql, call.type)
  const same = call.arguments.every(argument => argument.type.type === call.type.type)
  return same && call.type.type !== 'decimal' ? sql : `${sql}::${typeName(call.type)}`
}

function rounded(name: string, value: string | undefined, call: Call): string {
  if (call.type.type === 'int32' || call.type.type === 'int64') return value ?? 'NULL'
  return call.type.type === 'decimal' ? `${name}(${value})::${typeName(call.type)}` : `${name}(${value})`
}

export const { expression, condition, operand } = expressions({ identifier, literal, functions })

interface AggregateSql {
  /** `over` is appended to each call: a FILTER, a window, or nothing. */
  readonly call: (argument: string, over: string, type: ValueType['type'] | undefined) => string
}

/** DuckDB fails on a deviation over NaN or infinities, where the value is NaN. */
const deviation =
  (name: string): AggregateSql['call'] =>
  (argument, over, type) =>
    type === 'float64'
      ? `CASE WHEN coalesce(bool_or(NOT isfinite(${argument}))${over}, FALSE) THEN CASE WHEN count(${argument})${over} > 1 THEN 'NaN'::DOUBLE END ELSE ${name}(CASE WHEN isfinite(${argument}) THEN ${argument} END)${over} END`
      : `${name}(${argument})${over}`

export const aggregateSql: Readonly<Record<AggregateName, AggregateSql>> = {
  count: { call: (argument, over) => `count(${argument})${over}` },
  sum: { call: (argument, over) => `sum(${argument})${over}` },
  avg: {
    // As running totals have it, to the last digit: an exact sum, divided once. DuckDB's own mean of decimals rounds otherwise.
    call: (argument, over, type) =>
      type === 'decimal'
        ? `(sum(${argument})${over})::DOUBLE / nullif(count(${argument})${over}, 0)`
        : `avg(${argument})${over}`,
  },
  min: { call: (argument, over) => `min(${argument})${over}` },
  max: { call: (argument, over) => `max(${argument})${over}` },
  stddev: { call: deviation('stddev_samp') },
  variance: { call: deviation('var_samp') },
  countDistinct: { call: (argument, over) => `count(DISTINCT ${argument})${over}` },
}
