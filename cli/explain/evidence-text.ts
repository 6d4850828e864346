/** Why values are what they are, for people: the values, then for each the rows that are part of it and those that are not. */
import type { Verdict } from '../../compiler/plan/evidence-plan.ts'
import { toMicroseconds } from '../../runtime/instant.ts'
import { json, plural, table } from '../terminal.ts'
import type { StoredEvidence } from './evidence-stored.ts'
import { isoText } from './evidence-values.ts'
import type { ExplainedFunctions, ExplainedKey, ExplainedPart, ExplainedUse, Judged } from './explained.ts'

type Row = Readonly<Record<string, unknown>>

/** Of rows that are no part of a value, the first say enough. */
const leftOut = 3
/** Characters of a cell: more belong into --json. */
const cellWidth = 48

export function evidenceText(explained: ExplainedKey, { feature }: { readonly feature?: string }): string {
  const { name, keys, asOf, accuracy, ticks, values, views, functions } = explained
  const served = accuracy === 'exact' ? '' : `, as served by ${ticks} ticks`
  const isShown = (candidate: string) => feature === undefined || candidate === feature
  return [
    `${name} for ${pairs(keys)} as of ${asOf}${served}`,
    '',
    table(
      ['feature', 'value'],
      Object.entries(values).map(([answered, value]) => [answered, cell(value)]),
    ),
    ...views.flatMap(view => useText(view, views.length > 1 || view.name !== name, isShown)),
    ...functions.flatMap(view => functionsText(view, isShown)),
    '',
  ].join('\n')
}

function useText(use: ExplainedUse, isNamed: boolean, isShown: (feature: string) => boolean): string[] {
  const features = use.features.filter(({ name }) => isShown(name))
  if (features.length === 0) return []
  const written = new Map<string, string>()
  const role = use.name === use.view ? '' : `, which is ${use.view} by ${pairs(use.keys)}`
  return [
    ...(isNamed ? ['', `━━ ${use.name}${role}`] : []),
    ...(use.isTick
      ? ['', `looked at as of the tick ${use.lookedAt ?? 'that never came: none was online by then'}`]
      : []),
    ...features.flatMap(feature => {
      const parts = feature.parts.flatMap(name => use.parts.find(part => part.name === name) ?? [])
      return [
        '',
        `── ${feature.name} = ${cell(feature.value)}`,
        `   ${feature.is}`,
        ...parts.flatMap(part => {
          const before = written.get(part.name)
          const same = part.kind === 'latest' ? 'the same row' : 'the same rows'
          if (before !== undefined) return ['', `   ${parts.length > 1 ? `${part.is}: ` : ''}${same} as for ${before}`]
          written.set(part.name, feature.name)
          return [...(parts.length > 1 ? ['', `   ${part.is}`] : []), ...partText(part, use)]
        }),
      ]
    }),
    ...(use.stored ? storedText(use.stored, isShown) : []),
  ]
}

const order: readonly Verdict[] = [
  'counted',
  'chosen',
  'expired',
  'null',
  'filtered',
  'tied',
  'superseded',
  'earlier',
  'later',
  'unknown',
  'undated',
  'offline',
]

function partText(part: ExplainedPart, use: ExplainedUse): string[] {
  if (part.rows.length === 0) return ['', '   no row of the source has this key']
  const isTaken = part.rows.some(({ verdict }) => ['counted', 'chosen', 'expired'].includes(verdict))
  return [
    ...(isTaken ? [] : ['', `   no row is part of it${windowText(part, use)}`]),
    ...order.flatMap(verdict => {
      const judged = part.rows.find(candidate => candidate.verdict === verdict)
      return judged ? judgedText(judged, part, use) : []
    }),
  ]
}

function judgedText(judged: Judged, part: ExplainedPart, use: ExplainedUse): string[] {
  const isPart = ['counted', 'chosen', 'expired'].includes(judged.verdict)
  const rows = isPart ? judged.rows : judged.rows.slice(0, leftOut)
  const more = judged.count - rows.length
  const span = more === 0 || judged.oldest === null ? '' : `; all of them from ${judged.oldest} to ${judged.newest}`
  return [
    '',
    `   ${words(judged, part, use)}`,
    ...rowsTable(rows, part, use).map(line => `     ${line}`),
    ...(more === 0 ? [] : [`     and ${more.toLocaleString('en-US')} more${span}`]),
  ]
}

/** What is said of some rows. */
function words({ verdict, count }: Judged, part: ExplainedPart, use: ExplainedUse): string {
  const rows = plural(count, 'row')
  const instant = use.lookedAt ?? ''
  switch (verdict) {
    case 'counted':
      return `${rows} counted${windowText(part, use)}`
    case 'chosen':
      return `the ${part.pick} of ${part.rows.reduce((sum, { verdict, count }) => (isCandidate(verdict) ? sum + count : sum), 0).toLocaleString('en-US')} that could be seen`
    case 'expired':
      return `the ${part.pick} that could be seen, older than the ttl: no value is taken from it`
    case 'null':
      return `${rows} skipped: ${part.value} is null`
    case 'filtered':
      return `${rows} left out: it does not hold that ${part.where}`
    case 'tied':
      return `${rows} lost a tie: of the same ${use.eventTimestamp}, behind by ${tieOrder(use)}`
    case 'superseded':
      return `${rows} passed over: there is ${part.pick === 'last' ? 'a newer' : 'an older'} one`
    case 'earlier':
      return `${rows} left out: happened before the window`
    case 'later':
      return `${rows} left out: happened ${use.boundary === 'at' ? 'after' : 'at or after'} ${instant}`
    case 'unknown':
      return `${rows} left out: had happened, and became known ${use.boundary === 'at' ? 'after' : 'at or after'} ${instant}`
    case 'undated':
      return `${rows} left out: no ${use.createdTimestamp === null ? use.eventTimestamp : `${use.eventTimestamp} or no ${use.createdTimestamp}`}`
    case 'offline':
      return `${rows} left out: nothing was online`
    default:
      return verdict satisfies never
  }
}

function isCandidate(verdict: Verdict): boolean {
  return ['chosen', 'expired', 'tied', 'superseded'].includes(verdict)
}

function tieOrder({ createdTimestamp, tieBreak }: ExplainedUse): string {
  const columns = [...(createdTimestamp === null ? [] : [createdTimestamp]), ...tieBreak]
  return columns.length === 0 ? 'its value' : columns.join(', ')
}

/** @example ', of (2001-06-15T11:00:00Z, 2001-06-15T12:00:00Z]' */
function windowText({ over }: ExplainedPart, { boundary, lookedAt }: ExplainedUse): string {
  if (lookedAt === null) return ''
  const bounds = boundary === 'at' ? ['(', ']'] : ['[', ')']
  const start = over === null ? null : isoText(toMicroseconds(lookedAt) - BigInt(over))
  if (start === null) return `, of all ${boundary === 'at' ? 'up to' : 'before'} ${lookedAt}`
  return `, of ${bounds[0]}${start}, ${lookedAt}${bounds[1]}`
}

/** When the rows happened and were known, what the part reads of them, and what tells them apart; the keys are all the same. */
function rowsTable(rows: readonly Row[], part: ExplainedPart, use: ExplainedUse): string[] {
  const { eventTimestamp, createdTimestamp, tieBreak } = use
  const known = createdTimestamp === null ? [] : [createdTimestamp]
  const others = [...part.reads, ...tieBreak].filter(name => !use.keyColumns.includes(name))
  const columns = [...new Set([eventTimestamp, ...known, ...others])]
  const isComputed = rows.some(row => Object.hasOwn(row, '__value') && row.__value !== null)
  const names = isComputed ? [...columns, '__value'] : columns
  const heading = names.map(name => (name === '__value' ? (part.value ?? name) : name))
  const cells = rows.map(row => names.map(name => cell(row[name])))
  return table(heading, cells).split('\n')
}

function storedText({ tick, asOf, features }: StoredEvidence, isShown: (feature: string) => boolean): string[] {
  if (tick === null) return ['', '── online now: nothing is stored of this key']
  const shown = features.filter(({ name }) => isShown(name))
  const differing = shown.filter(({ equal }) => !equal)
  return [
    '',
    `── online now: stored at the tick ${tick}${asOf === tick ? '' : `, as of the tick ${asOf}`}`,
    ...table(
      ['feature', 'stored', 'computed now at that tick', ''],
      shown.map(({ name, stored, computed, equal }) => [name, cell(stored), cell(computed), equal ? '' : 'differs']),
    )
      .split('\n')
      .map(line => `     ${line}`),
    ...(differing.length === 0
      ? []
      : ['     What differs changed after it was stored: rows came or went that no created timestamp tells of.']),
  ]
}

function functionsText({ view, given, values }: ExplainedFunctions, isShown: (feature: string) => boolean): string[] {
  const answered = Object.entries(values).filter(([name]) => isShown(name))
  if (answered.length === 0) return []
  return [
    '',
    `━━ ${view}, computed by functions`,
    '',
    ...Object.entries(given).flatMap(([name, row]) =>
      Object.entries(row).map(([feature, value]) => `   given ${name}.${feature} = ${cell(value)}`),
    ),
    '',
    ...answered.map(([name, value]) => `── ${name} = ${cell(value)}`),
  ]
}

function pairs(row: Row): string {
  return Object.entries(row)
    .map(([name, value]) => `${name}=${cell(value)}`)
    .join(' ')
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  const text = value instanceof Date ? isoText(value) : isPlain(value) ? String(value) : (json(value) ?? '')
  const line = text.replaceAll(/\s/g, ' ')
  return line.length > cellWidth ? `${line.slice(0, cellWidth - 1)}…` : line
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'bigint'
}
