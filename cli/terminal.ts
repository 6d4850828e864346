/** The terminal: data to stdout, everything else to stderr, colours and bars only where a person looks. */
import { SingleBar } from 'cli-progress'
import picocolors from 'picocolors'
import type { Palette } from '../compiler/diagnostics/render.ts'

/** What a program reads. */
export function data(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
}

/** What a person reads. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** picocolors itself respects NO_COLOR; it looks at stdout, and our colours go to stderr. */
export const colors = picocolors.createColors(
  process.stderr.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb',
)

export const palette: Palette = {
  error: text => colors.red(colors.bold(text)),
  warning: text => colors.yellow(colors.bold(text)),
  strong: colors.bold,
  faint: colors.dim,
  related: colors.cyan,
}

export interface Progress {
  readonly update: ((progress: { readonly fraction: number }) => void) | undefined
  stop(): void
}

/** A bar for long work, on a terminal only. */
export function progress(title: string): Progress {
  if (process.stderr.isTTY !== true) return { update: undefined, stop: () => {} }
  const bar = new SingleBar({
    format: `${title} {bar} {percentage}%  {duration}s`,
    hideCursor: true,
    clearOnComplete: true,
  })
  bar.start(1, 0)
  return { update: ({ fraction }) => bar.update(fraction), stop: () => bar.stop() }
}

/** For data that a person may look at: only where stdout is a terminal. */
export const dataColors = picocolors.createColors(
  process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb',
)

/** Rows under a heading, each column as wide as its widest cell; numbers to the right. */
export function table(heading: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [heading, ...rows].map(row =>
    row.map(cell => (typeof cell === 'number' ? cell.toLocaleString('en-US') : cell)),
  )
  const widths = heading.map((_, column) => Math.max(...cells.map(row => row[column]?.length ?? 0)))
  const right = heading.map((_, column) => rows.length > 0 && rows.every(row => typeof row[column] === 'number'))
  return cells
    .map(row =>
      row
        .map((cell, column) => (right[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

export function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`
}

/** JSON of any value that a getter returns: int64 as text, instants as ISO 8601, bytes in base64. */
export function json(value: unknown, indent?: number): string {
  const convert = (_key: string, inner: unknown): unknown => {
    if (typeof inner === 'bigint') return inner.toString()
    if (typeof inner === 'number' && !Number.isFinite(inner)) return String(inner)
    if (inner instanceof Float32Array) return Array.from(inner)
    if (inner instanceof Error) return inner.message
    if (inner instanceof Uint8Array) return Buffer.from(inner).toString('base64')
    return inner
  }
  return JSON.stringify(value, convert, indent)
}
