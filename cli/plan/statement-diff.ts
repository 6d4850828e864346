/** What changed in a statement. */
import { createTwoFilesPatch } from 'diff'

export interface Diff {
  readonly added: number
  readonly removed: number
  /** Hunks with three lines around them, without the heading of files. */
  readonly patch: string
  /** Whether only comments changed. */
  readonly onlyComments: boolean
}

export function diffOf(was: string, path: string, before: string, after: string): Diff {
  const patch = createTwoFilesPatch(was, path, before, after, '', '', { context: 3 })
  const hunks = patch.slice(Math.max(0, patch.indexOf('@@')))
  const lines = hunks.split('\n').filter(line => /^[+-]/.test(line))
  return {
    added: lines.filter(line => line.startsWith('+')).length,
    removed: lines.filter(line => line.startsWith('-')).length,
    patch: hunks,
    onlyComments: lines.every(line => /^[+-]\s*(--.*)?$/.test(line)),
  }
}
