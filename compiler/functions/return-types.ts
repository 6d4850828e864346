/**
 * What functions return, by TypeScript's own checker: the editor says the same, but nothing makes an author look. The
 * checker is asked about the functions only, not about the rest of the files.
 */

import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ts } from 'ts-morph'
import { diagnostic } from '../diagnostics/codes.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { placeAt } from '../diagnostics/place.ts'
import type { ViewFunctions } from './bundle.ts'

// The builders' types stand beside the compiler, as sources here and as declarations in the package.
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'd.ts'
const builders = fileURLToPath(new URL(`../../dsl/index.${extension}`, import.meta.url))

/** Takes about a second: loading the checker, the libraries' declarations, and inferring the types of the views. */
export async function checkReturnTypes(root: string, views: readonly ViewFunctions[]): Promise<Diagnostic[]> {
  const { Project, ts } = await import('ts-morph')
  const project = new Project({
    skipAddingFilesFromTsConfig: true,
    skipFileDependencyResolution: true,
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      lib: ['lib.es2023.d.ts'],
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      strict: true,
      noEmit: true,
      allowJs: true,
      allowImportingTsExtensions: true,
      resolveJsonModule: true,
      types: [],
      paths: { meridian: [builders] },
    },
  })
  for (const { file } of views) project.addSourceFileAtPathIfExists(resolve(root, file))
  const program = project.getProgram().compilerObject
  const checker = program.getTypeChecker()
  return views.flatMap(({ view, file, features }) => {
    const source = program.getSourceFile(resolve(root, file))
    if (!source) return []
    return features.flatMap(({ name, place }) => {
      const node = expressionAt(ts, source, place.start, place.end)
      // What waits, or yields, is reported as that.
      if (node && isOther(ts, node)) return []
      const expected = node && returned(checker, checker.getContextualType(node))
      const actual = node && returned(checker, checker.getTypeAtLocation(node))
      if (!node || !expected || !actual || checker.isTypeAssignableTo(actual, expected)) return []
      const at = resultOf(ts, node)
      const parameters = {
        subject: `feature "${name}" of view "${view}"`,
        actual: checker.typeToString(actual, node),
        declared: checker.typeToString(expected, node),
      }
      const here = placeAt(file, source.text, at.getStart(source), at.getEnd())
      return [diagnostic('on-demand.return-type', parameters, here)]
    })
  })
}

/** What calls of a type give; null where it is not one function. */
function returned(checker: ts.TypeChecker, type: ts.Type | undefined): ts.Type | null {
  const signatures = type?.getCallSignatures() ?? []
  return signatures.length === 1 && signatures[0] ? checker.getReturnTypeOfSignature(signatures[0]) : null
}

function expressionAt(typescript: typeof ts, source: ts.SourceFile, start: number, end: number): ts.Expression | null {
  const find = (node: ts.Node): ts.Node | undefined => {
    if (node.getStart(source) === start && node.getEnd() === end) return node
    return typescript.forEachChild(node, child => (child.pos <= start && child.end >= end ? find(child) : undefined))
  }
  return (find(source) as ts.Expression | undefined) ?? null
}

function isOther(typescript: typeof ts, node: ts.Expression): boolean {
  if (!typescript.isArrowFunction(node) && !typescript.isFunctionExpression(node)) return false
  const isAsync = node.modifiers?.some(({ kind }) => kind === typescript.SyntaxKind.AsyncKeyword)
  return isAsync === true || node.asteriskToken !== undefined
}

/** The expression that a function returns, where it is nothing but one; else the function. */
function resultOf(typescript: typeof ts, node: ts.Expression): ts.Node {
  const body = typescript.isArrowFunction(node) ? node.body : null
  return body && !typescript.isBlock(body) ? body : node
}
