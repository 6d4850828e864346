/** The types of the functions of row expressions: one entry for each name, so that a missing one does not compile. */
import type { FunctionName, ValueType } from '../../dsl/index.ts'
import { sameType, typeText } from './type-text.ts'

/** What an argument position asks for: a type, or that all such positions unify to one. */
export type Parameter = ValueType | 'same' | 'any'

export interface Signature {
  /** As the author writes it: `plus` for `add`. */
  readonly written: string
  /** Fewest and most arguments. */
  readonly arity: readonly [number, number]
  readonly parameter: (index: number, count: number) => Parameter
  /** The result's type, or what is wrong with the arguments' types. */
  readonly result: (types: readonly ValueType[]) => ValueType | { readonly problem: string }
  /** Whether the result's type is independent of the arguments', so that constants beside an int64 may be wider. */
  readonly fixedResult: boolean
  /** What is wrong with the common type of the `same` arguments; null where nothing is. */
  readonly operands: (type: ValueType) => string | null
}

const boolean: ValueType = { type: 'boolean' }
const int32: ValueType = { type: 'int32' }
const float64: ValueType = { type: 'float64' }
const string: ValueType = { type: 'string' }
const timestamp: ValueType = { type: 'timestamp' }

const numericNames = ['int32', 'int64', 'decimal', 'float64']
const isInteger = (type: ValueType): boolean => type.type === 'int32' || type.type === 'int64'
export const isNumber = (type: ValueType): boolean => numericNames.includes(type.type)
const isComparable = (type: ValueType): boolean => !['json', 'list', 'vector'].includes(type.type)
const isOrdered = (type: ValueType): boolean => isNumber(type) || type.type === 'string' || type.type === 'timestamp'

const integerDigits = (type: ValueType): number => {
  if (type.type === 'decimal') return type.precision - type.scale
  return type.type === 'int32' ? 10 : 19
}
const scaleOf = (type: ValueType): number => (type.type === 'decimal' ? type.scale : 0)

/** The type that holds the values of both; null where there is none. */
export function unify(a: ValueType, b: ValueType): ValueType | null {
  if (!isNumber(a) || !isNumber(b)) return sameType(a, b) ? a : null
  if (a.type === 'float64' || b.type === 'float64') return float64
  if (a.type === 'decimal' || b.type === 'decimal') {
    const scale = Math.max(scaleOf(a), scaleOf(b))
    return { type: 'decimal', precision: Math.min(38, Math.max(integerDigits(a), integerDigits(b)) + scale), scale }
  }
  return a.type === 'int64' ? a : b
}

const all = (types: readonly ValueType[], accepts: (type: ValueType) => boolean, accepted: string) => {
  const wrong = types.find(type => !accepts(type))
  return wrong ? { problem: `takes ${accepted}, not ${typeText(wrong)}` } : null
}

function unified(types: readonly ValueType[]): ValueType | { readonly problem: string } {
  let result = types[0]!
  for (const type of types) {
    const wider = unify(result, type)
    if (!wider) return { problem: `does not mix ${typeText(result)} and ${typeText(type)}` }
    result = wider
  }
  return result
}

const only = (accepts: (type: ValueType) => boolean, accepted: string) => (type: ValueType) =>
  all([type], accepts, accepted)?.problem ?? null

type Rule = Pick<Signature, 'arity' | 'parameter' | 'result'> & Partial<Pick<Signature, 'fixedResult' | 'operands'>>

const fixed = (parameters: readonly ValueType[], result: ValueType): Rule => ({
  arity: [parameters.length, parameters.length],
  parameter: index => parameters[index]!,
  result: () => result,
})

const compare = (accepts: (type: ValueType) => boolean, accepted: string, most = 2): Rule => ({
  arity: [2, most],
  parameter: () => 'same',
  result: types => {
    const problem = all(types, accepts, accepted)
    if (problem) return problem
    const common = unified(types)
    return 'problem' in common ? { problem: common.problem.replace('mix', 'compare') } : boolean
  },
  fixedResult: true,
  operands: only(accepts, accepted),
})
const equality = compare(isComparable, 'values that can be compared')
const order = compare(isOrdered, 'numbers, strings or timestamps')

const arithmetic = (decimal: (a: number, b: number) => number): Rule => ({
  arity: [2, 2],
  parameter: () => 'same',
  result: types => {
    const common = all(types, isNumber, 'numbers') ?? unified(types)
    if ('problem' in common || common.type !== 'decimal') return common
    const scale = decimal(scaleOf(types[0]!), scaleOf(types[1]!))
    return scale <= 38
      ? { type: 'decimal', precision: 38, scale }
      : { problem: `would have ${scale} digits after the point, more than 38` }
  },
  operands: only(isNumber, 'numbers'),
})

const unary = (accepts: (type: ValueType) => boolean, accepted: string, of: (type: ValueType) => ValueType): Rule => ({
  arity: [1, 1],
  parameter: () => 'any',
  result: types => all(types, accepts, accepted) ?? of(types[0]!),
})
const number = (of: (type: ValueType) => ValueType): Rule => unary(isNumber, 'a number', of)
const rounded = number(type => (type.type === 'decimal' ? { type: 'decimal', precision: 38, scale: 0 } : type))

const many = (parameter: Parameter, result: ValueType | null, least: number): Rule => ({
  arity: [least, Number.POSITIVE_INFINITY],
  parameter: () => parameter,
  result: types => result ?? unified(types),
})

const isCondition = (index: number, count: number): boolean => index % 2 === 0 && index < count - 1

const rules: Record<FunctionName, Rule & { readonly written?: string }> = {
  eq: equality,
  ne: equality,
  lt: order,
  lte: order,
  gt: order,
  gte: order,
  in: compare(isComparable, 'values that can be compared', Number.POSITIVE_INFINITY),
  is_null: {
    ...unary(
      () => true,
      'any value',
      () => boolean,
    ),
    written: 'isNull',
  },
  coalesce: many('same', null, 2),
  and: many(boolean, boolean, 2),
  or: many(boolean, boolean, 2),
  not: fixed([boolean], boolean),
  case: {
    written: 'when',
    arity: [3, Number.POSITIVE_INFINITY],
    parameter: (index, count) => (isCondition(index, count) ? boolean : 'same'),
    result: types => unified(types.filter((_, index) => !isCondition(index, types.length))),
  },
  add: { ...arithmetic(Math.max), written: 'plus' },
  subtract: { ...arithmetic(Math.max), written: 'minus' },
  multiply: { ...arithmetic((a, b) => a + b), written: 'times' },
  divide: {
    written: 'dividedBy',
    arity: [2, 2],
    parameter: () => 'same',
    result: types => all(types, isNumber, 'numbers') ?? float64,
    fixedResult: true,
    operands: only(isNumber, 'numbers'),
  },
  modulo: {
    arity: [2, 2],
    parameter: () => 'same',
    result: types => all(types, isInteger, 'integers') ?? unified(types),
    operands: only(isInteger, 'integers'),
  },
  negate: number(type => type),
  abs: number(type => type),
  floor: rounded,
  ceil: rounded,
  concat: many(string, string, 2),
  lower: fixed([string], string),
  upper: fixed([string], string),
  trim: fixed([string], string),
  length: fixed([string], int32),
  starts_with: { ...fixed([string, string], boolean), written: 'startsWith' },
  ends_with: { ...fixed([string, string], boolean), written: 'endsWith' },
  contains: fixed([string, string], boolean),
  substring: fixed([string, int32, int32], string),
  year: fixed([timestamp], int32),
  month: fixed([timestamp], int32),
  day: fixed([timestamp], int32),
  hour: fixed([timestamp], int32),
  minute: fixed([timestamp], int32),
  day_of_week: { ...fixed([timestamp], int32), written: 'dayOfWeek' },
  seconds_between: { ...fixed([timestamp, timestamp], float64), written: 'secondsSince' },
}

export const signatures = Object.fromEntries(
  Object.entries(rules).map(([name, rule]): [string, Signature] => [
    name,
    { written: name, fixedResult: false, operands: () => null, ...rule },
  ]),
) as Record<FunctionName, Signature>
