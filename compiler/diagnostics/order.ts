import type { Diagnostic } from './diagnostic.ts'

/** By file and place, those without a place first; then by code. Equal ones once. */
export function inOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const key = ({ place }: Diagnostic): readonly [string, number, number] =>
    place ? [place.file, place.start, place.end] : ['', -1, -1]
  const sorted = diagnostics.toSorted((a, b) => {
    const [fileA, startA, endA] = key(a)
    const [fileB, startB, endB] = key(b)
    return (
      byCode(fileA, fileB) || startA - startB || endA - endB || byCode(a.code, b.code) || byCode(a.message, b.message)
    )
  })
  const same = (a: Diagnostic, b: Diagnostic | undefined): boolean =>
    a.code === b?.code && a.message === b.message && key(a).join() === key(b).join()
  return sorted.filter((item, index) => !same(item, sorted[index - 1]))
}

/** By code units, never by locale. */
function byCode(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
