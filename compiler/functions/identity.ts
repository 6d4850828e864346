/**
 * Code as what it does: its tokens, without comments and spaces, variables by the order in which they appear. The names
 * of variables say nothing, since a bundler gives others where two files have the same one.
 */
import type { ts } from 'ts-morph'
import type { Module } from './module.ts'

export function identityOfCode(module: Module, nodes: Iterable<ts.Node>): string {
  const { ts } = module
  const numbers = new Map<ts.Symbol, string>()
  const tokens: string[] = []
  const nameOf = (identifier: ts.Identifier): string => {
    const symbol = isVariable(ts, identifier) ? module.symbolOf(identifier) : null
    if (!symbol) return identifier.text
    const known = numbers.get(symbol) ?? `$${numbers.size}`
    numbers.set(symbol, known)
    return known
  }
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      const { parent } = node
      const shorthand =
        (ts.isShorthandPropertyAssignment(parent) && parent.name === node) ||
        (ts.isBindingElement(parent) && !parent.propertyName && ts.isObjectBindingPattern(parent.parent))
      tokens.push(shorthand ? `${node.text} : ${nameOf(node)}` : nameOf(node))
      return
    }
    const children = node.getChildren(module.source).filter(child => !ts.isJSDoc(child))
    if (children.length > 0) for (const child of children) visit(child)
    else if (node.kind !== ts.SyntaxKind.SyntaxList) tokens.push(node.getText(module.source))
  }
  for (const node of nodes) visit(node)
  return tokens.join(' ')
}

/** Whether it names a variable, and not a property. */
function isVariable(ts: Module['ts'], node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.name !== node
  if (ts.isBindingElement(parent)) return parent.propertyName !== node
  if (ts.isPropertyAssignment(parent)) return parent.name !== node
  return !(ts.isMethodDeclaration(parent) || ts.isPropertyDeclaration(parent) || ts.isAccessor(parent))
}
