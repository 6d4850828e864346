/** A built project, whose answers for a set of data are compared with the reference's. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { ValueType } from 'meridian'
import type { Store } from 'meridian/runtime'
import type { RecordedTick } from '../../runtime/schedule/recording.ts'
import { type Answers, featureType, type StoredView, tickAtOrBefore } from '../reference/index.ts'
import { OverflowError } from '../reference/scalar.ts'
import { buildProject } from './built.ts'
import { agrees, text } from './compare.ts'
import type { DataSet, SpineRow } from './data.ts'
import { readAnswers, storedKeys, trainingAnswers } from './expected.ts'
import { localMode } from './local.ts'
import type { Mode } from './mode.ts'
import { productionMode } from './production.ts'
import type { Project } from './project.ts'

export interface Disagreement {
  /** Stays the same while data shrinks. */
  readonly where: string
  readonly what: string
  readonly expected: string
  readonly actual: string
}

type Row = Readonly<Record<string, unknown>>

const openMode = { local: localMode, production: productionMode } as const
type ModeName = keyof typeof openMode

/** `MERIDIAN_MODES=local` leaves production out, which is slower. */
const modeNames = (process.env.MERIDIAN_MODES ?? 'local,production').split(',') as ModeName[]

/** Thrown at the first disagreement. */
class Found extends Error {
  readonly disagreement: Disagreement
  constructor(where: string, what: string, expected: string, actual: string) {
    super(where)
    this.disagreement = { where, what, expected, actual }
  }
}

export class Pipe {
  readonly project: Project
  readonly #folder: string
  readonly #modes: readonly Mode[]

  private constructor(project: Project, folder: string, modes: readonly Mode[]) {
    this.project = project
    this.#folder = folder
    this.#modes = modes
  }

  /** @throws where the build has a diagnostic: the projects have no mistakes. */
  static async build(project: Project, folder: string): Promise<Pipe> {
    await buildProject(project, folder)
    const modes = await Promise.all(modeNames.map(name => openMode[name](folder)))
    for (const mode of modes) await mode.createTables(project)
    return new Pipe(project, folder, modes)
  }

  async close(): Promise<void> {
    for (const mode of this.#modes) await mode.close()
  }

  /** The first value that is not what the reference says; null where all are, in each mode. */
  async disagreement(data: DataSet): Promise<Disagreement | null> {
    for (const mode of this.#modes) {
      const found = await this.#disagreementIn(mode, data)
      if (found) return { ...found, where: `${mode.name}: ${found.where}` }
    }
    return null
  }

  async #disagreementIn(mode: Mode, data: DataSet): Promise<Disagreement | null> {
    await mode.replaceRows(this.project, data.rows)
    await mode.replaceTicks(recordedTicks(data))
    const store = await mode.connect(pathToFileURL(`${join(this.#folder, 'generated')}/`))
    try {
      await this.#compareTraining(store, data)
      await this.#compareReads(store, data)
      return null
    } catch (error) {
      if (error instanceof Found) return error.disagreement
      // An overflow has no value to compare; engines differ in which rows they compute before they fail.
      if (error instanceof OverflowError) return null
      return { where: 'error', what: String(error), expected: 'no error', actual: (error as Error).stack ?? '' }
    } finally {
      await store.close()
    }
  }

  async #compareTraining(store: Store, data: DataSet): Promise<void> {
    const { views, service } = this.project
    const spine = data.spine.map(({ key, t, label }) => ({ ...key, 'the label': label, event_timestamp: isoText(t) }))
    for (const [name, { accuracy, ticks }] of Object.entries(accuracies)) {
      const expected = new Map(
        views.map(view => {
          const asOf = ticks === 'recorded' ? (data.completed[view.name] ?? []) : accuracy
          return [view, trainingAnswers(this.project, data, view, asOf)]
        }),
      )
      const all = store.service(service.name).trainingData({ spine, accuracy, ticks })
      this.#compareRows(`${service.name} ${name}`, data.spine, await all.toArray(), expected, true)
      if (data.toFile) {
        const path = join(this.#folder, 'training.parquet')
        await all.toParquet(path)
        this.#compareRows(`${service.name} ${name} file`, data.spine, await readParquet(path), expected, false)
      }
      for (const [view, answers] of expected) {
        const rows = await store.view(view.name).trainingData({ spine, accuracy, ticks }).toArray()
        this.#compareRows(`${view.name} ${name}`, data.spine, rows, new Map([[view, answers]]), true)
      }
    }
  }

  #compareRows(
    where: string,
    spine: readonly SpineRow[],
    rows: readonly Row[],
    expected: ReadonlyMap<StoredView, readonly Answers[]>,
    milliseconds: boolean,
  ): void {
    if (rows.length !== spine.length) throw new Found(where, 'number of rows', `${spine.length}`, `${rows.length}`)
    for (const [index, { key, t, label }] of spine.entries()) {
      const row = rows[index]!
      const given: [string, unknown, ValueType][] = [
        ...Object.entries(this.project.entity.joinKeys).map(([name, type]): [string, unknown, ValueType] => [
          name,
          key[name],
          type,
        ]),
        ['event_timestamp', t, { type: 'timestamp' }],
        ['the label', label, { type: 'float64' }],
      ]
      for (const [name, value, type] of given) {
        const same = agrees(row[name], { type, value: value as never, milliseconds, rounded: false })
        if (!same) throw new Found(where, `spine row ${index}, ${name}`, text(value), text(row[name]))
      }
      for (const [view, answers] of expected)
        this.#compareAnswers(where, `spine row ${index}`, view, answers[index]!, row, milliseconds)
    }
  }

  #compareAnswers(
    where: string,
    at: string,
    view: StoredView,
    answers: Answers,
    row: Row,
    milliseconds: boolean,
  ): void {
    for (const [feature, { value, status }] of Object.entries(answers)) {
      const type = featureType(view, feature)
      const rounded = view.kind === 'feature_view' && isComputed(view.features[feature]!)
      const same = agrees(row[feature], { type, value, milliseconds, rounded })
      if (!same)
        throw new Found(where, `${at}, ${view.name}.${feature}`, `${text(value)} (${status})`, text(row[feature]))
    }
  }

  async #compareReads(store: Store, data: DataSet): Promise<void> {
    const { views, service } = this.project
    for (const moment of data.moments) {
      for (const view of views.filter(({ materialize }) => materialize)) {
        const tick = tickAtOrBefore(view, moment)
        const done = await store.view(view.name).materialize({ at: isoText(moment) })
        const keys = storedKeys(this.project, data, view, tick).length
        const where = `${view.name} materialized`
        // Where an earlier moment was completed, only the keys that can have changed since are computed.
        const asMany = done.full ? done.rows === keys : done.rows <= keys
        if (!asMany) throw new Found(where, 'number of keys', `${keys}`, `${done.rows}`)
        if (done.tick.getTime() !== milliseconds(tick))
          throw new Found(where, 'tick', isoText(tick), done.tick.toISOString())
      }
      for (const { key, at } of data.reads) {
        const options = { at: isoText(at) }
        const plain = (await store.service(service.name).getMany([key, key], options))[1] as Row
        const detailed = (await store.service(service.name).get(key, { ...options, status: true })) as Readonly<
          Record<string, Row>
        >
        for (const view of views) {
          const answers = readAnswers(
            this.project,
            data,
            view,
            key,
            view.materialize ? tickAtOrBefore(view, moment) : at,
            at,
          )
          const asked = `${text(Object.values(key))} at ${options.at} after ${isoText(moment)}`
          this.#compareAnswers('getter', asked, view, answers, plain, true)
          for (const [name, { status }] of Object.entries(answers)) {
            const got = detailed[name]?.status
            if (got !== status) throw new Found('getter status', `${asked}, ${view.name}.${name}`, status, String(got))
          }
          const values = Object.fromEntries(Object.keys(answers).map(name => [name, detailed[name]?.value]))
          this.#compareAnswers('getter with status', asked, view, answers, values, true)
        }
      }
    }
  }
}

/** What training data can be as of. */
export const accuracies = {
  exact: { accuracy: 'exact', ticks: 'scheduled' },
  'as served': { accuracy: 'as_served', ticks: 'scheduled' },
  'as recorded': { accuracy: 'as_served', ticks: 'recorded' },
} as const

/** Of whatever layout, in whatever order. */
export function recordedTicks({ completed }: DataSet): RecordedTick[] {
  return Object.entries(completed).flatMap(([view, ticks]) =>
    ticks.map(({ tick, completed }, index) => ({
      view,
      fingerprint: index % 2 === 0 ? 'an earlier layout' : 'a later layout',
      tick,
      started: tick,
      completed,
      rows: index,
    })),
  )
}

/** Whether a float of it may be rounded differently by engines that add or convert in another order. */
export function isComputed(feature: Extract<StoredView, { kind: 'feature_view' }>['features'][string]): boolean {
  return feature.kind !== 'latest' || feature.value.kind !== 'column'
}

const milliseconds = (micros: bigint): number => Number((micros - (((micros % 1000n) + 1000n) % 1000n)) / 1000n)

/** ISO 8601 to the microsecond. */
export function isoText(micros: bigint): string {
  const seconds = new Date(Math.floor(milliseconds(micros) / 1000) * 1000).toISOString().slice(0, 19)
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n
  return `${seconds}.${String(fraction).padStart(6, '0')}Z`
}

let scratch: Promise<DuckDBConnection> | null = null

/** The rows as DuckDB's own values, which keep microseconds. */
async function readParquet(path: string): Promise<Row[]> {
  scratch ??= DuckDBInstance.create(':memory:').then(instance => instance.connect())
  const reader = await (await scratch).runAndReadAll(`FROM read_parquet('${path}')`)
  return reader.getRowObjects()
}
