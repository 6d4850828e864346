/** The floors of the house: who may import whom, and how long a file may be. */
import { readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ts } from 'ts-morph'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

interface Import {
  readonly from: string
  /** A path from the root for a file, otherwise the specifier as written. */
  readonly to: string
  readonly kind: 'file' | 'builtin' | 'package' | 'self' | 'computed'
  readonly typeOnly: boolean
}

function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && /\.m?[jt]s$/.test(entry.name))
    .map(entry => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort()
}

/** Whether nothing of it is left when the types are gone. */
function onlyTypes(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) {
    const named = node.exportClause && ts.isNamedExports(node.exportClause) ? node.exportClause.elements : null
    return node.isTypeOnly || (named !== null && named.length > 0 && named.every(({ isTypeOnly }) => isTypeOnly))
  }
  const clause = node.importClause
  if (!clause) return false
  if (clause.isTypeOnly) return true
  const named = clause.namedBindings && ts.isNamedImports(clause.namedBindings) ? clause.namedBindings.elements : null
  return !clause.name && named !== null && named.length > 0 && named.every(({ isTypeOnly }) => isTypeOnly)
}

function importsOf(file: string, text = readFileSync(join(root, file), 'utf8')): Import[] {
  const found: Import[] = []
  const add = (specifier: ts.Node | undefined, typeOnly: boolean) => {
    if (!specifier || !ts.isStringLiteralLike(specifier)) {
      found.push({ from: file, to: 'an expression', kind: 'computed', typeOnly })
      return
    }
    const { text: name } = specifier
    const to = name.startsWith('.') ? posix.join(posix.dirname(file), name) : name
    const self = name === 'meridian' || name.startsWith('meridian/')
    const kind = name.startsWith('.') ? 'file' : self ? 'self' : isBuiltin(name) ? 'builtin' : 'package'
    found.push({ from: file, to, kind, typeOnly })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, onlyTypes(node))
    else if (ts.isExportDeclaration(node)) node.moduleSpecifier && add(node.moduleSpecifier, onlyTypes(node))
    else if (ts.isImportTypeNode(node))
      add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, false))
  return found
}

/** The imports of the folder that the rule does not allow, as `from -> to`. */
function violations(folder: string, allowed: (imported: Import) => boolean): string[] {
  const files = filesIn(folder)
  assert.ok(files.length > 0, `${folder}/ has files`)
  return files
    .flatMap(file => importsOf(file))
    .filter(imported => !allowed(imported))
    .map(({ from, to }) => `${from} -> ${to}`)
}

const inside = (to: string, folder: string): boolean => to.startsWith(`${folder}/`)
/** What users install with us: development packages are not there. */
const installed = ({ kind, to }: Import): boolean =>
  kind === 'builtin' || (kind === 'package' && Object.keys(dependencies).some(name => to === name || inside(to, name)))

test('dsl imports nothing outside dsl', () => {
  assert.equal(
    violations('dsl', ({ kind, to }) => kind === 'file' && inside(to, 'dsl')),
    [],
  )
})

test('runtime/contract.ts imports nothing', () => {
  assert.equal(importsOf('runtime/contract.ts'), [])
})

test('compiler imports dsl, packages, and types of runtime/contract', () => {
  const allowed = (imported: Import): boolean =>
    installed(imported) ||
    (imported.kind === 'file' && (inside(imported.to, 'compiler') || inside(imported.to, 'dsl'))) ||
    (imported.to === 'runtime/contract.ts' && imported.typeOnly) ||
    // The definitions themselves.
    (imported.kind === 'computed' && imported.from === 'compiler/load/evaluate.ts')
  assert.equal(violations('compiler', allowed), [])
})

test('runtime imports itself and packages', () => {
  const allowed = (imported: Import): boolean =>
    installed(imported) ||
    (imported.kind === 'file' && inside(imported.to, 'runtime')) ||
    // The codecs of a generated folder.
    (imported.kind === 'computed' && imported.from === 'runtime/artefacts.ts')
  assert.equal(violations('runtime', allowed), [])
})

test('cli imports the house and packages, never tests or examples', () => {
  const floors = ['cli', 'dsl', 'compiler', 'runtime']
  const allowed = (imported: Import): boolean =>
    installed(imported) ||
    imported.kind === 'computed' ||
    (imported.kind === 'file' && floors.some(floor => inside(imported.to, floor)))
  assert.equal(violations('cli', allowed), [])
})

test('testing imports the house and packages, but for the command', () => {
  const floors = ['testing', 'dsl', 'compiler', 'runtime']
  const allowed = (imported: Import): boolean =>
    installed(imported) || (imported.kind === 'file' && floors.some(floor => inside(imported.to, floor)))
  assert.equal(violations('testing', allowed), [])
})

test('generated imports meridian/runtime and itself', () => {
  const allowed = ({ from, to, kind }: Import): boolean =>
    to === 'meridian/runtime' || (kind === 'file' && inside(to, from.split('/').slice(0, 2).join('/')))
  assert.equal(violations('generated', allowed), [])
})

test('a generated codec, or module of functions, imports nothing: its hash covers all that runs', () => {
  const codecs = ['generated', 'test/golden'].flatMap(filesIn).filter(file => /(\.codec|on-demand)\.mjs$/.test(file))
  assert.ok(codecs.length > 10)
  assert.equal(
    codecs.flatMap(file => importsOf(file)),
    [],
  )
})

test('a dialect is imported by its own folder and the list of dialects only', () => {
  const dialect = /^compiler\/dialects\/[^/]+\//
  const allowed = ({ from, to }: Import): boolean =>
    !dialect.test(to) || from === 'compiler/dialects/index.ts' || dialect.exec(from)?.[0] === dialect.exec(to)?.[0]
  assert.equal(violations('compiler', allowed), [])
})

test('a file of more than 300 lines says in its header why it is one file', () => {
  const folders = ['dsl', 'compiler', 'runtime', 'testing', 'cli', 'test', 'bench', 'examples', 'tools']
  const long = folders.flatMap(filesIn).filter(file => {
    const text = readFileSync(join(root, file), 'utf8')
    const header = /^(#!.*\n)?\/\*\*[\s\S]*?\*\//.exec(text)?.[0] ?? ''
    return text.split('\n').length - 1 > 300 && !/one file because/i.test(header.replace(/\s*\n \*\s*/g, ' '))
  })
  assert.equal(long, [])
})

test('the walk sees every form of import', () => {
  const text = `
    import type { A } from './a.ts'
    import { type B } from './b.ts'
    import { type C, c } from './c.ts'
    import './d.ts'
    export { e } from '../e.ts'
    export type { F } from 'f'
    type G = import('node:fs').Stats
    const h = await import('meridian/runtime')
    const i = await import(h)`
  assert.equal(
    importsOf('dsl/x.ts', text).map(({ to, kind, typeOnly }) => `${to} ${kind}${typeOnly ? ' type' : ''}`),
    [
      'dsl/a.ts file type',
      'dsl/b.ts file type',
      'dsl/c.ts file',
      'dsl/d.ts file',
      'e.ts file',
      'f package type',
      'node:fs builtin type',
      'meridian/runtime self',
      'an expression computed',
    ],
  )
})

test.run()
