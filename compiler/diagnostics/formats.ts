/** Diagnostics for machines. */
import type { Diagnostic } from './diagnostic.ts'

/** Workflow commands that GitHub shows as annotations in a pull request. `prefix`: the project's folder in the repository. */
export function renderGithub(diagnostics: readonly Diagnostic[], prefix = ''): string {
  return diagnostics.map(diagnostic => `${annotation(diagnostic, prefix)}\n`).join('')
}

function annotation({ code, severity, message, label, place, notes }: Diagnostic, prefix: string): string {
  const properties = place
    ? { file: prefix + place.file, line: place.line, col: place.column, title: code }
    : { title: code }
  return githubCommand(severity, properties, [message, ...(label ? [label] : []), ...notes].join('\n'))
}

/** One workflow command: an annotation of a file, or of the run. */
export function githubCommand(
  severity: 'error' | 'warning' | 'notice',
  properties: Readonly<Record<string, string | number>>,
  text: string,
): string {
  const list = Object.entries(properties).map(([key, value]) => `${key}=${escapeProperty(String(value))}`)
  return `::${severity} ${list.join(',')}::${escapeData(text)}`
}

// GitHub reads a command up to the end of its line, and a property up to the next comma or colon.
const escapeData = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
const escapeProperty = (text: string): string => escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')

/** One JSON object: `{ "diagnostics": [...] }`. */
export function renderJson(diagnostics: readonly Diagnostic[]): string {
  return `${JSON.stringify({ diagnostics }, null, 2)}\n`
}
