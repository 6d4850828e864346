/** What became of sources, and of the queries of SQL views, which are sources of the view's name. */
import { describeExactly } from './features.ts'
import type { Compared, ComparedSource } from './manifest.ts'

/** Empty where its rows are as before. */
export function sourceDifferences(before: ComparedSource, after: ComparedSource, compared: Compared): string[] {
  const known = before.fingerprint !== undefined && after.fingerprint !== undefined
  if (known ? before.fingerprint === after.fingerprint : sameText(before, after, compared)) return []
  const reasons: string[] = []
  for (const { name, type } of after.columns) {
    const old = before.columns.find(column => column.name === name)
    if (!old) reasons.push(`column ${name} added`)
    else if (describeExactly(old.type) !== describeExactly(type))
      reasons.push(`column ${name} is ${describeExactly(type)}, was ${describeExactly(old.type)}`)
  }
  for (const { name } of before.columns)
    if (after.columns.every(column => column.name !== name)) reasons.push(`column ${name} removed`)
  if (known && before.eventTimestamp !== after.eventTimestamp)
    reasons.push(`rows happen at ${after.eventTimestamp}, was ${before.eventTimestamp}`)
  if (known && before.createdTimestamp !== after.createdTimestamp)
    reasons.push(`rows are known ${whenKnown(after)}, was ${whenKnown(before)}`)
  if (known && String(before.tieBreak) !== String(after.tieBreak))
    reasons.push(`ties are broken by ${order(after)}, was ${order(before)}`)
  return reasons.length > 0 ? reasons : ['reads other data, or by another query']
}

function sameText(before: ComparedSource, after: ComparedSource, compared: Compared): boolean {
  return Object.entries(after.statements).every(
    ([dialect, { relation }]) =>
      compared.after.artefacts[relation] === compared.before.artefacts[before.statements[dialect]?.relation ?? ''],
  )
}

const whenKnown = ({ createdTimestamp }: ComparedSource): string =>
  createdTimestamp === null ? 'when they happen' : `at ${createdTimestamp}`
const order = ({ tieBreak = [] }: ComparedSource): string => (tieBreak.length === 0 ? 'nothing' : tieBreak.join(', '))
