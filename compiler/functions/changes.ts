/** Where code changes something: assignments, methods that change what they are called on, and what of these outlives a call. */
import type { ts } from 'ts-morph'
import { changing, changingCollections, collections } from './globals.ts'
import type { Module } from './module.ts'
import { isDefinition } from './statements.ts'

type Ts = typeof ts

/** What is changed: a variable, or something that can be reached from it. */
export interface Change {
  readonly node: ts.Node
  readonly root: ts.Identifier | ts.ThisExpression
  /** Whether the variable itself gets another value. */
  readonly reassigned: boolean
  /** The method that changes; null for an assignment. */
  readonly method: string | null
}

/** The changes that a node makes by itself, without its parts. */
export function changesBy(ts: Ts, node: ts.Node): readonly Change[] {
  if (ts.isBinaryExpression(node) && isAssignment(ts, node.operatorToken.kind))
    return targets(ts, node.left).flatMap(target => change(ts, node, target, null))
  if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) {
    const counts = [ts.SyntaxKind.PlusPlusToken, ts.SyntaxKind.MinusMinusToken].includes(node.operator)
    return counts ? change(ts, node, node.operand, null) : []
  }
  if (ts.isDeleteExpression(node)) return change(ts, node, node.expression, null)
  if ((ts.isForOfStatement(node) || ts.isForInStatement(node)) && !ts.isVariableDeclarationList(node.initializer))
    return targets(ts, node.initializer).flatMap(target => change(ts, node.initializer, target, null))
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const { expression, name } = node.expression
    const [first] = node.arguments
    if (ts.isIdentifier(expression) && expression.text === 'Object' && changesArgument.has(name.text))
      return first ? change(ts, node, first, name.text).map(made => ({ ...made, reassigned: false })) : []
    if (changing.has(name.text) || changingCollections.has(name.text))
      return change(ts, node, expression, name.text).map(made => ({ ...made, reassigned: false }))
  }
  return []
}

const changesArgument: ReadonlySet<string> = new Set([
  'assign',
  'defineProperties',
  'defineProperty',
  'freeze',
  'setPrototypeOf',
])

function isAssignment(ts: Ts, kind: ts.SyntaxKind): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment
}

/** What a pattern on the left assigns to. */
function targets(ts: Ts, node: ts.Node): readonly ts.Node[] {
  if (ts.isArrayLiteralExpression(node)) return node.elements.flatMap(element => targets(ts, element))
  if (ts.isSpreadElement(node) || ts.isSpreadAssignment(node)) return targets(ts, node.expression)
  if (ts.isObjectLiteralExpression(node))
    return node.properties.flatMap(property => {
      if (ts.isPropertyAssignment(property)) return targets(ts, property.initializer)
      return ts.isShorthandPropertyAssignment(property) ? [property.name] : targets(ts, property)
    })
  if (ts.isBinaryExpression(node)) return targets(ts, node.left)
  return [node]
}

function change(ts: Ts, node: ts.Node, target: ts.Node, method: string | null): readonly Change[] {
  const root = rootOf(ts, target)
  return root ? [{ node, root, reassigned: root === target, method }] : []
}

/** The variable at the start of `table.rows[0].name`. */
export function rootOf(ts: Ts, node: ts.Node): Change['root'] | null {
  if (ts.isIdentifier(node)) return node
  if (node.kind === ts.SyntaxKind.ThisKeyword) return node as ts.ThisExpression
  if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node) || ts.isParenthesizedExpression(node))
    return rootOf(ts, node.expression)
  return null
}

/** The function that a piece of code belongs to; null for code at the top, which runs once. */
export function functionAround(ts: Ts, node: ts.Node): ts.SignatureDeclaration | null {
  return ts.findAncestor(node.parent, ts.isFunctionLike) ?? null
}

/**
 * Whether a change is of something that was there before the function was called and stays after it: a variable at the
 * top of a file, or of a function that ran then and returned the one that changes it.
 */
export function outlives(module: Module, { root, reassigned, method, node }: Change): boolean {
  const { ts } = module
  const inner = functionAround(ts, node)
  if (inner === null) return false
  if (!ts.isIdentifier(root)) return isOfInstanceAtTop(module, node)
  const symbol = reassigned ? module.symbolOf(root) : sourceOf(module, root)
  const declaration = symbol?.declarations?.[0]
  if (!symbol || !declaration) return false
  if (method !== null && changingCollections.has(method) && !isCollection(ts, declaration, root, node)) return false
  const owner = functionAround(ts, declaration)
  if (owner === null) return true
  if (ts.isParameter(declaration) && declaration.parent === owner && method !== null) return false
  return owner !== inner && isReturned(ts, inner, owner) && runsAtTop(module, owner)
}

/** Whether `this` may be an object that is made at the top of a file, by a class of the author's. */
function isOfInstanceAtTop(module: Module, node: ts.Node): boolean {
  const { ts } = module
  const member = ts.findAncestor(node, one => ts.isClassElement(one))
  const own = member && !ts.isConstructorDeclaration(member) && !ts.isPropertyDeclaration(member) ? member.parent : null
  if (!own || !ts.isClassLike(own)) return false
  const made = (part: ts.Node): boolean => {
    if (ts.isFunctionLike(part)) return false
    if (ts.isNewExpression(part) && ts.isIdentifier(part.expression)) {
      const [declaration] = module.symbolOf(part.expression)?.declarations ?? []
      if (
        declaration === own ||
        (declaration && ts.isVariableDeclaration(declaration) && declaration.initializer === own)
      )
        return true
    }
    return ts.forEachChild(part, child => made(child) || undefined) ?? false
  }
  return module.statements.some(made)
}

/** The variable that another one is a part of: `const { rows } = table` is changed with `table`. */
export function sourceOf(module: Module, identifier: ts.Identifier): ts.Symbol | null {
  const { ts } = module
  const symbol = module.symbolOf(identifier)
  let declaration: ts.Node | undefined = symbol?.declarations?.[0]
  while (declaration && ts.isBindingElement(declaration)) declaration = declaration.parent.parent
  if (!declaration || !ts.isVariableDeclaration(declaration) || !declaration.initializer) return symbol
  const root = rootOf(ts, declaration.initializer)
  return root && ts.isIdentifier(root) && root !== identifier ? (sourceOf(module, root) ?? symbol) : symbol
}

/** Whether what a method is called on is a Map or the like, as far as the declaration of its variable says. */
function isCollection(ts: Ts, declaration: ts.Node, root: ts.Identifier, call: ts.Node): boolean {
  if (!ts.isVariableDeclaration(declaration) || !declaration.initializer) return false
  const target =
    ts.isCallExpression(call) && ts.isPropertyAccessExpression(call.expression) ? call.expression.expression : root
  const isNew = (node: ts.Node): boolean =>
    ts.isNewExpression(node) && ts.isIdentifier(node.expression) && collections.has(node.expression.text)
  // `table.set(...)` of `const table = new Map()`
  if (target === root && ts.isIdentifier(declaration.name) && declaration.name.text === root.text)
    return isNew(declaration.initializer)
  const found = (node: ts.Node): boolean => {
    if (isNew(node)) return true
    if (ts.isFunctionLike(node)) return false
    return ts.forEachChild(node, child => found(child) || undefined) ?? false
  }
  return found(declaration.initializer)
}

/** Whether a function leaves another one that it stands in, as its result or a part of that. */
function isReturned(ts: Ts, inner: ts.Node, owner: ts.Node): boolean {
  for (let node = inner; node !== owner; node = node.parent) {
    const { parent } = node
    if (ts.isReturnStatement(parent)) return functionAround(ts, parent) === owner || isReturned(ts, parent, owner)
    if (ts.isArrowFunction(parent) && parent.body === node) return parent === owner || isReturned(ts, parent, owner)
    // Handed to a call such as that of `forEach`, it runs there and then.
    if (ts.isCallExpression(parent) && node !== parent.expression) return false
  }
  return false
}

/** Whether a function is called, or handed to something, by code at the top of a file, which runs once. */
function runsAtTop(module: Module, owner: ts.Node, above: readonly ts.Node[] = []): boolean {
  const { ts } = module
  if (above.includes(owner)) return false
  const declared =
    ts.isVariableDeclaration(owner.parent) && ts.isIdentifier(owner.parent.name) ? owner.parent.name : null
  const name = ts.isFunctionDeclaration(owner) ? owner.name : declared
  const symbol = name && module.symbolOf(name)
  const calls = (user: ts.Node): boolean => {
    const around = functionAround(ts, user)
    return around === null ? !isOfFeature(module, user) : runsAtTop(module, around, [...above, owner])
  }
  if (!symbol) return calls(owner)
  return module.references(module.source).some(reference => module.symbolOf(reference) === symbol && calls(reference))
}

/** Whether it is part of the author's definitions, or of the object that holds a view's functions: none is called there. */
function isOfFeature(module: Module, node: ts.Node): boolean {
  const { ts, source } = module
  const statement = ts.findAncestor(node, ts.isStatement)
  const top = ts.findAncestor(statement, one => one.parent === source) as ts.Statement | undefined
  return (
    top !== undefined && (isDefinition(module, top) || /^(var|const|let) \w+__functions\b/.test(top.getText(source)))
  )
}
