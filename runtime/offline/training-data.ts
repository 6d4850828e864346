/** Training data: the spine's rows, in their order, each with its features as of its instant. */
import type { Field } from '../contract.ts'
import { MeridianError } from '../errors.ts'
import type { Chunk, ColumnTypes, Parameters, RunOptions, Session, Spine, Stream } from './engine.ts'
import { withoutTicks } from './recorded-ticks.ts'
import type { TrainingPlan } from './training-plan.ts'

/** Which rows, and as of when. */
export interface TrainingDataOptions extends RunOptions {
  /** Rows, or where they are; a path ending in .parquet or .csv is that file. */
  readonly spine: Spine | string
  /** `'exact'`: what was true at each instant. `'as_served'`: what the online store held then. */
  readonly accuracy?: 'exact' | 'as_served'
  /**
   * Which ticks `'as_served'` goes by. `'scheduled'`, the default: those that should have been online by then.
   * `'recorded'`: those that workers had completed by then, with outages and lateness.
   */
  readonly ticks?: 'scheduled' | 'recorded'
}

/** What was written. */
export interface Written {
  /** As many as the spine has. */
  readonly rows: number
}

/** A statement that is run beside training data, in the session that holds their tables: into a table, or for its rows. */
export interface Inspection {
  readonly sql: string
  /** The table that its rows become, which has a `__row`; null: they are returned. */
  readonly table: string | null
  /** How its columns are read: instants in microseconds. */
  readonly columns: readonly Field[]
}

/**
 * Training data that is computed when it is asked for: iterate its rows, or write it to a file or table, in which case
 * no row passes through JavaScript.
 *
 * @example
 * for await (const row of store.lateFlights.trainingData({ spine: 'labels.parquet' })) console.log(row)
 */
export class TrainingData<Row> implements AsyncIterable<Row> {
  readonly #plan: TrainingPlan
  readonly #options: TrainingDataOptions

  constructor(plan: TrainingPlan, options: TrainingDataOptions) {
    this.#plan = plan
    this.#options = options
  }

  /** The rows one by one, in bounded memory. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Row> {
    yield* this.#read(async function* ({ names, chunks }) {
      for await (const chunk of chunks) yield* rowsOf<Row>(names, chunk)
    })
  }

  /** All rows, in memory. */
  async toArray(): Promise<Row[]> {
    const rows: Row[] = []
    for await (const row of this) rows.push(row)
    return rows
  }

  /** All values, column by column. */
  async columns(): Promise<{ readonly [K in keyof Row]: Row[K][] }> {
    const columns: Record<string, unknown[]> = {}
    const read = this.#read(async function* ({ names, chunks }) {
      for (const name of names) columns[name] = []
      for await (const chunk of chunks) {
        for (const [index, name] of names.entries())
          for (const value of chunk.columns[index] ?? []) columns[name]?.push(value)
        yield
      }
    })
    for await (const _ of read);
    return columns as { readonly [K in keyof Row]: Row[K][] }
  }

  /** Writes a Parquet file. It appears when it is whole. */
  toParquet(path: string): Promise<Written> {
    return this.#write((session, options) => session.copy(this.#plan.sql, {}, path, 'parquet', options))
  }

  /** Writes a CSV file with a header. It appears when it is whole. */
  toCsv(path: string): Promise<Written> {
    return this.#write((session, options) => session.copy(this.#plan.sql, {}, path, 'csv', options))
  }

  /** Makes a table in the engine's database, which must not have one of that name. */
  toTable(name: string): Promise<Written> {
    return this.#write((session, options) => session.createTable(this.#plan.sql, {}, name, options))
  }

  /**
   * The rows, and those of further statements over the same spine, all of one state of the data: for tools that show why a
   * value is what it is.
   */
  async inspect(
    inspections: readonly Inspection[],
  ): Promise<{ readonly rows: Row[]; readonly found: readonly (readonly Readonly<Record<string, unknown>>[])[] }> {
    const session = await this.#session()
    try {
      await this.#join(session)
      const { columns, sql } = this.#plan
      const rows = await allOf<Row>(await session.stream(sql, {}, typesOf(columns), false))
      const found: Readonly<Record<string, unknown>>[][] = []
      for (const { sql, table, columns } of inspections) {
        if (table === null) found.push(await allOf(await session.stream(sql, this.#parameters, typesOf(columns), true)))
        else await session.createTemporary(table, sql, this.#parameters)
      }
      return { rows, found }
    } catch (error) {
      throw failure(error)
    } finally {
      session.release()
    }
  }

  async #write(write: (session: Session, options: RunOptions) => Promise<number>): Promise<Written> {
    const session = await this.#session()
    try {
      await this.#join(session)
      return { rows: await write(session, this.#share(this.#plan.steps.length)) }
    } catch (error) {
      throw failure(error)
    } finally {
      session.release()
    }
  }

  async *#read<T>(use: (stream: Stream) => AsyncGenerator<T>): AsyncGenerator<T> {
    const session = await this.#session()
    try {
      await this.#join(session)
      const { columns, steps, sql } = this.#plan
      yield* use(await session.stream(sql, {}, typesOf(columns), false, this.#share(steps.length)))
    } catch (error) {
      throw failure(error)
    } finally {
      session.release()
    }
  }

  /** The features of each view, one after the other: less memory than all at once, and a failure says whose it is. */
  async #join(session: Session): Promise<void> {
    for (const [index, step] of this.#plan.steps.entries()) {
      const table = `${step.name}__features`
      const options = this.#share(index)
      try {
        if (step.kind === 'statement') await session.createTemporary(table, step.sql, this.#parameters, options)
        else await session.createComputed(table, step.request, options)
      } catch (error) {
        throw failure(error, `of view "${step.name}" `)
      }
    }
  }

  get #parameters(): Parameters {
    return { as_served: this.#options.accuracy === 'as_served', recorded: isRecorded(this.#options) }
  }

  /** Progress of one part of the work as progress of the whole. */
  #share(part: number): RunOptions {
    const { signal, onProgress } = this.#options
    const parts = this.#plan.steps.length + 1
    onProgress?.({ fraction: part / parts })
    return { signal, onProgress: onProgress && (({ fraction }) => onProgress({ fraction: (part + fraction) / parts })) }
  }

  async #session(): Promise<Session> {
    const { engine, relations, spine: request } = this.#plan
    if (isRecorded(this.#options) && this.#options.accuracy !== 'as_served')
      throw new MeridianError(
        'training.failed',
        "recorded ticks say what was served: they go with accuracy: 'as_served'",
      )
    const session = await engine.session(relations, { forTraining: true }).catch(error => {
      throw withoutTicks(error)
    })
    try {
      const { spine, signal } = this.#options
      await session.loadSpine(spineOf(spine), request, { signal })
      return session
    } catch (error) {
      session.release()
      throw withoutTicks(error)
    }
  }
}

/** Whether the ticks that workers recorded are asked for. */
export const isRecorded = ({ ticks }: TrainingDataOptions): boolean => ticks === 'recorded'

function spineOf(spine: Spine | string): Spine {
  if (typeof spine !== 'string') return spine
  if (/\.parquet$/i.test(spine)) return { parquet: spine }
  if (/\.csv(\.gz)?$/i.test(spine)) return { csv: spine }
  const message = `the spine "${spine}" is neither .parquet nor .csv: give { table }, { sql }, { parquet } or { csv }`
  throw new MeridianError('spine.invalid', message, { spine })
}

function typesOf(columns: readonly Field[]): ColumnTypes {
  return new Map(columns.map(({ name, type }) => [name, type]))
}

async function allOf<Row>({ names, chunks }: Stream): Promise<Row[]> {
  const rows: Row[] = []
  for await (const chunk of chunks) rows.push(...rowsOf<Row>(names, chunk))
  return rows
}

function* rowsOf<Row>(names: readonly string[], { rowCount, columns }: Chunk): Generator<Row> {
  for (let index = 0; index < rowCount; index += 1) {
    const row: Record<string, unknown> = {}
    for (let column = 0; column < names.length; column += 1) row[names[column] as string] = columns[column]?.[index]
    yield row as Row
  }
}

function failure(error: unknown, whose = ''): unknown {
  if (error instanceof MeridianError) return error
  const problem = error instanceof Error ? error.message : String(error)
  return new MeridianError(
    'training.failed',
    `the training data ${whose}could not be computed: ${problem}`,
    { problem },
    error,
  )
}
