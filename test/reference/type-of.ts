/** The type of an expression. Constants have none of their own: they take the type of what they stand beside. */
import type { Expression, ValueType } from '../../dsl/index.ts'
import { scaleOf } from './scalar.ts'

export type Columns = Readonly<Record<string, ValueType>>

const boolean: ValueType = { type: 'boolean' }
const int32: ValueType = { type: 'int32' }
const float64: ValueType = { type: 'float64' }
const text: ValueType = { type: 'string' }

/** The type two numbers have in common; any other two types are the same. */
export function common(a: ValueType, b: ValueType): ValueType {
  if (a.type === 'float64' || b.type === 'float64') return float64
  if (a.type === 'decimal' || b.type === 'decimal') {
    return { type: 'decimal', precision: 38, scale: Math.max(scaleOf(a), scaleOf(b)) }
  }
  return a.type === 'int64' ? a : b
}

/** What several expressions have in common; null if all are constants. */
export function commonType(expressions: readonly Expression[], columns: Columns): ValueType | null {
  const own = expressions.map(expression => typeOf(expression, columns)).filter(type => type !== null)
  if (own.length === 0) return null
  const beside = own.reduce(common)
  return expressions.flatMap(expression => constantType(expression, beside) ?? []).reduce(common, beside)
}

/** The types of arguments that stand beside each other. */
export function argumentTypes(args: readonly Expression[], columns: Columns): readonly (ValueType | null)[] {
  const own = args.map(argument => typeOf(argument, columns))
  const known = own.filter(type => type !== null)
  if (known.length === 0) return own
  const beside = known.reduce(common)
  return args.map((argument, index) => own[index] ?? constantType(argument, beside) ?? beside)
}

/** A number takes the type it stands beside, or one of its own if that cannot hold it. Null for null and for what is no constant. */
function constantType(expression: Expression, beside: ValueType): ValueType | null {
  if (expression.kind !== 'literal' || expression.value === null) return null
  const { value } = expression
  if (beside.type === 'decimal') {
    const decimals = /\.(\d*?)0*$/.exec(String(value))?.[1]?.length ?? 0
    return decimals > beside.scale ? { type: 'decimal', precision: 38, scale: decimals } : beside
  }
  if (beside.type !== 'int32' && beside.type !== 'int64') return beside
  if (!Number.isInteger(Number(value))) return float64
  if (beside.type === 'int32' && BigInt.asIntN(32, BigInt(value as number)) !== BigInt(value as number)) {
    return { type: 'int64', as: typeof value === 'bigint' ? 'bigint' : 'number' }
  }
  return beside
}

/** The values a `case` chooses from: every second argument, and the last. */
export function caseValues(args: readonly Expression[]): readonly Expression[] {
  return args.filter((_, index) => index % 2 === 1 || index === args.length - 1)
}

/** Null for a constant. */
export function typeOf(expression: Expression, columns: Columns): ValueType | null {
  if (expression.kind === 'literal') return null
  if (expression.kind === 'column') {
    const type = columns[expression.name]
    if (!type) throw new TypeError(`no column ${expression.name}`)
    return type
  }
  const args = expression.arguments
  const first = () => typeOf(args[0]!, columns)
  switch (expression.function) {
    case 'add':
    case 'subtract':
      return commonType(args, columns)
    case 'multiply': {
      const type = commonType(args, columns)
      if (type?.type !== 'decimal') return type
      const scale = argumentTypes(args, columns).reduce((sum, argument) => sum + scaleOf(argument!), 0)
      return { ...type, precision: 38, scale }
    }
    case 'modulo':
    case 'coalesce':
      return commonType(args, columns)
    case 'case':
      return commonType(caseValues(args), columns) ?? text
    case 'negate':
    case 'abs':
      return first()
    case 'floor':
    case 'ceil': {
      const type = first()
      return type?.type === 'decimal' ? { type: 'decimal', precision: 38, scale: 0 } : type
    }
    case 'divide':
    case 'seconds_between':
      return float64
    case 'concat':
    case 'lower':
    case 'upper':
    case 'trim':
    case 'substring':
      return text
    case 'length':
    case 'year':
    case 'month':
    case 'day':
    case 'hour':
    case 'minute':
    case 'day_of_week':
      return int32
    default:
      return boolean
  }
}
