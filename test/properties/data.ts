/** Random rows and spines for a project, with instants on the boundaries on purpose. */
import type { EntityDefinition, SourceDefinition } from 'meridian'
import {
  type Completion,
  duration,
  instant,
  type Literal,
  type SourceRow,
  type StoredView,
  tickAtOrBefore,
} from '../reference/index.ts'
import type { Draw } from './draw.ts'
import type { Project } from './project.ts'
import { value } from './values.ts'

export interface SpineRow {
  readonly key: SourceRow
  readonly t: bigint
  readonly label: number | null
}

export interface DataSet {
  readonly rows: Readonly<Record<string, readonly SourceRow[]>>
  readonly spine: readonly SpineRow[]
  /** Of each materialized view, the ticks that were completed, and when: late, out of order, with outages. */
  readonly completed: Readonly<Record<string, readonly Completion[]>>
  /** Instants to materialize at, ascending. */
  readonly moments: readonly bigint[]
  /** Whether training data is compared as a file too. */
  readonly toFile: boolean
  /** Instants to read at, none before the last moment. */
  readonly reads: readonly { key: SourceRow; at: bigint }[]
}

const noon = instant('2024-03-10T12:00:00')

/** Lengths of time that some feature's value changes by. */
function lengths(project: Project): bigint[] {
  const texts = project.views.flatMap(view => [
    view.ttl,
    view.delay,
    view.refresh,
    ...(view.kind === 'feature_view'
      ? Object.values(view.features).flatMap(feature => {
          if (feature.kind === 'latest') return []
          return feature.kind === 'ratio' ? [feature.numerator.over, feature.denominator.over] : [feature.over]
        })
      : []),
  ])
  return [0n, ...texts.flatMap(text => (text === null ? [] : [duration(text)]))]
}

export function makeData(draw: Draw, project: Project): DataSet {
  const minute = 60_000_000n
  const anchors = draw.list(draw.between(1, 3), () => noon + BigInt(draw.between(-90, 90)) * minute)
  const ticks = project.views.flatMap(view =>
    view.refresh === null ? [] : anchors.map(anchor => tickAtOrBefore(view, anchor - duration(view.delay ?? '0s'))),
  )
  const asked = [...anchors, ...ticks]
  const edges = lengths(project)
  const step = () => BigInt(draw.pick([0, 0, 0, -1, 1]))
  const spineInstant = () => draw.pick(asked) + draw.pick([0n, 0n, ...edges.slice(0, 4)]) + step()
  const keys = makeKeys(draw, project.entity)
  const spineKey = () => (draw.chance(8) ? withNull(draw, draw.pick(keys)) : draw.pick(keys))
  const once = draw.list(draw.between(1, 6), () => ({
    key: spineKey(),
    t: spineInstant(),
    label: draw.pick([null, 1, 2]),
  }))
  const spine = [...once, ...draw.some(once, draw.below(3))]
  const eventInstant = () => draw.pick(asked) - draw.pick(edges) + step()
  const moments = draw
    .some(asked, draw.between(1, 3))
    .map(moment => moment + step())
    .sort(ascending)
  const latest = moments.at(-1)!
  return {
    rows: Object.fromEntries(
      project.sources.map(source => [source.name, makeRows(draw, project, source, keys, eventInstant, asked)]),
    ),
    spine,
    completed: Object.fromEntries(
      project.views.flatMap(view =>
        view.materialize ? [[view.name, makeCompletions(draw, view, [...asked, ...spine.map(({ t }) => t)])]] : [],
      ),
    ),
    moments,
    toFile: draw.chance(15),
    reads: draw.list(draw.between(1, 3), () => ({
      key: draw.pick(keys),
      at: latest + draw.pick([0n, ...edges]) + BigInt(draw.below(2)),
    })),
  }
}

/**
 * Completions of ticks near what is asked for: most soon, some after the next tick or much later, some at the very instant
 * of a question or a microsecond beside it, some more than once; of many ticks there are none.
 */
function makeCompletions(draw: Draw, view: StoredView, asked: readonly bigint[]): Completion[] {
  const refresh = duration(view.refresh!)
  return draw.list(draw.between(0, 6), () => {
    const tick = tickAtOrBefore(view, draw.pick(asked)) - refresh * BigInt(draw.pick([0, 0, 0, 1, 2, 40]))
    const soon = tick + draw.pick([0n, 1n, 1_500_000n, refresh, refresh * 3n])
    const exactly = draw.pick(asked) + BigInt(draw.between(-1, 1))
    return { tick, completed: draw.chance(50) && exactly >= tick ? exactly : soon }
  })
}

const ascending = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)

function makeKeys(draw: Draw, entity: EntityDefinition): SourceRow[] {
  return draw.list(draw.between(1, 3), () =>
    Object.fromEntries(Object.entries(entity.joinKeys).map(([name, type]) => [name, value(draw, type)])),
  )
}

function withNull(draw: Draw, key: SourceRow): SourceRow {
  return { ...key, [draw.pick(Object.keys(key))]: null }
}

function makeRows(
  draw: Draw,
  project: Project,
  source: SourceDefinition,
  keys: readonly SourceRow[],
  eventInstant: () => bigint,
  asked: readonly bigint[],
): SourceRow[] {
  const keyColumns = new Map<string, string>()
  for (const key of Object.keys(project.entity.joinKeys)) keyColumns.set(key in source.columns ? key : `${key}_of`, key)
  const uniqueTies = draw.chance(60)
  const rows: SourceRow[] = []
  for (const index of draw.list(draw.below(15), item => item)) {
    const key = draw.chance(6) ? withNull(draw, draw.pick(keys)) : draw.pick(keys)
    const again = rows.length > 0 && draw.chance(35) ? draw.pick(rows) : null
    const e = again ? (again[source.eventTimestamp] as bigint | null) : draw.chance(4) ? null : eventInstant()
    const row: Record<string, Literal> = {}
    const createdOf = (same: Literal | undefined): Literal => {
      if (same !== undefined && draw.chance(60)) return same
      return draw.chance(4) ? null : created(draw, e, asked)
    }
    for (const [name, type] of Object.entries(source.columns)) {
      if (keyColumns.has(name)) row[name] = again?.[name] ?? key[keyColumns.get(name)!] ?? null
      else if (name === source.eventTimestamp) row[name] = e
      else if (name === source.createdTimestamp) row[name] = createdOf(again?.[name])
      else if (source.tieBreak.includes(name)) {
        row[name] = uniqueTies || hasCarried(source) ? index : draw.pick([null, 0, 1])
      } else row[name] = draw.chance(20) ? null : value(draw, type)
    }
    rows.push(row)
  }
  return draw.some(rows, rows.length)
}

/** Bytes, JSON, lists and vectors have no order that could settle a tie. */
function hasCarried(source: SourceDefinition): boolean {
  return Object.values(source.columns).some(type => ['bytes', 'json', 'list', 'vector'].includes(type.type))
}

function created(draw: Draw, e: bigint | null, asked: readonly bigint[]): bigint {
  const at = e ?? noon
  if (draw.chance(60)) return at
  const step = BigInt(draw.between(-1, 1))
  return draw.chance(60) ? draw.pick(asked) + step : at + draw.pick([1n, -1n, 1_000_000n, -60_000_000n]) + step
}
