/** A built project, of whose values the rows behind them are asked, and compared with what a naive look at all rows says. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AggregateFeature, FeatureDefinition, ValueType } from 'meridian'
import type { Store } from 'meridian/runtime'
import type { Evidence } from '../../compiler/dialects/dialect.ts'
import { dialects } from '../../compiler/dialects/index.ts'
import type { Plans } from '../../compiler/emit/index.ts'
import type { Output, ViewPlan } from '../../compiler/plan/view-plan.ts'
import { aggregate } from '../reference/aggregate.ts'
import { evaluate, type ScalarRow } from '../reference/expression.ts'
import {
  type Accuracy,
  asOf,
  columnsOf,
  duration,
  featureType,
  type Literal,
  type SourceRow,
  type StoredView,
} from '../reference/index.ts'
import { compare as compareScalars, OverflowError, read, type Scalar, show, toFloat } from '../reference/scalar.ts'
import { typeOf } from '../reference/type-of.ts'
import { buildProject } from './built.ts'
import { agrees, normal, text } from './compare.ts'
import type { DataSet } from './data.ts'
import { rowsOf } from './expected.ts'
import { localMode } from './local.ts'
import type { Mode } from './mode.ts'
import { accuracies, type Disagreement, isComputed, isoText, recordedTicks } from './pipe.ts'
import { productionMode } from './production.ts'
import type { Project } from './project.ts'

type Row = Readonly<Record<string, unknown>>

const openMode = { local: localMode, production: productionMode } as const
const modeNames = (process.env.MERIDIAN_MODES ?? 'local,production').split(',') as (keyof typeof openMode)[]
const dialectOf = { local: 'duckdb', production: 'postgres' } as const

/** More than there are rows of any key. */
const all = 1_000

/** Thrown at the first disagreement. */
class Found extends Error {
  readonly disagreement: Disagreement
  constructor(where: string, what: string, expected: string, actual: string) {
    super(where)
    this.disagreement = { where, what, expected, actual }
  }
}

export class EvidenceCheck {
  readonly #project: Project
  readonly #plans: Plans
  readonly #folder: string
  readonly #modes: readonly Mode[]
  /** Rows by what was said of them: a test that never sees one of a kind says nothing of it. */
  readonly seen = new Map<string, number>()

  private constructor(project: Project, plans: Plans, folder: string, modes: readonly Mode[]) {
    this.#project = project
    this.#plans = plans
    this.#folder = folder
    this.#modes = modes
  }

  static async build(project: Project, folder: string): Promise<EvidenceCheck> {
    const plans = await buildProject(project, folder)
    const modes = await Promise.all(modeNames.map(name => openMode[name](folder)))
    for (const mode of modes) await mode.createTables(project)
    return new EvidenceCheck(project, plans, folder, modes)
  }

  async close(): Promise<void> {
    for (const mode of this.#modes) await mode.close()
  }

  async disagreement(data: DataSet): Promise<Disagreement | null> {
    for (const mode of this.#modes) {
      await mode.replaceRows(this.#project, data.rows)
      await mode.replaceTicks(recordedTicks(data))
      const store = await mode.connect(pathToFileURL(`${join(this.#folder, 'generated')}/`))
      try {
        for (const plan of this.#plans.views) await this.#compare(store, mode, plan, data)
      } catch (error) {
        if (error instanceof Found) return { ...error.disagreement, where: `${mode.name}: ${error.disagreement.where}` }
        // An overflow has no value that rows could stand behind.
        const isOverflow = error instanceof OverflowError || /overflow|out of range/i.test(String(error))
        if (!isOverflow)
          return { where: 'error', what: String(error), expected: 'no error', actual: String((error as Error).stack) }
      } finally {
        await store.close()
      }
    }
    return null
  }

  async #compare(store: Store, mode: Mode, plan: ViewPlan, data: DataSet): Promise<void> {
    const view = this.#project.views.find(({ name }) => name === plan.view.name)!
    const dialect = dialects.find(({ name }) => name === dialectOf[mode.name as keyof typeof dialectOf])!
    const evidence = dialect.evidence(plan, view.name, all)
    const spine = data.spine.map(({ key, t }) => ({ ...key, event_timestamp: isoText(t) }))
    for (const [name, options] of Object.entries(accuracies)) {
      const training = store.view(view.name).trainingData({ spine, ...options })
      const { rows, found } = await training.inspect([
        { sql: evidence.rows, table: evidence.table, columns: [] },
        ...evidence.parts.map(({ statement, fields }) => ({ sql: statement, table: null, columns: fields })),
      ])
      const completed = data.completed[view.name] ?? []
      const accuracy: Accuracy = options.ticks === 'recorded' ? completed : options.accuracy
      for (const [index, { key, t }] of data.spine.entries()) {
        const where = `${view.name} ${name}`
        const of = (part: number) => found[part]!.filter(({ __spine_row: row }) => Number(row) === index)
        const own = rowsOf(this.#project, data, view).filter(row => isOf(view, row, key))
        const a = asOf(view, t, accuracy)
        for (const output of plan.outputs) {
          const value = recomputed(view, output, evidence, of)
          const type = featureType(view, output.name)
          const rounded = view.kind === 'feature_view' && isComputed(view.features[output.name]!)
          if (!agrees(rows[index]![output.name], { type, value, milliseconds: true, rounded }))
            throw new Found(where, `spine row ${index}, ${output.name}`, text(rows[index]![output.name]), text(value))
        }
        for (const [part, { part: described }] of evidence.parts.entries()) {
          const expected = judged(view, plan, described.name, own, a, t)
          const shown = of(part).filter(({ __verdict }) => __verdict !== 'none')
          const actual = tally(shown.map(({ __verdict }) => String(__verdict)))
          if (actual !== tally(expected))
            throw new Found(where, `spine row ${index}, rows of ${described.name}`, tally(expected), actual)
          for (const { __verdict: verdict, __count: count } of shown) {
            this.seen.set(String(verdict), (this.seen.get(String(verdict)) ?? 0) + 1)
            if (Number(count) !== expected.filter(one => one === verdict).length)
              throw new Found(where, `spine row ${index}, count of ${described.name}`, tally(expected), String(count))
          }
        }
      }
    }
  }
}

const tally = (verdicts: readonly string[]): string => [...verdicts].sort().join(', ')

/** The feature's definition; of a query's column, its last value. */
function definitionOf(view: StoredView, name: string): FeatureDefinition {
  if (view.kind === 'feature_view') return view.features[name]!
  const { default: otherwise } = view.features[name]!
  return { kind: 'latest', pick: 'last', value: { kind: 'column', name }, where: null, default: otherwise }
}

/** The value, computed by the reference from nothing but the rows that are shown to be part of it. */
function recomputed(
  view: StoredView,
  output: Output,
  evidence: Evidence,
  of: (part: number) => readonly Row[],
): Literal {
  const definition = definitionOf(view, output.name)
  const type = featureType(view, output.name)
  const shown = (part: string, verdict: string) =>
    of(evidence.parts.findIndex(({ part: { name } }) => name === part))
      .filter(({ __verdict }) => __verdict === verdict)
      .map(row => scalarsOf(view, row))
  const total = (part: string, feature: AggregateFeature) => {
    const rows = shown(part, 'counted')
    const columns = columnsOf(view)
    const values = rows.map(row => (feature.value === null ? true : evaluate(feature.value, row, columns)))
    return aggregate(feature.aggregate, values, feature.value && typeOf(feature.value, columns))
  }
  const value = (): Scalar => {
    if (output.kind === 'latest' && definition.kind === 'latest') {
      const part = evidence.parts.find(({ part }) => part.features.includes(output.name))!.part.name
      const [row] = shown(part, 'chosen')
      return row ? evaluate(definition.value, row, columnsOf(view)) : null
    }
    if (output.kind === 'measure' && definition.kind === 'aggregate')
      return total(output.measure.name, definition).value
    if (output.kind !== 'ratio' || definition.kind !== 'ratio') throw new Error(`${output.name} is of another kind`)
    const numerator = total(output.numerator.name, definition.numerator)
    const denominator = total(output.denominator.name, definition.denominator)
    if (numerator.value === null || denominator.value === null) return null
    const divisor = toFloat(denominator.value, denominator.type)
    return divisor === 0 ? null : toFloat(numerator.value, numerator.type) / divisor
  }
  return show(value() ?? read(definition.default, type), type)
}

/** A row as it was found, as the reference holds rows. */
function scalarsOf(view: StoredView, row: Row): ScalarRow {
  return Object.fromEntries(
    Object.entries(columnsOf(view)).map(([name, type]) => [name, read(literalOf(row[name], type), type)]),
  )
}

/** Types that are only carried come back as they are compared. */
function literalOf(value: unknown, type: ValueType): Literal {
  if (value !== null && type.type === 'bytes') return value as Uint8Array
  if (value !== null && type.type === 'json') return JSON.stringify(value)
  return normal(value, type)
}

function isOf(view: StoredView, row: SourceRow, key: SourceRow): boolean {
  return Object.entries(view.entity.joinKeys).every(([name, type]) => {
    const column = view.kind === 'feature_view' ? (view.joinKeys[name] ?? name) : name
    const [wanted, actual] = [read(key[name], type), read(row[column], type)]
    return wanted !== null && actual !== null && compareScalars(wanted, actual) === 0
  })
}

/** What a naive look at each row of the key says of it. */
function judged(
  view: StoredView,
  plan: ViewPlan,
  part: string,
  rows: readonly SourceRow[],
  a: bigint | null,
  t: bigint,
): string[] {
  const columns = columnsOf(view)
  const times = view.kind === 'feature_view' ? view.source : view
  const definition = partOf(view, plan, part)
  const events = rows.map(written => {
    const row = Object.fromEntries(Object.entries(columns).map(([name, type]) => [name, read(written[name], type)]))
    const e = row[times.eventTimestamp] as bigint | null
    return { row, e, c: row[times.createdTimestamp ?? times.eventTimestamp] as bigint | null }
  })
  const seen = (instant: bigint) => a !== null && (view.boundary === 'at' ? instant <= a : instant < a)
  const alone = events.map(({ row, e, c }): string => {
    if (a === null) return 'offline'
    if (e === null || c === null) return 'undated'
    if (!seen(e)) return 'later'
    if (!seen(c)) return 'unknown'
    if (definition.kind === 'aggregate' && definition.over !== null) {
      const start = a - duration(definition.over)
      if (view.boundary === 'at' ? e <= start : e < start) return 'earlier'
    }
    if (definition.where !== null && evaluate(definition.where, row, columns, { type: 'boolean' }) !== true)
      return 'filtered'
    if (definition.kind === 'latest') return 'candidate'
    return definition.value !== null && evaluate(definition.value, row, columns) === null ? 'null' : 'counted'
  })
  if (definition.kind === 'aggregate') return alone
  const instants = events.flatMap(({ e }, index) => (alone[index] === 'candidate' && e !== null ? [e] : []))
  const isOlder = definition.pick === 'last' ? (x: bigint, y: bigint) => x < y : (x: bigint, y: bigint) => y < x
  const taken = instants.reduce<bigint | null>((best, e) => (best === null || isOlder(best, e) ? e : best), null)
  const isExpired = taken !== null && view.ttl !== null && t - taken > duration(view.ttl)
  let isTaken = false
  return alone.map((verdict, index) => {
    if (verdict !== 'candidate') return verdict
    if (events[index]!.e !== taken) return 'superseded'
    if (isTaken) return 'tied'
    isTaken = true
    return isExpired ? 'expired' : 'chosen'
  })
}

/** What a part is computed by: a feature's own definition, or half of a ratio. */
function partOf(view: StoredView, plan: ViewPlan, part: string): Exclude<FeatureDefinition, { kind: 'ratio' }> {
  for (const output of plan.outputs) {
    const definition = definitionOf(view, output.name)
    if (output.kind === 'ratio' && definition.kind === 'ratio') {
      if (output.numerator.name === part) return definition.numerator
      if (output.denominator.name === part) return definition.denominator
    } else if (definition.kind !== 'ratio' && output.name === part) return definition
  }
  throw new Error(`no definition of ${part}`)
}
