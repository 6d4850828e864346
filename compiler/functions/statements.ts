/** What statements at the top of the bundle are: the author's definitions, packages of another kind, the bundler's own. */
import type { ts } from 'ts-morph'
import type { Module } from './module.ts'

/** Whether a statement declares what the author's definitions are made of, which are not there when functions run. */
export function isDefinition(module: Module, statement: ts.Statement): boolean {
  const known = definitions.get(statement)
  if (known !== undefined) return known
  // Until more is known, also to statements that this one refers to and that refer to it.
  definitions.set(statement, false)
  const found = isMadeOfOurs(module, statement)
  definitions.set(statement, found)
  return found
}

const definitions = new WeakMap<ts.Statement, boolean>()

function isMadeOfOurs(module: Module, statement: ts.Statement): boolean {
  const { ts } = module
  if (!ts.isVariableStatement(statement)) return false
  return statement.declarationList.declarations.some(({ initializer }) => {
    if (!initializer || ts.isFunctionLike(initializer) || ts.isObjectLiteralExpression(initializer)) return false
    return module.references(initializer).some(identifier => {
      const symbol = module.symbolOf(identifier)
      const declared = symbol && module.statementOf(symbol)
      if (!declared || declared === statement || ts.findAncestor(identifier, ts.isFunctionLike)) return false
      if (ts.isImportDeclaration(declared)) return isOurs(specifierOf(declared))
      return isDefinition(module, declared)
    })
  })
}

/** Whether a statement is a CommonJS module, whose state cannot be told from what it exports. */
export function isCommonJs({ ts }: Module, statement: ts.Statement): boolean {
  if (!ts.isVariableStatement(statement)) return false
  const [declaration] = statement.declarationList.declarations
  const call = declaration?.initializer
  return call !== undefined && ts.isCallExpression(call) && call.expression.getText() === '__commonJS'
}

/** What the bundler adds for its own use. */
export function isBundlers({ ts }: Module, statement: ts.Statement): boolean {
  if (!ts.isVariableStatement(statement)) return false
  return statement.declarationList.declarations.every(({ name }) =>
    /^__(defProp|defNormalProp|publicField|export|reExport|copyProps|toESM|toCommonJS|commonJS|esm|name|create|getProtoOf|getOwnProp\w+|hasOwnProp|propIsEnum|spread\w+|objRest|private\w+|require)$/.test(
      name.getText(),
    ),
  )
}

export function specifierOf({ moduleSpecifier }: ts.ImportDeclaration): string {
  return (moduleSpecifier as ts.StringLiteral).text
}

export function isOurs(specifier: string): boolean {
  return /^meridian(\/|$)/.test(specifier)
}
