/** Diagnostics, in the format that was asked for. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.ts'
import { renderGithub, renderJson } from '../compiler/diagnostics/formats.ts'
import { render } from '../compiler/diagnostics/render.ts'
import { colors, data, note, palette, plural } from './terminal.ts'

export type Format = 'pretty' | 'github' | 'json'

export function report(diagnostics: readonly Diagnostic[], root: string, prefix: string, format: Format): void {
  if (format === 'json') data(renderJson(diagnostics))
  else if (format === 'github') data(renderGithub(diagnostics, prefix))
  else pretty(diagnostics, root, prefix)
}

function pretty(diagnostics: readonly Diagnostic[], root: string, prefix: string): void {
  const read = (file: string): string | null => {
    try {
      return readFileSync(join(root, file), 'utf8')
    } catch {
      return null
    }
  }
  note(render(diagnostics, { read, palette, prefix }))
  note(colors.red(`${plural(diagnostics.length, 'error')}. Nothing was written.`))
}
