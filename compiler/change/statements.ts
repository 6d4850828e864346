/** Which statements of a thing changed: those of its own, by what the hashes in the manifests say. */
import type { Change, StatementChange } from './change.ts'
import type { Compared } from './manifest.ts'

type Statements = Readonly<Record<string, object>>

/** Each statement before with the same one after: of the dialect and of the kind. */
export function statementChanges(
  old: Statements | null,
  made: Statements | null,
  { before: { artefacts: hashesBefore }, after: { artefacts: hashesAfter } }: Compared,
): StatementChange[] {
  const before = pathsOf(old)
  const after = pathsOf(made)
  const changes: StatementChange[] = []
  for (const [kind, path] of after) {
    const was = before.get(kind)
    if (was === undefined) changes.push({ path, change: 'added', was: null })
    else if (hashesBefore[was] !== hashesAfter[path])
      changes.push({ path, change: 'changed', was: was === path ? null : was })
  }
  for (const [kind, path] of before) if (!after.has(kind)) changes.push({ path, change: 'removed', was: null })
  return changes
}

function pathsOf(statements: Statements | null): Map<string, string> {
  const paths = new Map<string, string>()
  for (const [dialect, kinds] of Object.entries(statements ?? {}))
    for (const [kind, path] of Object.entries(kinds))
      if (typeof path === 'string') paths.set(`${dialect} ${kind}`, path)
  return paths
}

/** What runs and belongs to none of the changes: `indexes.sql` of a dialect, the functions of on-demand views. */
export function otherStatements({ before, after }: Compared, changes: readonly Change[]): StatementChange[] {
  const own = new Set(changes.flatMap(({ statements }) => statements.flatMap(({ path, was }) => [path, was])))
  const paths = [...new Set([...Object.keys(before.artefacts), ...Object.keys(after.artefacts)])]
  return paths
    .filter(path => /\.sql$|^on-demand\.mjs$/.test(path) && !own.has(path))
    .filter(path => before.artefacts[path] !== after.artefacts[path])
    .sort()
    .map(path => ({
      path,
      change:
        before.artefacts[path] === undefined ? 'added' : after.artefacts[path] === undefined ? 'removed' : 'changed',
      was: null,
    }))
}
