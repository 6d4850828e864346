import { durations, type Text } from './text.ts'

/** Instants, durations, ticks and order. */
export const timeCodes = {
  'time.invalid-duration': (p: {
    /** 'ttl', 'over'. */
    readonly option: string
    readonly text: string
    readonly mayBeZero: boolean
  }): Text => ({
    message: `${p.option} is ${p.text}, which is no ${p.mayBeZero ? '' : 'positive '}duration`,
    notes: [durations],
  }),
  'time.not-a-timestamp': (p: {
    readonly option: string
    readonly column: string
    readonly owner: string
    readonly type: string
  }): Text => ({
    message: `${p.option} of ${p.owner} must be a timestamp, but column "${p.column}" is ${p.type}`,
    label: `this is ${p.type}`,
  }),
  'time.materialize-without-refresh': ({ view }: { readonly view: string }): Text => ({
    message: `view "${view}" is materialized but never refreshed`,
    label: 'needs refresh',
    notes: ["say how often its stored values are renewed: refresh: '5m'"],
  }),
  'time.ticks-without-refresh': ({ view, option }: { readonly view: string; readonly option: string }): Text => ({
    message: `view "${view}" has ${option} but no refresh`,
    label: 'shifts nothing',
    notes: [`${option} moves the ticks at which a view is refreshed: add refresh, or take it away`],
  }),
  'time.freshness-without-materialize': ({ view }: { readonly view: string }): Text => ({
    message: `view "${view}" has freshness but is not materialized`,
    label: 'nothing is stored that could grow old',
    notes: ['freshness bounds the age of stored values: add materialize: true, or take it away'],
  }),
  'time.freshness-too-short': (p: {
    readonly view: string
    /** The shortest that can be kept. */
    readonly least: string
    /** Whether the view has a delay. */
    readonly delayed: boolean
  }): Text => ({
    message: `view "${p.view}" cannot be as fresh as that: its values are up to ${p.least} old where nothing is late`,
    label: `at least '${p.least}'`,
    notes: [
      p.delayed
        ? 'the values of a tick are as old as refresh and delay together when those of the next one are promised'
        : 'the values of a tick are as old as refresh when the next one comes',
    ],
  }),
  'time.no-total-order': (p: {
    readonly view: string
    /** Features whose value depends on the order; empty where the whole view does. */
    readonly features: readonly string[]
    readonly owner: string
  }): Text => ({
    message:
      p.features.length > 0
        ? `the order of rows with equal timestamps decides ${list(p.features)} of view "${p.view}", and ${p.owner} has none`
        : `rows of view "${p.view}" with equal timestamps have no order, so which one counts is not decided`,
    label: 'two runs could differ',
    notes: [`add to ${p.owner} the columns that decide: tieBreak: ['...']`],
  }),
} as const

function list(features: readonly string[]): string {
  const quoted = features.map(feature => `"${feature}"`)
  return quoted.length === 1 ? `feature ${quoted[0]}` : `features ${quoted.join(', ')}`
}
