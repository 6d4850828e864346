/** The value of an expression for one row, with SQL's nulls. */
import type { Expression, ValueType } from '../../dsl/index.ts'
import { compare, fitting, read, type Scalar, toFloat, widen } from './scalar.ts'
import { argumentTypes, type Columns, caseValues, commonType, typeOf } from './type-of.ts'

/** Scalars by column. */
export type ScalarRow = Readonly<Record<string, Scalar>>

/** `type` is what the place asks for: it decides what a constant is and how far a number is widened. */
export function evaluate(expression: Expression, row: ScalarRow, columns: Columns, type?: ValueType): Scalar {
  if (expression.kind === 'literal') return read(expression.value, type ?? { type: 'boolean' })
  const own = typeOf(expression, columns)!
  const value = expression.kind === 'column' ? (row[expression.name] ?? null) : call(expression, row, columns, own)
  return type === undefined ? value : widen(value, own, type)
}

type Call = Extract<Expression, { kind: 'call' }>

function call({ function: name, arguments: args }: Call, row: ScalarRow, columns: Columns, type: ValueType): Scalar {
  const plain = (index: number, wanted?: ValueType) => evaluate(args[index]!, row, columns, wanted)
  switch (name) {
    case 'and':
    case 'or':
      return logic(
        name,
        args.map((_, index) => plain(index, { type: 'boolean' })),
      )
    case 'not': {
      const value = plain(0, { type: 'boolean' })
      return value === null ? null : !value
    }
    case 'is_null':
      return plain(0) === null
    case 'coalesce': {
      for (const [index] of args.entries()) {
        const value = plain(index, type)
        if (value !== null) return value
      }
      return null
    }
    case 'case': {
      const values = caseValues(args)
      const chosen = args.findIndex((_, index) => index % 2 === 0 && index < args.length - 1 && plain(index) === true)
      return evaluate(chosen < 0 ? values.at(-1)! : args[chosen + 1]!, row, columns, type)
    }
    case 'in': {
      const shared = commonType(args, columns)!
      const value = plain(0, shared)
      if (value === null) return null
      const options = args.slice(1).map(option => evaluate(option, row, columns, shared))
      if (options.some(option => option !== null && compare(value, option) === 0)) return true
      return options.includes(null) ? null : false
    }
    default:
      return strict(name, args, row, columns, type)
  }
}

/** Functions that are null as soon as one argument is. */
function strict(
  name: Call['function'],
  args: readonly Expression[],
  row: ScalarRow,
  columns: Columns,
  type: ValueType,
): Scalar {
  // The numbers of a comparison or of `add` are all of their common type; other functions take each as it is.
  const shared = unified.has(name) ? commonType(args, columns) : null
  const beside = name === 'substring' ? args.map((_, index) => positions[index]!) : argumentTypes(args, columns)
  const types = beside.map(type => shared ?? type ?? undefined)
  const values = args.map((argument, index) => evaluate(argument, row, columns, types[index]))
  if (values.includes(null)) return null
  const [a, b, c] = values as [Scalar, Scalar, Scalar]
  const text = a as string
  switch (name) {
    case 'eq':
      return compare(a, b) === 0
    case 'ne':
      return compare(a, b) !== 0
    case 'lt':
      return compare(a, b) < 0
    case 'lte':
      return compare(a, b) <= 0
    case 'gt':
      return compare(a, b) > 0
    case 'gte':
      return compare(a, b) >= 0
    case 'add':
      return typeof a === 'number' ? a + (b as number) : fitting((a as bigint) + (b as bigint), type)
    case 'subtract':
      return typeof a === 'number' ? a - (b as number) : fitting((a as bigint) - (b as bigint), type)
    case 'multiply':
      if (type.type === 'float64') return toFloat(a, types[0]!) * toFloat(b, types[1]!)
      return fitting((a as bigint) * (b as bigint), type)
    case 'divide': {
      const divisor = toFloat(b, types[1]!)
      return divisor === 0 ? null : toFloat(a, types[0]!) / divisor
    }
    case 'modulo':
      return b === 0n ? null : (a as bigint) % (b as bigint)
    case 'negate':
      return typeof a === 'number' ? -a : fitting(-(a as bigint), type)
    case 'abs':
      return typeof a === 'number' ? Math.abs(a) : fitting((a as bigint) < 0n ? -(a as bigint) : (a as bigint), type)
    case 'floor':
      return rounded(a, types[0]!, Math.floor, 0n)
    case 'ceil':
      return rounded(a, types[0]!, Math.ceil, 1n)
    case 'concat':
      return values.join('')
    case 'lower':
      return text.toLowerCase()
    case 'upper':
      return text.toUpperCase()
    case 'trim':
      return text.replace(/^ +| +$/g, '')
    case 'length':
      return BigInt([...text].length)
    case 'starts_with':
      return text.startsWith(b as string)
    case 'ends_with':
      return text.endsWith(b as string)
    case 'contains':
      return text.includes(b as string)
    case 'substring': {
      const start = Number(b)
      return [...text].slice(start - 1, start - 1 + Number(c)).join('')
    }
    case 'seconds_between':
      return Number((b as bigint) - (a as bigint)) / 1e6
    default:
      return datePart(name, a as bigint)
  }
}

const unified = new Set<string>(['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'add', 'subtract', 'modulo'])
const positions: readonly ValueType[] = [{ type: 'string' }, { type: 'int32' }, { type: 'int32' }]

function logic(name: 'and' | 'or', values: readonly Scalar[]): boolean | null {
  const decisive = name === 'or'
  if (values.includes(decisive)) return decisive
  return values.includes(null) ? null : !decisive
}

function rounded(value: Scalar, type: ValueType, round: (value: number) => number, up: bigint): Scalar {
  if (typeof value === 'number') return round(value)
  if (type.type !== 'decimal') return value
  const unit = 10n ** BigInt(type.scale)
  const digits = value as bigint
  const rest = ((digits % unit) + unit) % unit
  return (digits - rest) / unit + (rest === 0n ? 0n : up)
}

function datePart(name: string, micros: bigint): bigint {
  const millis = micros / 1000n - (micros % 1000n < 0n ? 1n : 0n)
  const date = new Date(Number(millis))
  const parts: Readonly<Record<string, number>> = {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    day_of_week: date.getUTCDay() || 7,
  }
  return BigInt(parts[name]!)
}
