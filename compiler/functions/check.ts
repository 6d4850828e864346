/** What functions do that they may not, as diagnostics: at the place where they do it, with the feature whose function it is. */
import type { ts } from 'ts-morph'
import { diagnostic } from '../diagnostics/codes.ts'
import type { Diagnostic, Related } from '../diagnostics/diagnostic.ts'
import type { FunctionBundle, ViewFunctions } from './bundle.ts'
import { causes } from './globals.ts'
import { argumentOf, missingInputs } from './inputs.ts'
import type { Module } from './module.ts'
import { type Problem, problemsIn } from './purity.ts'
import { reach } from './reach.ts'
import { isBundlers, isCommonJs, isDefinition } from './statements.ts'

interface Subject {
  readonly feature: string
  readonly view: string
}

export function checkPurity(
  module: Module,
  bundle: FunctionBundle,
  views: readonly ViewFunctions[],
  objects: ReadonlyMap<string, ts.Statement>,
): Diagnostic[] {
  const { ts, source } = module
  const diagnostics: Diagnostic[] = []
  // What several features use is reported once, for the first of them.
  const seen = new Map<ts.Statement, 'used' | 'filling'>()
  // A variable that is changed in many places is one mistake.
  const changed = new Set<object>()
  const report = (problem: Problem, subject: Subject, related: readonly Related[]): void => {
    if (problem.kind === 'state' && changed.has(problem.of)) return
    if (problem.kind === 'state') changed.add(problem.of)
    const start = problem.node.getStart(source)
    const { line, character } = source.getLineAndCharacterOfPosition(start)
    const text = problem.node.getText(source)
    const origin = bundle.origin(line, character, text)
    const written = shortened(origin?.text.length === text.length ? origin.text : text)
    diagnostics.push(diagnosticOf(problem, subject, written, origin?.place ?? null, related))
  }
  const isLeftOut = (statement: ts.Statement): boolean =>
    ts.isImportDeclaration(statement) ||
    isDefinition(module, statement) ||
    isCommonJs(module, statement) ||
    isBundlers(module, statement)
  for (const { view, definition, features } of views) {
    const names = argumentOf(definition)
    const object = objects.get(view)
    for (const { name: feature, place } of features) {
      const own = object && propertyOf(ts, object, feature)
      if (!own) throw new Error(`the bundle lacks ${feature} of ${view}`)
      const subject = { feature, view }
      const entry = functionOf(module, own)
      const given = new Set<ts.Node>(entry?.parameters ?? [])
      for (const problem of problemsIn(module, own, given)) report(problem, subject, [])
      const [parameter] = entry?.parameters ?? []
      const missing = parameter ? missingInputs(module, parameter, names) : []
      for (const one of missing) report({ kind: 'missing', ...one }, subject, [])
      if (entry?.asteriskToken) report({ kind: 'generator', node: entry }, subject, [])
      const related = [{ message: `feature "${feature}" of view "${view}" uses it`, place }]
      for (const [statement, kind] of reach(module, [own], isLeftOut)) {
        if (seen.get(statement) === 'used' || seen.get(statement) === kind) continue
        seen.set(statement, kind)
        // What fills a table does that once.
        for (const problem of problemsIn(module, statement, given))
          if (problem.kind !== 'state' || kind === 'used') report(problem, subject, related)
      }
    }
  }
  return diagnostics
}

function propertyOf(ts: Module['ts'], statement: ts.Statement, feature: string): ts.Expression | null {
  if (!ts.isVariableStatement(statement)) return null
  for (const { initializer } of statement.declarationList.declarations) {
    if (!initializer || !ts.isObjectLiteralExpression(initializer)) continue
    for (const property of initializer.properties) {
      const key = property.name
      if (!key || !(ts.isIdentifier(key) || ts.isStringLiteral(key)) || key.text !== feature) continue
      if (ts.isPropertyAssignment(property)) return property.initializer
      if (ts.isShorthandPropertyAssignment(property)) return property.name
    }
  }
  return null
}

type FunctionNode = ts.ArrowFunction | ts.FunctionExpression | ts.FunctionDeclaration

/** The function that an expression is, or names. */
function functionOf(module: Module, expression: ts.Expression): FunctionNode | null {
  const { ts } = module
  if (ts.isArrowFunction(expression) || ts.isFunctionExpression(expression)) return expression
  if (!ts.isIdentifier(expression)) return null
  const [declaration] = module.symbolOf(expression)?.declarations ?? []
  if (declaration && ts.isFunctionDeclaration(declaration)) return declaration
  const value = declaration && ts.isVariableDeclaration(declaration) ? declaration.initializer : undefined
  return value ? functionOf(module, value) : null
}

function diagnosticOf(
  problem: Problem,
  { feature, view }: Subject,
  expression: string,
  place: Diagnostic['place'],
  related: readonly Related[],
): Diagnostic {
  const subject = `feature "${feature}" of view "${view}"`
  switch (problem.kind) {
    case 'impure':
      return diagnostic('on-demand.impure', { subject, expression, ...causes[problem.cause] }, place, related)
    case 'state':
      return diagnostic('on-demand.state', { subject, name: problem.name }, place, related)
    case 'argument':
      return diagnostic('on-demand.argument', { subject, name: problem.name }, place, related)
    case 'undeclared':
      return diagnostic('on-demand.undeclared', { subject, name: problem.name }, place, related)
    case 'definition':
      return diagnostic('on-demand.definition', { subject, name: problem.name }, place, related)
    case 'missing': {
      const { owner, name, available } = problem
      return diagnostic('on-demand.missing-input', { subject, owner, name, available }, place, related)
    }
    case 'commonjs':
      return diagnostic('on-demand.commonjs', { subject }, place, related)
    case 'async':
    case 'generator':
      return diagnostic('on-demand.asynchronous', { subject, generator: problem.kind === 'generator' }, place, related)
    default:
      return problem satisfies never
  }
}

/** On one line, and no longer than that. */
function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  return line.length > 60 ? `${line.slice(0, 59)}…` : line
}
