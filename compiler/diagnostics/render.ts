/** Diagnostics as text for a terminal: the source line, the characters underlined, what to do. */
import type { Diagnostic, Place } from './diagnostic.ts'

type Paint = (text: string) => string

/** How to colour each part; `plain` for what is no terminal. */
export interface Palette {
  readonly error: Paint
  readonly warning: Paint
  /** The message. */
  readonly strong: Paint
  /** Line numbers and the frame. */
  readonly faint: Paint
  /** What is underlined for context. */
  readonly related: Paint
}

const same: Paint = text => text
export const plain: Palette = { error: same, warning: same, strong: same, faint: same, related: same }

export interface RenderOptions {
  /** The text of a file of a place; null where it cannot be read, and then the frame is left out. */
  readonly read: (file: string) => string | null
  readonly palette?: Palette
  /** Stands before file names: the project's folder, as seen from where the command runs. */
  readonly prefix?: string
}

/** Each diagnostic framed, with an empty line between two. Ends with a line feed unless there is none. */
export function render(diagnostics: readonly Diagnostic[], options: RenderOptions): string {
  return diagnostics.map(diagnostic => `${frame(diagnostic, options).join('\n')}\n`).join('\n')
}

function frame(diagnostic: Diagnostic, { read, palette = plain, prefix = '' }: RenderOptions): readonly string[] {
  const { code, severity, message, label, place, related, notes } = diagnostic
  const paint = palette[severity]
  const places = [place, ...related.map(other => other.place)].filter(item => item !== null)
  const width = Math.max(1, ...places.map(({ line }) => String(line).length))
  const bar = palette.faint(`${' '.repeat(width + 1)}|`)
  const excerpt = (at: Place, mark: string, text: string | null, color: Paint): readonly string[] => {
    const line = read(at.file)?.split('\n')[at.line - 1]?.replace(/\r$/, '')
    if (line === undefined) return text ? [`${bar} ${color(text)}`] : []
    const under = underline(line, at, mark)
    return [
      bar,
      `${palette.faint(`${String(at.line).padStart(width)} |`)} ${line}`.trimEnd(),
      `${bar} ${under.before}${color(text ? `${under.marks} ${text}` : under.marks)}`,
    ]
  }
  const where = (arrow: string, at: Place): string =>
    `${palette.faint(`${' '.repeat(width)}${arrow}`)} ${prefix}${at.file}:${at.line}:${at.column}`
  return [
    `${paint(`${severity} ${code}`)}${palette.strong(`: ${message}`)}`,
    ...(place ? [where('-->', place), ...excerpt(place, '^', label, paint)] : []),
    ...related.flatMap(other =>
      other.place
        ? [where(':::', other.place), ...excerpt(other.place, '-', other.message, palette.related)]
        : [`${palette.faint(`${' '.repeat(width + 1)}=`)} ${other.message}`],
    ),
    ...notes.map(note => `${palette.faint(`${' '.repeat(width + 1)}=`)} ${note}`),
  ]
}

/** Characters that terminals print two columns wide. */
const wide =
  /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}|[\u3000-\u303f\uff01-\uff60]/gu

/** Marks under the place's characters, as far as they are on its first line. Tabs stay tabs, so that they line up. */
function underline(line: string, { column, start, end }: Place, mark: string) {
  const before = line
    .slice(0, column - 1)
    .replace(wide, '  ')
    .replace(/[^\t]/gu, ' ')
  const length = [...line.slice(column - 1, column - 1 + end - start).replace(wide, '  ')].length
  return { before, marks: mark.repeat(Math.max(1, length)) }
}
