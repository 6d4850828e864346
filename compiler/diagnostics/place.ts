import type { Place } from './diagnostic.ts'

/** The place of a range of characters, by offsets from 0. */
export function placeAt(file: string, text: string, start: number, end: number): Place {
  const before = text.slice(0, start).split('\n')
  return { file, line: before.length, column: before.at(-1)!.length + 1, start, end: Math.max(start, end) }
}

/** The place of the word at a line and column (from 1), or of the one character there. */
export function placeOfWord(file: string, text: string, line: number, column: number): Place {
  const lines = text.split('\n')
  const offset = lines.slice(0, line - 1).reduce((sum, before) => sum + before.length + 1, 0) + column - 1
  const word = /^[\w$]+|^./.exec(text.slice(offset))?.[0] ?? ''
  return { file, line, column, start: offset, end: offset + word.length }
}
