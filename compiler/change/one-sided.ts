import type { Change } from './change.ts'
import type { Pair } from './rename.ts'

/** Of something that is in one build only. */
export function oneSided(
  { before, after }: Pair<{ readonly name: string }>,
  common: Pick<Change, 'kind' | 'features' | 'cost' | 'statements'>,
): Change {
  const { name } = (after ?? before) as { readonly name: string }
  return { ...common, name, was: null, change: after ? 'added' : 'removed', effect: null, reasons: [], because: [] }
}
