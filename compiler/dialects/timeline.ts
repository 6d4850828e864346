import type { Source } from '../catalog/catalog.ts'

/** When the rows of a source happen and are known, and how ties are broken, in words. */
export function describeTimeline({ eventTimestamp, createdTimestamp, tieBreak }: Source): string {
  const known = createdTimestamp === null ? 'known when they happen' : `known at ${createdTimestamp}`
  const ties = tieBreak.length === 0 ? '' : `; ties ordered by ${tieBreak.join(', ')}`
  return `happened at ${eventTimestamp}, ${known}${ties}`
}
