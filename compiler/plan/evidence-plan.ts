/** What can be shown of how a value came about: for each aggregate and each row that is taken, what it says of the key's rows. */
import type { Field } from '../../runtime/contract.ts'
import type { LatestGroup, Measure, Output, ViewPlan } from './view-plan.ts'

/** Why a row of the key is part of a value, or is not. In the order in which they are asked: the first that holds is said. */
export const verdicts = [
  /** By the ticks that are asked for nothing was online. */
  'offline',
  /** No event timestamp, or no created timestamp. */
  'undated',
  /** Happened after the instant; under `boundary: 'before'` also at it. */
  'later',
  /** Became known after the instant. */
  'unknown',
  /** Happened before the window. */
  'earlier',
  /** Does not pass `where`. */
  'filtered',
  /** The aggregate skips it: its value is null. */
  'null',
  /** Part of the aggregate. */
  'counted',
  /** The row that features are taken from. */
  'chosen',
  /** It would be that row, were it not older than the ttl. */
  'expired',
  /** Of the same event timestamp as that row, and behind it in the total order. */
  'tied',
  /** Another row is newer than it, or of `first` older. */
  'superseded',
] as const

export type Verdict = (typeof verdicts)[number]

export type EvidencePart = {
  /** Of the measure, or of the first feature that is taken from the row. */
  readonly name: string
  /** The features that it is part of. */
  readonly features: readonly string[]
} & ({ readonly kind: 'measure'; readonly measure: Measure } | { readonly kind: 'latest'; readonly group: LatestGroup })

/** In the order of the features. */
export function evidenceParts(plan: ViewPlan): EvidencePart[] {
  const parts = new Map<string, EvidencePart>()
  const add = (part: EvidencePart): void => {
    const known = parts.get(part.name)
    parts.set(part.name, known ? { ...known, features: [...known.features, ...part.features] } : part)
  }
  for (const output of plan.outputs) for (const of of partsOf(output, plan)) add({ ...of, features: [output.name] })
  return [...parts.values()]
}

function partsOf(output: Output, plan: ViewPlan) {
  const measure = (of: Measure) => ({ kind: 'measure', name: of.name, measure: of }) as const
  switch (output.kind) {
    case 'latest': {
      const group = plan.latest.find(candidate => candidate.eventTimestamp === output.eventTimestamp)
      if (!group) throw new Error(`no group of ${output.name}`)
      return [{ kind: 'latest', name: group.values[0]?.name ?? output.name, group } as const]
    }
    case 'measure':
      return [measure(output.measure)]
    case 'ratio':
      return output.numerator === output.denominator
        ? [measure(output.numerator)]
        : [measure(output.numerator), measure(output.denominator)]
    default:
      return output satisfies never
  }
}

/**
 * The columns of what a statement of evidence finds, before those of the source. Its first is the spine's `__row` by another
 * name, since an engine may leave that out of what it streams.
 */
export const evidenceFields = [
  { name: '__spine_row', type: { type: 'int64', as: 'number' } },
  { name: '__as_of', type: { type: 'timestamp' } },
  { name: '__verdict', type: { type: 'string' } },
  { name: '__count', type: { type: 'int64', as: 'number' } },
  { name: '__oldest', type: { type: 'timestamp' } },
  { name: '__newest', type: { type: 'timestamp' } },
] as const satisfies readonly Field[]
