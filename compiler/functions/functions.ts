/** The functions of on-demand views, compiled: what is emitted, what fingerprints cover, and what is wrong with them. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { transform } from 'esbuild'
import type { ts } from 'ts-morph'
import type { OnDemandFeatureViewDefinition } from '../../dsl/index.ts'
import { isComplete } from '../check/complete.ts'
import { diagnostic } from '../diagnostics/codes.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Loaded, LoadedDefinition } from '../load/evaluate.ts'
import { bundleErrors } from '../load/failure.ts'
import type { Locator } from '../load/locate.ts'
import { identityOf, nothingVerified, type Verified } from '../verify/verified.ts'
import { bundleFunctions, type FunctionBundle, functionsName, type ViewFunctions } from './bundle.ts'
import { checkPurity } from './check.ts'
import { identityOfCode } from './identity.ts'
import { type Module, parseModule } from './module.ts'
import { reach } from './reach.ts'
import { checkReturnTypes } from './return-types.ts'

export interface Functions {
  /** Statements that declare the functions of each view, by feature, in `<view>__functions`. */
  readonly code: string
  /** What the functions of a view do, as text, by view: equal text, equal functions. */
  readonly identities: ReadonlyMap<string, string>
  readonly diagnostics: readonly Diagnostic[]
}

const none: Functions = { code: '', identities: new Map(), diagnostics: [] }

export interface FunctionOptions {
  /** The project's folder. */
  readonly root: string
  /** What was found sound before. */
  readonly verified?: Verified
}

export async function compileFunctions(
  loaded: Loaded,
  locator: Locator,
  { root, verified = nothingVerified }: FunctionOptions,
): Promise<Functions> {
  // Names that are none, or are taken, are reported as that.
  const views = loaded.definitions
    .filter(isOnDemand)
    .filter(
      ({ definition: { name } }, index, all) =>
        /^[A-Za-z]\w*$/.test(name) && all.findIndex(other => other.definition.name === name) === index,
    )
  if (views.length === 0) return none
  // What is built on something missing cannot be looked at.
  if (!loaded.definitions.every(({ definition }) => isComplete(definition))) return none
  const diagnostics: Diagnostic[] = []
  const found = views.map(({ definition, ...reference }): ViewFunctions => {
    const features = Object.keys(definition.features).flatMap(name => {
      const place = locator.functionOf(reference, name)
      if (place) return [{ name, place }]
      const parameters = { feature: name, view: definition.name }
      diagnostics.push(diagnostic('on-demand.not-in-place', parameters, locator.place(reference, ['features', name])))
      return []
    })
    return { view: definition.name, definition, file: reference.file, features }
  })
  let bundle: FunctionBundle
  try {
    bundle = await bundleFunctions(root, found)
  } catch (error) {
    return { ...none, diagnostics: [...diagnostics, ...bundleErrors(error, root)] }
  }
  const module = await parseModule(bundle.text)
  const objects = new Map(found.map(({ view }) => [view, statementOf(module, functionsName(view))]))
  const identities = await identitiesOf(
    bundle,
    found.map(({ view }) => view),
  )
  diagnostics.push(...checkPurity(module, bundle, found, objects), ...(await typesOf(loaded, root, found, verified)))
  return { code: codeOf(module, bundle, objects), identities, diagnostics }
}

/** Comments are gone first: the bundler keeps some, and puts parentheses around what they stand before. */
async function identitiesOf(bundle: FunctionBundle, views: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { code } = await transform(bundle.text, { minifyWhitespace: true, format: 'esm', charset: 'utf8' })
  const module = await parseModule(code)
  return new Map(
    views.map(view => {
      const statement = statementOf(module, functionsName(view))
      return [view, identityOfCode(module, [statement, ...reach(module, [statement]).keys()])]
    }),
  )
}

/** Types depend on the text of the author's files; packages and the compiler are the affair of who keeps `verified`. */
async function typesOf(
  { inputs }: Loaded,
  root: string,
  views: readonly ViewFunctions[],
  verified: Verified,
): Promise<Diagnostic[]> {
  const identity = identityOf(
    'return types',
    inputs.map(file => [file, readFileSync(resolve(root, file), 'utf8')]),
  )
  if (verified.has(identity)) return []
  const problems = await checkReturnTypes(root, views)
  if (problems.length === 0) verified.add(identity)
  return problems
}

function isOnDemand(
  item: LoadedDefinition,
): item is LoadedDefinition & { readonly definition: OnDemandFeatureViewDefinition } {
  return item.definition.kind === 'on_demand_feature_view'
}

/** The statement that declares the functions of a view. */
function statementOf({ ts, statements }: Module, name: string): ts.Statement {
  for (const statement of statements) {
    if (!ts.isVariableStatement(statement)) continue
    if (statement.declarationList.declarations.some(declaration => declaration.name.getText() === name))
      return statement
  }
  throw new Error(`the bundle lacks ${name}`)
}

/** What the functions need of the bundle, in its order, with the file that each piece is from. */
function codeOf(module: Module, bundle: FunctionBundle, objects: ReadonlyMap<string, ts.Statement>): string {
  const roots = [...objects.values()]
  const needed = new Set<ts.Statement>([...reach(module, roots).keys(), ...roots])
  const parts: string[] = []
  let last: string | null = null
  for (const statement of module.statements) {
    if (!needed.has(statement)) continue
    const start = statement.getStart(module.source)
    const file = bundle.file(module.source.getLineAndCharacterOfPosition(start).line)
    if (file !== null && file !== last) parts.push(`${parts.length === 0 ? '' : '\n'}// ${nameOf(file)}`)
    last = file
    parts.push(module.source.text.slice(start, statement.getEnd()))
  }
  return parts.join('\n')
}

/** Of a package's file without the way to it, which is another on each machine. */
function nameOf(file: string): string {
  return file.split('node_modules/').at(-1) ?? file
}
