/** Expressions as SQL text, given a dialect's spelling of functions, names and constants. */
import type { FunctionName, ValueType } from '../../dsl/index.ts'
import type { WireLiteral } from '../../runtime/contract.ts'
import type { TypedExpression } from '../catalog/catalog.ts'

export type Call = Extract<TypedExpression, { kind: 'call' }>
export type Render = (args: readonly string[], call: Call) => string

export interface Spelling {
  readonly identifier: (name: string) => string
  readonly literal: (value: WireLiteral, type: ValueType) => string
  /** An entry that is missing does not compile. */
  readonly functions: Readonly<Record<FunctionName, Render>>
}

export interface Expressions {
  /** An expression over the columns of a relation; `qualifier` is prefixed to each column. */
  expression(node: TypedExpression, qualifier?: string): string
  /** Without the parentheses that only nesting needs. */
  condition(node: TypedExpression, qualifier?: string): string
  /** A condition on `event` as one operand of AND. */
  operand(where: TypedExpression): string
}

export function expressions({ identifier, literal, functions }: Spelling): Expressions {
  const expression: Expressions['expression'] = (node, qualifier = '') => {
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
  const condition: Expressions['condition'] = (node, qualifier = '') => {
    const sql = expression(node, qualifier)
    return node.kind === 'call' && outermost(sql) ? sql.slice(1, -1) : sql
  }
  const operand: Expressions['operand'] = where => {
    const sql = condition(where, 'event.')
    return where.kind === 'call' && (where.function === 'or' || where.function === 'and') ? `(${sql})` : sql
  }
  return { expression, condition, operand }
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

export const infix =
  (operator: string): Render =>
  args =>
    `(${args.join(` ${operator} `)})`

export const named =
  (name: string): Render =>
  args =>
    `${name}(${args.join(', ')})`

/** Decimals are computed wide and cut to the declared result; integers stay as they are, so overflow fails. */
export const arithmetic =
  (operator: string, typeName: (type: ValueType) => string): Render =>
  (args, call) => {
    const operands = call.arguments.map((argument, index) =>
      call.type.type !== argument.type.type && call.type.type !== 'decimal'
        ? `${args[index]}::${typeName(call.type)}`
        : args[index],
    )
    const sql = `(${operands.join(` ${operator} `)})`
    return call.type.type === 'decimal' ? `${sql}::${typeName(call.type)}` : sql
  }
