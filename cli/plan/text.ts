/** A plan for a terminal. */
import type { Change, StatementChange } from '../../compiler/change/change.ts'
import type { PlanReport } from '../plan.ts'
import { dataColors as colors } from '../terminal.ts'
import { backfills, effectOf, featureWords, kinds, reasonsOf, rowsOf, summaryOf } from './words.ts'

const paint = {
  added: colors.green,
  removed: colors.red,
  renamed: colors.cyan,
  changed: colors.yellow,
  affected: colors.dim,
} as const

/** `withDiffs`: each statement that changed, with its lines. */
export function textOf(plan: PlanReport, withDiffs: boolean): string {
  const lines = [colors.bold(`${plan.project}, against ${plan.against}`), '']
  for (const change of plan.changes) lines.push(...changeLines(change, plan, withDiffs), '')
  if (plan.otherStatements.length > 0)
    lines.push('other statements', ...indented(statementLines(plan.otherStatements, plan, withDiffs)), '')
  if (plan.breaking.length > 0) {
    lines.push(colors.red('breaking for clients'))
    for (const { message, of } of plan.breaking) lines.push(`  ${message} ${colors.dim(`(${of.join(', ')})`)}`)
    lines.push('')
  }
  lines.push(`${plan.project}: ${summaryOf(plan)}`)
  return `${lines.join('\n')}\n`
}

function changeLines(change: Change, plan: PlanReport, withDiffs: boolean): string[] {
  const { kind, name, cost, features } = change
  const effect = effectOf(change)
  const heading = `${paint[change.change](change.change.padEnd(8))} ${kinds[kind]} ${colors.bold(name)}`
  return [
    effect === change.change ? heading : `${heading}  ${effect}`,
    ...indented([
      ...reasonsOf(change),
      ...features.map(feature => featureWords(feature)),
      ...(cost?.write ? [`to write  ${rowsOf(cost.write, plan)}, ${cost.write.pattern}`] : []),
      ...(cost?.orphan
        ? [`orphaned  ${rowsOf(cost.orphan, plan)}, ${cost.orphan.pattern}: they expire by themselves`]
        : []),
      ...(cost?.backfill === 'before' ? [`backfill  ${backfills.before(name)}, before the new build is served`] : []),
      ...(cost?.backfill === 'full'
        ? [`backfill  ${backfills.full(name)}: stored rows stay as they are until then`]
        : []),
      ...statementLines(change.statements, plan, withDiffs),
    ]),
  ]
}

function statementLines(statements: readonly StatementChange[], { diffs }: PlanReport, withDiffs: boolean): string[] {
  return statements.flatMap(({ path, change, was }) => {
    const diff = diffs.get(path)
    if (!diff) return [colors.dim(`${path} ${change}`)]
    const size = diff.onlyComments
      ? 'comments only'
      : `${colors.green(`+${diff.added}`)} ${colors.red(`-${diff.removed}`)}`
    const heading = `${colors.dim(was === null ? path : `${path}, was ${was}`)} ${size}`
    return withDiffs ? [heading, ...indented(diff.patch.trimEnd().split('\n').map(painted))] : [heading]
  })
}

function painted(line: string): string {
  return line.startsWith('+') ? colors.green(line) : line.startsWith('-') ? colors.red(line) : line
}

const indented = (lines: readonly string[]): string[] => lines.map(line => (line === '' ? '' : `         ${line}`))
