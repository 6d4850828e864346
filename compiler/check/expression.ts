/** Row expressions get their types here, and constants the type their place asks for. */
import type { Expression, LiteralValue, ValueType } from '../../dsl/index.ts'
import type { TypedExpression } from '../catalog/catalog.ts'
import { canonicalLiteral, decimalTypeOf, literalType } from '../catalog/literal.ts'
import { literalsOf, methodsOf, partOf } from './part.ts'
import { isNumber, type Signature, signatures, unify } from './signatures.ts'
import { typeText } from './type-text.ts'

/** What is wrong with an expression. `part` is the locator's word for where: `literal@1/1:1.5`, `method@2/3:plus`. */
export type ExpressionProblem =
  | { readonly kind: 'unknown-column'; readonly column: string }
  | { readonly kind: 'type'; readonly message: string; readonly part: string }
  /** The expression is sound, but its type is not the one its place asks for. */
  | { readonly kind: 'unexpected'; readonly expected: ValueType; readonly actual: ValueType }

export interface ResolvedExpression {
  /** Null where there are problems. */
  readonly typed: TypedExpression | null
  readonly problems: readonly ExpressionProblem[]
}

type Columns = Readonly<Record<string, ValueType>>
type Literal = Extract<Expression, { readonly kind: 'literal' }>
type Call = Extract<Expression, { readonly kind: 'call' }>

/**
 * The expression with its types, or every problem in it. One mistake is one problem: what depends on it says nothing.
 *
 * @example
 * resolveExpression({ kind: 'column', name: 'delay' }, { delay: { type: 'int32' } }).typed?.type // { type: 'int32' }
 */
export function resolveExpression(expression: Expression, columns: Columns, expected?: ValueType): ResolvedExpression {
  const problems: ExpressionProblem[] = []
  const typed = resolve(expression, { root: expression, columns, problems }, expected ?? null)
  if (typed && expected && typeText(typed.type) !== typeText(expected)) {
    problems.push({ kind: 'unexpected', expected, actual: typed.type })
  }
  return problems.length === 0 ? { typed, problems } : { typed: null, problems }
}

interface Context {
  /** The whole expression, among whose parts a mistake is counted. */
  readonly root: Expression
  readonly columns: Columns
  readonly problems: ExpressionProblem[]
}

function resolve(expression: Expression, context: Context, expected: ValueType | null): TypedExpression | null {
  switch (expression.kind) {
    case 'column': {
      const { name } = expression
      const type = Object.hasOwn(context.columns, name) ? context.columns[name] : undefined
      if (type) return { kind: 'column', name, type }
      context.problems.push({ kind: 'unknown-column', column: name })
      return null
    }
    case 'literal':
      return literal(expression, expected, context)
    case 'call':
      return call(expression, context)
    default:
      return expression satisfies never
  }
}

function literal(node: Literal, expected: ValueType | null, context: Context): TypedExpression | null {
  const { value } = node
  const type = expected ?? literalType(value)
  const canonical = type ? canonicalLiteral(value, type) : undefined
  if (type && canonical !== undefined) return { kind: 'literal', value: canonical, type }
  const message = type ? `${literalText(value)} is not ${article(typeText(type))}` : untyped(value)
  context.problems.push({ kind: 'type', message, part: partOf(node, literalsOf(context.root, String(value))) })
  return null
}

const untyped = (value: LiteralValue): string =>
  value === null ? 'null alone has no type' : `${literalText(value)} is no constant of any type`

function call(node: Call, context: Context): TypedExpression | null {
  const { function: name, arguments: args } = node
  const signature = signatures[name]
  const [least, most] = signature.arity
  const problem = (message: string): null => {
    context.problems.push({ kind: 'type', message, part: partOf(node, methodsOf(context.root, signature.written)) })
    return null
  }
  // The first argument is what the method is called on.
  if (args.length < least || args.length > most) {
    return problem(`'${signature.written}' takes ${count(least - 1)}, not ${args.length - 1}`)
  }
  const typed = resolveArguments(signature, args, context, problem)
  if (typed.some(argument => argument === null)) return null
  const resolved = typed as TypedExpression[]
  for (const [index, { type }] of resolved.entries()) {
    const parameter = signature.parameter(index, args.length)
    if (typeof parameter !== 'object' || typeText(parameter) === typeText(type)) continue
    return problem(`'${signature.written}' takes ${article(typeText(parameter))}, not ${article(typeText(type))}`)
  }
  const result = signature.result(resolved.map(({ type }) => type))
  if ('problem' in result) return problem(`'${signature.written}' ${result.problem}`)
  return { kind: 'call', function: name, arguments: resolved, type: result }
}

function resolveArguments(
  signature: Signature,
  args: readonly Expression[],
  context: Context,
  problem: (message: string) => null,
): readonly (TypedExpression | null)[] {
  const parameters = args.map((_, index) => signature.parameter(index, args.length))
  const typed = args.map((argument, index) => {
    const parameter = parameters[index]
    if (argument.kind === 'literal' && parameter === 'same') return undefined
    return resolve(argument, context, typeof parameter === 'object' ? parameter : null)
  })
  if (typed.some(argument => argument === null)) return [null]
  const common = commonType(
    typed.filter((argument, index) => argument && parameters[index] === 'same') as TypedExpression[],
  )
  // Before the constants beside it: of `origin.plus(1)`, `origin` is the mistake, not the 1.
  const unfit = common && signature.operands(common)
  if (unfit) return [problem(`'${signature.written}' ${unfit}`)]
  const constants = args.flatMap((argument, index) =>
    typed[index] === undefined && argument.kind === 'literal' ? [argument.value] : [],
  )
  const fallback = common ?? constantsType(constants)
  return args.map((argument, index) => {
    if (argument.kind !== 'literal' || typed[index] !== undefined) return typed[index] ?? null
    return literal(argument, constantType(argument.value, fallback, signature.fixedResult), context)
  })
}

/** The first type where they do not unify: the function's own rule then says what is wrong. */
function commonType(typed: readonly TypedExpression[]): ValueType | null {
  return typed.reduce<ValueType | null>((common, { type }) => (common ? (unify(common, type) ?? common) : type), null)
}

function constantsType(values: readonly LiteralValue[]): ValueType | null {
  return values.reduce<ValueType | null>((common, value) => {
    const type = literalType(value)
    return common && type ? (unify(common, type) ?? common) : (common ?? type)
  }, null)
}

/**
 * A constant takes the type it stands beside. A number that this type cannot hold keeps its own: `delay.times(1.5)`.
 * Except beside an int64 that reads as a bigint, where that would change the TypeScript type the definition shows.
 */
function constantType(value: LiteralValue, beside: ValueType | null, fixedResult: boolean): ValueType | null {
  if (!beside || canonicalLiteral(value, beside) !== undefined || !isNumber(beside)) return beside
  if (beside.type === 'decimal') return decimalTypeOf(value) ?? beside
  const own = literalType(value)
  if (!own || !isNumber(own)) return beside
  const exact = beside.type === 'int64' && beside.as === 'bigint' && !fixedResult
  return exact ? beside : own
}

const count = (n: number): string => `${n} argument${n === 1 ? '' : 's'}`

/** A constant as TypeScript text. */
export function literalText(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : value.toISOString()
  if (typeof value === 'function') return 'a function'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

export const article = (noun: string): string => (/^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`)
