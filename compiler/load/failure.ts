/** What esbuild and the user's own code complain about, as diagnostics with places. */
import { existsSync, readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { relative, resolve, sep } from 'node:path'
import type { BuildFailure, Message } from 'esbuild'
import { diagnostic } from '../diagnostics/codes.ts'
import type { Diagnostic, Place } from '../diagnostics/diagnostic.ts'
import { placeAt, placeOfWord } from '../diagnostics/place.ts'
import type { Bundle } from './bundle.ts'

/** Rethrows what is no complaint about the user's files. */
export function bundleErrors(error: unknown, root: string): readonly Diagnostic[] {
  const errors = (error as Partial<BuildFailure> | null)?.errors
  if (!Array.isArray(errors) || errors.length === 0) throw error
  return (errors as readonly Message[]).map(message => {
    const problem = message.text.charAt(0).toLowerCase() + message.text.slice(1)
    const code = message.text.startsWith('Could not resolve') ? 'load.import' : 'load.syntax'
    return diagnostic(code, { problem }, messagePlace(message, root))
  })
}

function messagePlace({ location }: Message, root: string): Place | null {
  if (!location || !existsSync(resolve(root, location.file))) return null
  const text = readFileSync(resolve(root, location.file), 'utf8')
  // esbuild counts bytes of UTF-8, editors count UTF-16.
  const line = Buffer.from(location.lineText)
  const column = line.subarray(0, location.column).toString().length
  const length = line.subarray(location.column, location.column + location.length).toString().length
  const start = placeOfWord(location.file, text, location.line, column + 1).start
  return placeAt(location.file, text, start, start + length)
}

/** What evaluation threw, at the nearest line of the user's own files. */
export function evaluationError(error: unknown, bundle: Bundle, root: string): Diagnostic {
  const problem = error instanceof Error ? `${error.name}: ${error.message}` : `thrown: ${String(error)}`
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  return diagnostic('load.evaluation', { problem }, stackPlace(stack, bundle, root))
}

function stackPlace(stack: string, bundle: Bundle, root: string): Place | null {
  const map = new SourceMap(JSON.parse(bundle.map))
  for (const [, line, column] of stack.matchAll(/definitions\.mjs(?:\?[^:]*)?:(\d+):(\d+)/g)) {
    const entry = map.findEntry(Number(line) - 1, Number(column) - 1)
    if (!('originalSource' in entry)) continue
    const file = relative(root, resolve(root, entry.originalSource)).split(sep).join('/')
    if (!bundle.files.includes(file)) continue
    const text = readFileSync(resolve(root, file), 'utf8')
    return placeOfWord(file, text, entry.originalLine + 1, entry.originalColumn + 1)
  }
  return null
}
