/** What a piece of the bundle needs: the statements that declare what it refers to, and what those need. */
import type { ts } from 'ts-morph'
import { changesBy, sourceOf } from './changes.ts'
import type { Module } from './module.ts'

/** A statement is used by the code itself, or only by what fills its tables, once, before it runs. */
export type Reached = ReadonlyMap<ts.Statement, 'used' | 'filling'>

/** The statements that code needs, in the order in which it comes to them, but for those that are left out. */
export function reach(
  module: Module,
  roots: readonly ts.Node[],
  isLeftOut: (statement: ts.Statement) => boolean = () => false,
): Reached {
  const reached = new Map<ts.Statement, 'used' | 'filling'>()
  const follow = (node: ts.Node, kind: 'used' | 'filling'): void => {
    for (const statement of declaring(module, node)) {
      if (reached.has(statement) || isLeftOut(statement)) continue
      reached.set(statement, kind)
      follow(statement, kind)
    }
  }
  for (const root of roots) follow(root, 'used')
  // What fills a table at the top is as much part of it as its declaration.
  for (let grown = true; grown; ) {
    grown = false
    for (const statement of module.statements) {
      if (reached.has(statement) || !fills(module, statement, reached)) continue
      reached.set(statement, 'filling')
      follow(statement, 'filling')
      grown = true
    }
  }
  return reached
}

function* declaring(module: Module, node: ts.Node): Generator<ts.Statement> {
  for (const identifier of module.references(node)) {
    const symbol = module.symbolOf(identifier)
    const statement = symbol && module.statementOf(symbol)
    if (statement) yield statement
  }
}

/** Whether a statement at the top does something to one of the variables that were reached, by itself or by what it calls. */
function fills(module: Module, statement: ts.Statement, reached: Reached): boolean {
  const { ts } = module
  if (
    ts.isVariableStatement(statement) ||
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isImportDeclaration(statement) ||
    ts.isExportDeclaration(statement)
  )
    return false
  const isVariable = (declared: ts.Statement | null): boolean =>
    declared !== null && reached.has(declared) && !ts.isFunctionDeclaration(declared)
  for (const declared of declaring(module, statement)) if (isVariable(declared)) return true
  const seen = new Set<ts.Statement>()
  const touches = (node: ts.Node): boolean =>
    changesBy(ts, node).some(({ root }) => ts.isIdentifier(root) && isVariable(declarationOf(module, root))) ||
    (ts.isCallExpression(node) &&
      node.arguments.some(argument => ts.isIdentifier(argument) && isVariable(declarationOf(module, argument)))) ||
    (ts.forEachChild(node, child => touches(child) || undefined) ?? false)
  const calls = (node: ts.Node): boolean => {
    for (const declared of declaring(module, node)) {
      if (seen.has(declared)) continue
      seen.add(declared)
      if (touches(declared) || calls(declared)) return true
    }
    return false
  }
  return calls(statement)
}

function declarationOf(module: Module, identifier: ts.Identifier): ts.Statement | null {
  const symbol = sourceOf(module, identifier)
  return symbol && module.statementOf(symbol)
}
