/** A plan as a comment on a pull request. */
import type { Change, StatementChange } from '../../compiler/change/change.ts'
import type { PlanReport } from '../plan.ts'
import { plural } from '../terminal.ts'
import { backfills, effectOf, featureWords, kinds, reasonsOf, rowsOf, summaryOf } from './words.ts'

/** GitHub takes comments of 65,536 characters; several projects may share one. */
const most = 40_000

export function markdownOf(plan: PlanReport): string {
  const { project, against, changes, breaking } = plan
  const parts = [`### Meridian plan: ${project}`, `Against ${code(against)}: ${summaryOf(plan)}.`]
  if (breaking.length > 0)
    parts.push(
      [
        '> [!WARNING]',
        '> **Clients must change**',
        '>',
        ...breaking.map(({ message, of }) => `> - ${quoted(message)} (${of.map(named).join(', ')})`),
      ].join('\n'),
    )
  if (changes.length > 0) parts.push(table(['', 'what', 'why'], changes.map(changeRow)))
  const stored = changes.filter(({ cost }) => cost && (cost.write || cost.orphan || cost.backfill !== 'none'))
  if (stored.length > 0)
    parts.push(
      '**The online store**',
      table(
        ['view', 'rows to write', 'rows left behind', 'what to run'],
        stored.map(change => costRow(change, plan)),
      ),
    )
  const text = parts.join('\n\n')
  const statements = statementsOf(plan, most - text.length)
  return `${statements === '' ? text : `${text}\n\n${statements}`}\n`
}

function changeRow(change: Change): string[] {
  const { kind, name, features } = change
  const effect = effectOf(change)
  const what = `${kinds[kind]} ${code(name)}`
  const why = [...reasonsOf(change).map(quoted), ...features.map(feature => quoted(featureWords(feature)))]
  return [effect === change.change ? effect : `${change.change}: **${effect}**`, what, why.join('<br>')]
}

function costRow({ name, cost }: Change, plan: PlanReport): string[] {
  const rows = (of: NonNullable<Change['cost']>['write']) => (of ? `${rowsOf(of, plan)}, ${code(of.pattern)}` : '')
  const run =
    cost?.backfill === 'before'
      ? `${code(backfills.before(name))}, before the new build is served`
      : cost?.backfill === 'full'
        ? `${code(backfills.full(name))}, since stored rows stay as they are`
        : ''
  return [code(name), rows(cost?.write ?? null), rows(cost?.orphan ?? null), run]
}

/** The statements, folded; diffs as far as there is room. */
function statementsOf({ changes, otherStatements, diffs }: PlanReport, room: number): string {
  const all = [...changes.flatMap(({ statements }) => statements), ...otherStatements]
  if (all.length === 0) return ''
  const added = [...diffs.values()].reduce((sum, diff) => sum + diff.added, 0)
  const removed = [...diffs.values()].reduce((sum, diff) => sum + diff.removed, 0)
  const sections: string[] = []
  let left = room
  let dropped = 0
  for (const statement of all) {
    const section = sectionOf(statement, diffs)
    if (section === null) continue
    if (section.length > left) dropped += 1
    else {
      sections.push(section)
      left -= section.length
    }
  }
  const whole = all.filter(({ change }) => change !== 'changed').map(({ path, change }) => `- ${code(path)} ${change}`)
  const lists = whole.join('\n').length < left ? whole : [`- ${plural(whole.length, 'file')} added or removed`]
  return [
    `<details><summary>${plural(all.length, 'statement')}, +${added} −${removed}</summary>`,
    ...sections,
    ...(lists.length > 0 ? [lists.join('\n')] : []),
    ...(dropped > 0 ? [`${plural(dropped, 'diff')} left out: this comment is full. The files have them.`] : []),
    '</details>',
  ].join('\n\n')
}

function sectionOf({ path, was }: StatementChange, diffs: PlanReport['diffs']): string | null {
  const diff = diffs.get(path)
  if (!diff) return null
  const name = was === null ? code(path) : `${code(path)}, was ${code(was)}`
  if (diff.onlyComments) return `${name}: comments only`
  const fence = diff.patch.includes('```') ? '````' : '```'
  return `${name}\n${fence}diff\n${diff.patch.trimEnd()}\n${fence}`
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(heading), line(heading.map(() => '---')), ...rows.map(line)].join('\n')
}

/** Names of ours in words: `view origin_stats`. */
function named(text: string): string {
  const at = text.lastIndexOf(' ')
  return `${text.slice(0, at + 1)}${code(text.slice(at + 1))}`
}

function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``
}

/** Words with names in them, none of which is to be read as markup. */
function quoted(text: string): string {
  return text.replace(/[\\`*_<>[\]]/g, character => `\\${character}`)
}
