/** The locator's words for parts of an expression: which of the equal ones it is, in reading order, and of how many. */
import type { Expression } from '../../dsl/index.ts'
import { signatures } from './signatures.ts'

export interface Parts {
  readonly search: 'literal' | 'method'
  readonly text: string
  readonly nodes: readonly Expression[]
}

/** @example partOf(second, methodsOf(root, 'plus')) // 'method@2/2:plus' */
export function partOf(node: Expression, { search, text, nodes }: Parts): string {
  return `${search}@${nodes.indexOf(node) + 1}/${nodes.length}:${text}`
}

export function literalsOf(root: Expression, text: string): Parts {
  const nodes = inReadingOrder(root).filter(node => node.kind === 'literal' && String(node.value) === text)
  return { search: 'literal', text, nodes }
}

export function methodsOf(root: Expression, text: string): Parts {
  const nodes = inReadingOrder(root).filter(node => node.kind === 'call' && signatures[node.function].written === text)
  return { search: 'method', text, nodes }
}

/** A method stands after what it is called on and before its arguments; `when` stands before all of them. */
function inReadingOrder(node: Expression): readonly Expression[] {
  if (node.kind !== 'call') return [node]
  const args = node.arguments.map(inReadingOrder)
  if (node.function === 'case') return [node, ...args.flat()]
  // `to.secondsSince(from)` is seconds_between(from, to).
  const [first = [], ...rest] = node.function === 'seconds_between' ? args.toReversed() : args
  return [...first, node, ...rest.flat()]
}
