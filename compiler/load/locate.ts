/** Places and documentation of definitions and their parts, found in the source text. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ts } from 'ts-morph'
import type { Definition } from '../../dsl/index.ts'
import type { Place } from '../diagnostics/diagnostic.ts'
import {
  bare,
  callOf,
  chainOf,
  declarationOf,
  initializerOf,
  methodCall,
  parameterProperty,
  propertyOf,
  returnedObject,
  type Search,
  searchIn,
} from './syntax.ts'

type Ts = typeof ts

export interface Reference {
  readonly file: string
  readonly symbol: string
}

export interface Locator {
  /**
   * The characters of a definition or of a part of it; where the part cannot be found, of what is around it.
   *
   * Paths: `[]` its variable; `['name']`; an option such as `['ttl']` or `['tieBreak', '0']`, its name `['option:ttl']`; `['joinKeys', key]`;
   * `['columns', column]`, with `'type'` after it its type; `['views', '0']` and `['inputs', name]`, with `'pick', '0'`,
   * `'as', '0'` or `'as', '1', 'joinKeys', key` after it; `['features', name]`, and of a feature `'value'`, `'where'`, `'over'`,
   * `'default'`, `'type'`, `'numerator'`, `'denominator'` (which have parts themselves) and within any of them the
   * first `'column:<name>'`. Of the `'literal@<n>/<count>:<text>'` and `'method@<n>/<count>:<name>'` it is the n-th, and
   * none where the text has another number of them: then a helper function or a loop made some, and any could be meant.
   */
  place(reference: Reference, path: readonly string[]): Place | null
  /** The statement that makes a definition, with its documentation, as it stands in the file; null where it cannot be found. */
  text(reference: Reference): string | null
  /** The JSDoc text before it, without its tags; null where there is none. */
  doc(reference: Reference, path: readonly string[]): string | null
  /** Where the definition is made, for one that is not exported. */
  find(definition: Definition): Reference | null
  /**
   * The function of an on-demand feature: the second argument of `feature(...)`. Null where the features are not an object
   * literal that holds it in place.
   */
  functionOf(reference: Reference, feature: string): Place | null
}

const builders: Readonly<Record<Definition['kind'], string>> = {
  entity: 'entity',
  source: 'source',
  feature_view: 'featureView',
  sql_feature_view: 'sqlFeatureView',
  on_demand_feature_view: 'onDemandFeatureView',
  feature_service: 'featureService',
}

/** Reads files when they are first asked for. The parser is loaded here, not before: it takes a third of a second. */
export async function createLocator(root: string, files: readonly string[]): Promise<Locator> {
  const { ts } = await import('ts-morph')
  const parsed = new Map<string, ts.SourceFile | null>()
  const parse = (file: string): ts.SourceFile | null => {
    const known = parsed.get(file)
    if (known !== undefined) return known
    const source = files.includes(file) ? parseFile(ts, resolve(root, file)) : null
    parsed.set(file, source)
    return source
  }
  const definitions = new Map<string, Found>()
  const trail = ({ file, symbol }: Reference, path: readonly string[]) => {
    const source = parse(file)
    if (!source) return []
    const key = `${symbol} ${file}`
    const found = definitions.get(key) ?? definitionOf(ts, source, symbol)
    definitions.set(key, found)
    return trailOf(ts, found, path)
  }
  return {
    place(reference, path) {
      const node = trail(reference, path).at(-1)?.node
      return node ? placeOf(node, reference.file) : null
    },
    text(reference) {
      const statement = trail(reference, [])[0]?.documented
      if (!statement) return null
      const file = statement.getSourceFile()
      return file.text.slice(statement.getStart(file, true), statement.getEnd())
    },
    doc(reference, path) {
      const steps = trail(reference, path)
      // Of the part itself only: what is around it has its own documentation.
      const step = steps.length === path.length + 1 ? steps.at(-1) : undefined
      return step?.documented ? docOf(ts, step.documented) : null
    },
    functionOf(reference, feature) {
      const source = parse(reference.file)
      const node = source && functionIn(ts, source, reference.symbol, feature)
      return node ? placeOf(node, reference.file) : null
    },
    find(definition) {
      for (const file of files) {
        const source = parse(file)
        const call = source && callOf(ts, source, builders[definition.kind], definition.name)
        if (!call) continue
        let around: ts.Node = call.parent
        while (ts.isAsExpression(around) || ts.isSatisfiesExpression(around)) around = around.parent
        const variable = ts.isVariableDeclaration(around) && ts.isIdentifier(around.name) ? around.name.text : null
        return { file, symbol: variable ?? definition.name }
      }
      return null
    },
  }
}

function parseFile(ts: Ts, path: string): ts.SourceFile | null {
  if (!/\.[cm]?[jt]sx?$/.test(path)) return null
  return ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true)
}

/** One part of a path: the node to underline, and the one that JSDoc stands before. */
interface Step {
  readonly node: ts.Node
  readonly documented: ts.Node | null
}

/** Where a symbol is declared, and the call that makes what it is. */
interface Found {
  readonly declaration: ts.Node | null
  readonly call: ts.CallExpression | null
}

function definitionOf(ts: Ts, source: ts.SourceFile, symbol: string): Found {
  const declaration = declarationOf(ts, source, symbol)
  return { declaration, call: declaration ? callIn(ts, declaration) : callOf(ts, source, null, symbol) }
}

/** The steps of the path as far as they can be found; the first is the definition itself. */
function trailOf(ts: Ts, { declaration, call }: Found, path: readonly string[]): readonly Step[] {
  const named = declaration && (ts.isVariableDeclaration(declaration) || ts.isBindingElement(declaration))
  const node = named ? declaration.name : (call ?? declaration)
  if (!node) return []
  const steps: Step[] = [{ node, documented: declaration ? statementOf(ts, declaration) : null }]
  const [head, ...rest] = path
  if (!call || head === undefined) return steps
  const [name, second, third] = call.arguments
  if (head === 'name') return name ? [...steps, { node: name, documented: null }] : steps
  if (head === 'views' && second) return [...steps, ...descend(ts, bare(ts, second), rest, true)]
  const options = [second, third]
    .map(option => option && bare(ts, option))
    .find(option => option && ts.isObjectLiteralExpression(option))
  if (!options || !ts.isObjectLiteralExpression(options)) return steps
  const [, option] = /^option:(.*)$/s.exec(head) ?? []
  const property = propertyOf(ts, options, option ?? head)
  if (!property) return steps
  if (option !== undefined) return [...steps, { node: property.name ?? property, documented: null }]
  const value = initializerOf(ts, property)
  steps.push({ node: value, documented: property })
  if (head === 'features') return [...steps, ...featureTrail(ts, value, rest)]
  return [...steps, ...descend(ts, value, rest, false)]
}

function functionIn(ts: Ts, source: ts.SourceFile, symbol: string, feature: string): ts.Node | null {
  const features = trailOf(ts, definitionOf(ts, source, symbol), ['features'])[1]?.node
  const word = features && parameterProperty(ts, features, 'feature')
  const object = features && returnedObject(ts, features)
  const property = object && propertyOf(ts, object, feature)
  const base = property && chainOf(ts, initializerOf(ts, property)).get('base')
  return (base && base.expression.getText() === word && base.arguments[1]) || null
}

function callIn(ts: Ts, declaration: ts.Node): ts.CallExpression | null {
  const value =
    (ts.isVariableDeclaration(declaration) && declaration.initializer) ||
    (ts.isExportAssignment(declaration) && declaration.expression)
  const call = value ? bare(ts, value) : null
  if (call && ts.isIdentifier(call)) {
    const original = declarationOf(ts, declaration.getSourceFile(), call.text)
    return original && original !== declaration ? callIn(ts, original) : null
  }
  return call && ts.isCallExpression(call) ? call : null
}

function statementOf(ts: Ts, declaration: ts.Node): ts.Node {
  return ts.findAncestor(declaration, node => ts.isStatement(node)) ?? declaration
}

/** Into object literals by name and into arrays by index. A property with a text as value is that text, else its name. */
function descend(ts: Ts, value: ts.Node, path: readonly string[], self: boolean): readonly Step[] {
  const steps: Step[] = self ? [{ node: value, documented: null }] : []
  let node = value
  for (const key of path) {
    if (ts.isArrayLiteralExpression(node)) {
      const element = node.elements[Number(key)]
      if (!element) break
      node = bare(ts, element)
      steps.push({ node, documented: null })
    } else if (ts.isObjectLiteralExpression(node)) {
      const property = propertyOf(ts, node, key)
      if (!property) break
      node = initializerOf(ts, property)
      steps.push({ node: ts.isStringLiteralLike(node) ? node : (property.name ?? node), documented: property })
    } else if (key === 'as' || key === 'pick') {
      const call = methodCall(ts, node, key)
      if (!call) break
      node = call
      steps.push({ node, documented: null })
    } else if (key === 'type') {
      steps.push({ node, documented: null })
    } else if (ts.isCallExpression(node)) {
      const argument = node.arguments[Number(key)]
      if (!argument) break
      node = bare(ts, argument)
      steps.push({ node, documented: null })
    } else break
  }
  return steps
}

function featureTrail(ts: Ts, value: ts.Node, [name, ...path]: readonly string[]): readonly Step[] {
  const features = returnedObject(ts, value)
  const property = features && name !== undefined ? propertyOf(ts, features, name) : null
  if (!property) return []
  const steps: Step[] = [{ node: property.name ?? property, documented: property }]
  let node = initializerOf(ts, property)
  for (const part of path) {
    const next = partOf(ts, node, part)
    if (!next) break
    node = bare(ts, next as ts.Expression)
    steps.push({ node: next, documented: null })
  }
  return steps
}

function partOf(ts: Ts, node: ts.Node, part: string): ts.Node | null {
  const [, search, nth, count, text] = /^(column|literal|method)(?:@(\d+)\/(\d+))?:(.*)$/s.exec(part) ?? []
  if (search !== undefined && text !== undefined) {
    const nodes = searchIn(ts, node, search as Search, text)
    return (count === undefined || nodes.length === Number(count) ? nodes[Number(nth ?? 1) - 1] : null) ?? null
  }
  const chain = chainOf(ts, node)
  const base = chain.get('base')
  switch (part) {
    case 'value':
    case 'type':
    case 'numerator':
      return base?.arguments[0] ?? base?.expression ?? null
    case 'denominator':
      return base?.arguments[1] ?? base?.expression ?? null
    default:
      return chain.get(part)?.arguments[0] ?? null
  }
}

function placeOf(node: ts.Node, file: string): Place {
  const source = node.getSourceFile()
  const start = node.getStart(source)
  const { line, character } = source.getLineAndCharacterOfPosition(start)
  return { file, line: line + 1, column: character + 1, start, end: node.getEnd() }
}

function docOf(ts: Ts, node: ts.Node): string | null {
  const comment = ts.getJSDocCommentsAndTags(node).findLast(part => ts.isJSDoc(part))?.comment
  const text = ts.getTextOfJSDocComment(comment)?.trim()
  return text ? text : null
}
