/** Why the values of a key are what they are, as data: what `explain --key --json` prints under `evidence`. */
import type { EvidencePart, Verdict } from '../../compiler/plan/evidence-plan.ts'
import type { StoredEvidence } from './evidence-stored.ts'

type Row = Readonly<Record<string, unknown>>

export interface ExplainedKey {
  readonly name: string
  readonly keys: Row
  /** ISO 8601, in microseconds. */
  readonly asOf: string
  readonly accuracy: 'exact' | 'as_served'
  readonly ticks: 'scheduled' | 'recorded'
  /** What is answered. */
  readonly values: Row
  readonly views: readonly ExplainedUse[]
  readonly functions: readonly ExplainedFunctions[]
}

export interface ExplainedUse {
  /** The view's name, or that of it in a role. */
  readonly name: string
  readonly view: string
  readonly keys: Row
  readonly boundary: 'at' | 'before'
  /** The instant that the view was looked at: the one asked for, or a tick; null where nothing was online. */
  readonly lookedAt: string | null
  /** Whether that is a tick. */
  readonly isTick: boolean
  readonly eventTimestamp: string
  readonly createdTimestamp: string | null
  readonly tieBreak: readonly string[]
  /** The source's columns that hold the keys. */
  readonly keyColumns: readonly string[]
  readonly features: readonly {
    readonly name: string
    readonly is: string
    readonly value: unknown
    readonly parts: readonly string[]
  }[]
  readonly parts: readonly ExplainedPart[]
  /** What the online store holds now; absent where it holds nothing between commands, and where the view is not stored. */
  readonly stored?: StoredEvidence
}

export interface ExplainedPart {
  readonly name: string
  readonly is: string
  readonly kind: EvidencePart['kind']
  /** Of a row that is taken: which. */
  readonly pick: 'last' | 'first' | null
  /** Of an aggregate: how long its window is, in microseconds; null: it has none. */
  readonly over: number | null
  readonly where: string | null
  readonly value: string | null
  /** Columns of the source that it reads. */
  readonly reads: readonly string[]
  readonly rows: readonly Judged[]
}

/** The rows of which the same is said. */
export interface Judged {
  readonly verdict: Verdict
  readonly count: number
  readonly oldest: string | null
  readonly newest: string | null
  /** The first of them, by column; the value of the expression that is computed of each under `__value`. */
  readonly rows: readonly Row[]
}

export interface ExplainedFunctions {
  readonly view: string
  /** What the functions are given: `request`, and each input by the name that they know it by. */
  readonly given: Readonly<Record<string, Row>>
  /** What is answered of what they return. */
  readonly values: Row
}
