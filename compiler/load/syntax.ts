/** What the locator looks for in a syntax tree. Parsed only, never type checked: that would cost a second. */
import type { ts } from 'ts-morph'

type Ts = typeof ts

/** Without the parentheses, `as` and `satisfies` around it. */
export function bare(ts: Ts, node: ts.Expression): ts.Expression {
  let inner = node
  while (
    ts.isParenthesizedExpression(inner) ||
    ts.isAsExpression(inner) ||
    ts.isSatisfiesExpression(inner) ||
    ts.isNonNullExpression(inner)
  ) {
    inner = inner.expression
  }
  return inner
}

/** Which node introduces a symbol at the top of a file: a variable, a binding, or `export default`. */
export function declarationOf(ts: Ts, file: ts.SourceFile, symbol: string): ts.Node | null {
  const known = declarations.get(file) ?? declarationsOf(ts, file)
  declarations.set(file, known)
  return known.get(symbol) ?? null
}

/** A file may declare thousands. */
const declarations = new WeakMap<ts.SourceFile, ReadonlyMap<string, ts.Node>>()

function declarationsOf(ts: Ts, file: ts.SourceFile): ReadonlyMap<string, ts.Node> {
  const found = new Map<string, ts.Node>()
  const add = (symbol: string, node: ts.Node | undefined) => {
    if (node && !found.has(symbol)) found.set(symbol, node)
  }
  const bind = (node: ts.VariableDeclaration | ts.BindingElement): void => {
    if (ts.isIdentifier(node.name)) add(node.name.text, node)
    else for (const element of node.name.elements) if (!ts.isOmittedExpression(element)) bind(element)
  }
  for (const statement of file.statements)
    if (ts.isVariableStatement(statement)) for (const node of statement.declarationList.declarations) bind(node)
  // What only names something else, once all that may be named is known.
  for (const statement of file.statements) {
    if (ts.isExportAssignment(statement)) {
      const value = bare(ts, statement.expression)
      add('default', ts.isIdentifier(value) ? found.get(value.text) : statement)
    } else if (ts.isExportDeclaration(statement) && !statement.moduleSpecifier && statement.exportClause) {
      if (!ts.isNamedExports(statement.exportClause)) continue
      for (const { name, propertyName } of statement.exportClause.elements)
        if (propertyName) add(name.text, found.get(propertyName.text))
    }
  }
  return found
}

/** The call with these words in it: `source('landings', ...)`. */
export function callOf(ts: Ts, root: ts.Node, builder: string | null, name: string): ts.CallExpression | null {
  if (ts.isCallExpression(root) && (builder === null || root.expression.getText().split('.').at(-1) === builder)) {
    const first = root.arguments[0]
    if (first && ts.isStringLiteralLike(first) && first.text === name) return root
  }
  return ts.forEachChild(root, child => callOf(ts, child, builder, name) ?? undefined) ?? null
}

/** The property of an object literal, by its name. */
export function propertyOf(
  ts: Ts,
  object: ts.ObjectLiteralExpression,
  name: string,
): ts.ObjectLiteralElementLike | null {
  return (
    object.properties.find(property => {
      const key = property.name
      return key && (ts.isIdentifier(key) || ts.isStringLiteralLike(key)) && key.text === name
    }) ?? null
  )
}

/** The value of a property; a shorthand's is its name. */
export function initializerOf(ts: Ts, property: ts.ObjectLiteralElementLike): ts.Node {
  if (ts.isPropertyAssignment(property)) return bare(ts, property.initializer)
  return ts.isShorthandPropertyAssignment(property) ? property.name : property
}

/** The object literal that a function returns. */
export function returnedObject(ts: Ts, node: ts.Node): ts.ObjectLiteralExpression | null {
  if (!ts.isArrowFunction(node) && !ts.isFunctionExpression(node) && !ts.isMethodDeclaration(node)) return null
  if (!node.body) return null
  const returned = ts.isBlock(node.body)
    ? node.body.statements.findLast(statement => ts.isReturnStatement(statement))?.expression
    : node.body
  const object = returned && bare(ts, returned as ts.Expression)
  return object && ts.isObjectLiteralExpression(object) ? object : null
}

/** The call of that name in `view.as(...).pick(...)`. */
export function methodCall(ts: Ts, node: ts.Node, name: string): ts.CallExpression | null {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return null
  if (node.expression.name.text === name) return node
  return methodCall(ts, bare(ts, node.expression.expression), name)
}

/** How a function refers to a property of its first argument: `feature`, or `words.feature`. */
export function parameterProperty(ts: Ts, node: ts.Node, property: string): string | null {
  if (!ts.isArrowFunction(node) && !ts.isFunctionExpression(node) && !ts.isMethodDeclaration(node)) return null
  const name = node.parameters[0]?.name
  if (!name) return null
  if (ts.isIdentifier(name)) return `${name.text}.${property}`
  if (!ts.isObjectBindingPattern(name)) return null
  const element = name.elements.find(one => (one.propertyName ?? one.name).getText() === property)
  return element && ts.isIdentifier(element.name) ? element.name.text : null
}

/** The calls of `count().where(...).over('2h')`, by name; the first, `count()`, under `base`. */
export function chainOf(ts: Ts, expression: ts.Node): ReadonlyMap<string, ts.CallExpression> {
  const calls = new Map<string, ts.CallExpression>()
  let node: ts.Node = expression
  while (ts.isCallExpression(node)) {
    const callee: ts.Expression = bare(ts, node.expression)
    const before = ts.isPropertyAccessExpression(callee) ? bare(ts, callee.expression) : null
    if (!before || !ts.isCallExpression(before)) {
      calls.set('base', node)
      break
    }
    // The outermost call of a name is the one that took effect.
    const name = (callee as ts.PropertyAccessExpression).name.text
    if (!calls.has(name)) calls.set(name, node)
    node = before
  }
  return calls
}

export type Search = 'column' | 'literal' | 'method'

/** The columns, constants or methods of that text in an expression, in reading order. */
export function searchIn(ts: Ts, root: ts.Node, search: Search, text: string): readonly ts.Node[] {
  const nodes: ts.Node[] = []
  const visit = (node: ts.Node): void => {
    const match = found(ts, node, search, text)
    if (match) nodes.push(match)
    // The number in -5 is not a 5.
    if (!(search === 'literal' && ts.isPrefixUnaryExpression(node))) ts.forEachChild(node, visit)
  }
  visit(root)
  return nodes.sort((a, b) => a.getStart() - b.getStart())
}

function found(ts: Ts, node: ts.Node, search: Search, text: string): ts.Node | null {
  switch (search) {
    case 'column':
      // `row.delay`, `row['delay']` or the argument 'delay'
      if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression) && node.name.text === text)
        return node.name
      // `({ delay }) => ...`
      if (ts.isBindingElement(node)) {
        const key = node.propertyName ?? node.name
        return ts.isIdentifier(key) && key.text === text ? key : null
      }
      return ts.isStringLiteralLike(node) && node.text === text ? node : null
    case 'literal':
      if (ts.isPrefixUnaryExpression(node)) return node.getText().replace(/n$/, '') === text ? node : null
      if (ts.isStringLiteralLike(node) || ts.isNumericLiteral(node)) return node.text === text ? node : null
      return ts.isBigIntLiteral(node) && node.text === `${text}n` ? node : null
    case 'method':
      if (!ts.isCallExpression(node)) return null
      if (ts.isPropertyAccessExpression(node.expression) && node.expression.name.text === text)
        return node.expression.name
      return ts.isIdentifier(node.expression) && node.expression.text === text ? node.expression : null
    default:
      return search satisfies never
  }
}
