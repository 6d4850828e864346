/** The bundle of all functions, parsed: which statement declares a name, and which names a piece of code refers to. */
import type { ts } from 'ts-morph'

type Ts = typeof ts

export interface Module {
  readonly ts: Ts
  readonly source: ts.SourceFile
  readonly statements: readonly ts.Statement[]
  /** What an identifier stands for; null for what is declared nowhere in the bundle. */
  symbolOf(identifier: ts.Identifier): ts.Symbol | null
  /** The statement at the top that declares it; null for parameters and local variables. */
  statementOf(symbol: ts.Symbol): ts.Statement | null
  /** The identifiers in a piece of code that are read or written: no declarations, no names of properties. */
  references(node: ts.Node): readonly ts.Identifier[]
}

export async function parseModule(text: string): Promise<Module> {
  const { ts } = await import('ts-morph')
  // As JavaScript: `f(a < b, c > (d))` is something else in TypeScript.
  const name = '/on-demand.mjs'
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.ESNext, true)
  const program = ts.createProgram(
    [name],
    { allowJs: true, noLib: true, noResolve: true, types: [], target: ts.ScriptTarget.ESNext },
    {
      getSourceFile: path => (path === name ? source : undefined),
      fileExists: path => path === name,
      readFile: path => (path === name ? text : undefined),
      getDefaultLibFileName: () => '',
      getCurrentDirectory: () => '/',
      getCanonicalFileName: path => path,
      useCaseSensitiveFileNames: () => true,
      getNewLine: () => '\n',
      writeFile: () => {},
    },
  )
  const checker = program.getTypeChecker()
  const top = new Map<ts.Symbol, ts.Statement>()
  for (const statement of source.statements)
    for (const identifier of declaredBy(ts, statement)) {
      const symbol = checker.getSymbolAtLocation(identifier)
      if (symbol) top.set(symbol, statement)
    }
  const symbolOf = (identifier: ts.Identifier): ts.Symbol | null => {
    const { parent } = identifier
    const symbol =
      ts.isShorthandPropertyAssignment(parent) && parent.name === identifier
        ? checker.getShorthandAssignmentValueSymbol(parent)
        : checker.getSymbolAtLocation(identifier)
    return symbol?.declarations?.some(declaration => declaration.getSourceFile() === source) ? symbol : null
  }
  const known = new Map<ts.Node, readonly ts.Identifier[]>()
  return {
    ts,
    source,
    statements: source.statements,
    symbolOf,
    statementOf: symbol => top.get(symbol) ?? null,
    references(node) {
      const found = known.get(node) ?? referencesIn(ts, node)
      known.set(node, found)
      return found
    },
  }
}

function declaredBy(ts: Ts, statement: ts.Statement): readonly ts.Identifier[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) => bound(ts, name))
  if ((ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) && statement.name)
    return [statement.name]
  if (ts.isImportDeclaration(statement)) {
    const { name, namedBindings } = statement.importClause ?? {}
    const named = !namedBindings
      ? []
      : ts.isNamespaceImport(namedBindings)
        ? [namedBindings.name]
        : namedBindings.elements.map(element => element.name)
    return [...(name ? [name] : []), ...named]
  }
  return []
}

function bound(ts: Ts, name: ts.BindingName): readonly ts.Identifier[] {
  if (ts.isIdentifier(name)) return [name]
  return name.elements.flatMap(element => (ts.isOmittedExpression(element) ? [] : bound(ts, element.name)))
}

function referencesIn(ts: Ts, root: ts.Node): readonly ts.Identifier[] {
  const found: ts.Identifier[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && isReference(ts, node)) found.push(node)
    ts.forEachChild(node, visit)
  }
  visit(root)
  return found
}

function isReference(ts: Ts, node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isBindingElement(parent)) return parent.initializer === node
  if (ts.isVariableDeclaration(parent) || ts.isParameter(parent)) return parent.initializer === node
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node
  if (ts.isPropertyDeclaration(parent)) return parent.initializer === node
  if (ts.isShorthandPropertyAssignment(parent)) return true
  if (ts.isFunctionLike(parent) || ts.isClassLike(parent)) {
    // An arrow's body; the name of a function or class, or of a method, is a declaration.
    return ts.isArrowFunction(parent) && parent.body === node
  }
  return !(
    ts.isLabeledStatement(parent) ||
    ts.isBreakOrContinueStatement(parent) ||
    ts.isMetaProperty(parent) ||
    ts.isImportSpecifier(parent) ||
    ts.isImportClause(parent) ||
    ts.isNamespaceImport(parent) ||
    ts.isExportSpecifier(parent)
  )
}
