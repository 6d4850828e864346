/** What a piece of the bundle needs: the statements that declare what it refers to, and what those need. */
import type { ts } from 'ts-morph'
import type { Module } from './module.ts'

/** The statements that code needs, in the order in which it comes to them, but for those that are left out. */
export function reach(
  module: Module,
  roots: readonly ts.Node[],
  isLeftOut: (statement: ts.Statement) => boolean = () => false,
): ReadonlySet<ts.Statement> {
  const reached = new Set<ts.Statement>()
  const follow = (node: ts.Node): void => {
    for (const identifier of module.references(node)) {
      const symbol = module.symbolOf(identifier)
      const statement = symbol && module.statementOf(symbol)
      if (!statement || reached.has(statement) || isLeftOut(statement)) continue
      reached.add(statement)
      follow(statement)
    }
  }
  for (const root of roots) follow(root)
  // What fills a table at the top is as much part of it as its declaration.
  for (let grown = true; grown; ) {
    grown = false
    for (const statement of module.statements) {
      if (reached.has(statement) || !changesReached(module, statement, reached)) continue
      reached.add(statement)
      follow(statement)
      grown = true
    }
  }
  return reached
}

/** Whether a statement at the top assigns to, calls a method of, or hands on one of the variables that were reached. */
function changesReached(module: Module, statement: ts.Statement, reached: ReadonlySet<ts.Statement>): boolean {
  const { ts } = module
  if (
    ts.isVariableStatement(statement) ||
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isImportDeclaration(statement) ||
    ts.isExportDeclaration(statement)
  )
    return false
  return module.references(statement).some(identifier => {
    const symbol = module.symbolOf(identifier)
    const declared = symbol && module.statementOf(symbol)
    // That a function is called says nothing of it.
    return declared && reached.has(declared) && !ts.isFunctionDeclaration(declared)
  })
}
