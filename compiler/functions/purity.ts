/**
 * Whether functions depend on nothing but their argument. Looked at is the bundle, since all that they use is in it; what
 * is declared nowhere there is JavaScript's own.
 */
import type { ts } from 'ts-morph'
import { type Change, changesBy, outlives, sourceOf } from './changes.ts'
import { type Cause, causeOfModule, changing, impure, impureMethods, pure } from './globals.ts'
import type { Missing } from './inputs.ts'
import type { Module } from './module.ts'
import { isCommonJs, isDefinition, isOurs, specifierOf } from './statements.ts'

export type Problem = { readonly node: ts.Node } & (
  | { readonly kind: 'impure'; readonly cause: Cause }
  | { readonly kind: 'undeclared' | 'definition' | 'argument'; readonly name: string }
  /** `of`: what is the same for all changes of one variable. */
  | { readonly kind: 'state'; readonly name: string; readonly of: object }
  | { readonly kind: 'async' | 'generator' }
  | { readonly kind: 'commonjs'; readonly name: string }
  | ({ readonly kind: 'missing' } & Missing)
)

/** What is wrong with a piece of code by itself. `given`: the parameters that hold what the features of a row share. */
export function problemsIn(module: Module, root: ts.Node, given: ReadonlySet<ts.Node>): Problem[] {
  const { ts } = module
  const problems: Problem[] = []
  for (const identifier of module.references(root)) problems.push(...problemsOfName(module, identifier))
  const visit = (node: ts.Node): void => {
    for (const change of changesBy(ts, node)) problems.push(...problemsOfChange(module, change, given))
    if (ts.isFunctionLike(node) && isAsync(ts, node)) problems.push({ kind: 'async', node })
    else if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier))
      problems.push({ kind: 'async', node })
    else if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword)
      problems.push({ kind: 'impure', cause: 'environment', node })
    else if (ts.isCallExpression(node)) problems.push(...problemsOfCall(module, node))
    else if (ts.isPropertyAccessExpression(node) && node.name.text === 'constructor')
      problems.push({ kind: 'impure', cause: 'code', node })
    ts.forEachChild(node, visit)
  }
  visit(root)
  return problems
}

function problemsOfName(module: Module, identifier: ts.Identifier): Problem[] {
  const { ts } = module
  const symbol = module.symbolOf(identifier)
  if (!symbol) return problemsOfGlobal(ts, identifier)
  const statement = module.statementOf(symbol)
  if (!statement) return []
  const name = identifier.text
  if (ts.isImportDeclaration(statement)) {
    const specifier = specifierOf(statement)
    if (isOurs(specifier)) return [{ kind: 'definition', name, node: identifier }]
    return [{ kind: 'impure', cause: causeOfModule(specifier), node: wholeOf(ts, identifier) }]
  }
  if (isCommonJs(module, statement)) return [{ kind: 'commonjs', name, node: identifier }]
  return isDefinition(module, statement) ? [{ kind: 'definition', name, node: identifier }] : []
}

function problemsOfGlobal(ts: Module['ts'], identifier: ts.Identifier): Problem[] {
  const { text: name, parent } = identifier
  const member = ts.isPropertyAccessExpression(parent) ? parent.name.text : null
  const whole = wholeOf(ts, identifier)
  if (name === 'Math') {
    if (member === null) return [{ kind: 'impure', cause: 'unclear', node: identifier }]
    return member === 'random' ? [{ kind: 'impure', cause: 'random', node: whole }] : []
  }
  if (name === 'Date') {
    const cause = causeOfDate(ts, identifier, member)
    const node = ts.isNewExpression(parent) || ts.isCallExpression(parent) ? parent : whole
    return cause === null ? [] : [{ kind: 'impure', cause, node }]
  }
  if (pure.has(name)) return []
  const cause = impure.get(name)
  if (cause !== undefined) return [{ kind: 'impure', cause, node: whole }]
  return [{ kind: 'undeclared', name, node: identifier }]
}

/** The call or the property that a name is used for. */
function wholeOf(ts: Module['ts'], identifier: ts.Identifier): ts.Node {
  const { parent } = identifier
  const member = ts.isPropertyAccessExpression(parent) && parent.expression === identifier ? parent : identifier
  const around = member.parent
  const isCallee = (ts.isCallExpression(around) || ts.isNewExpression(around)) && around.expression === member
  return isCallee ? around : member
}

/** A date of an instant is fine; of nothing, it is now; of parts, it is in the machine's time zone. */
function causeOfDate(ts: Module['ts'], identifier: ts.Identifier, member: string | null): Cause | null {
  const { parent } = identifier
  if (member !== null) return member === 'UTC' || member === 'parse' || member === 'prototype' ? null : 'clock'
  if (ts.isNewExpression(parent) && parent.expression === identifier) {
    const { arguments: given = [] } = parent
    if (given.length === 0) return 'clock'
    return given.length > 1 || given.some(argument => ts.isSpreadElement(argument)) ? 'parts' : null
  }
  if (ts.isCallExpression(parent) && parent.expression === identifier) return 'clock'
  const isTest = ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword
  return isTest ? null : 'unclear'
}

function problemsOfCall(module: Module, node: ts.CallExpression): Problem[] {
  const { ts } = module
  const { expression } = node
  if (expression.kind === ts.SyntaxKind.ImportKeyword) return [{ kind: 'impure', cause: 'code', node }]
  if (!ts.isPropertyAccessExpression(expression)) return []
  const { name, expression: target } = expression
  const cause = impureMethods.get(name.text)
  if (cause !== undefined) return [{ kind: 'impure', cause, node }]
  // With g or y, where a match ended is kept in the expression.
  if ((name.text === 'test' || name.text === 'exec') && ts.isIdentifier(target)) {
    const declaration = module.symbolOf(target)?.declarations?.[0]
    const kept = declaration && ts.isVariableDeclaration(declaration) ? declaration.initializer : undefined
    const atTop = declaration && !ts.findAncestor(declaration, ts.isFunctionLike)
    if (atTop && kept && ts.isRegularExpressionLiteral(kept) && /[gy][a-z]*$/.test(kept.text))
      return [{ kind: 'state', name: target.text, of: declaration, node }]
  }
  return []
}

function problemsOfChange(module: Module, change: Change, given: ReadonlySet<ts.Node>): Problem[] {
  const { ts } = module
  const { root, node, reassigned, method } = change
  if (!ts.isIdentifier(root))
    return outlives(module, change) ? [{ kind: 'state', name: 'this', of: classAround(ts, node), node }] : []
  const symbol = module.symbolOf(root)
  if (!symbol) return reassigned ? [{ kind: 'undeclared', name: root.text, node: root }] : []
  const source = sourceOf(module, root)
  const parameter = source?.declarations
    ?.map(one => ts.findAncestor(one, ts.isParameter))
    .find(one => one !== undefined)
  if (parameter && given.has(parameter)) {
    if (reassigned || (method !== null && !changing.has(method) && method !== 'assign')) return []
    return [{ kind: 'argument', name: root.text, node }]
  }
  return outlives(module, change) ? [{ kind: 'state', name: root.text, of: source ?? symbol, node }] : []
}

function classAround(ts: Module['ts'], node: ts.Node): ts.Node {
  return ts.findAncestor(node, ts.isClassLike) ?? node
}

function isAsync(ts: Module['ts'], node: ts.SignatureDeclaration): boolean {
  return (
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some(modifier => modifier.kind === ts.SyntaxKind.AsyncKeyword)
  )
}
