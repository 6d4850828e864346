/** Materialization: the values of every key at a tick, from the SQL into the online store, in bounded memory. */
import { aborted } from './abort.ts'
import { type ErrorCode, MeridianError } from './errors.ts'
import { toDate } from './instant.ts'
import type { Parameters, RunOptions } from './offline/engine.ts'
import type { KeyValue } from './online/key.ts'
import { fullEvery, lifetimeOf } from './online/lifetime.ts'
import type { StoredValue } from './online/row.ts'
import type { CompletedTick, StoredRow } from './online/store.ts'
import { tickAt } from './schedule/tick.ts'
import { type Environment, relationsOf, type ViewRuntime } from './view-runtime.ts'

/** What a materialization did. */
export interface Materialized {
  readonly view: string
  /** The tick whose values are now stored: the last at or before the instant that was asked for. */
  readonly tick: Date
  /** Whether all keys were computed, or those that can have changed since the tick before. */
  readonly full: boolean
  /** Keys that were computed. */
  readonly rows: number
  /** Of these, those that were not older than what was stored. */
  readonly written: number
  readonly seconds: number
}

export interface MaterializeRun extends RunOptions {
  /** Computes all keys, whatever the store says was completed. */
  readonly full?: boolean | undefined
}

/**
 * Stores a view's values at the last tick at or before `at`, in microseconds. Where an earlier tick was completed, and the
 * store has lost nothing since, only the keys whose values can have changed are computed. A run that fails leaves each key
 * at its old or its new value, and the tick not completed.
 *
 * @throws MeridianError `materialize.failed`, whose `details.reason` is the code of the error below it, where that is one of
 * ours (`store.unavailable`, `store.timeout`, `store.refused`, `database.unavailable`, ...); `aborted`, `store.closed`, `artefacts.changed`
 */
export async function materializeView(
  environment: Environment,
  view: ViewRuntime,
  at: bigint,
  options: MaterializeRun = {},
): Promise<Materialized> {
  return (await materialize(environment, view, at, options, false)) as Materialized
}

/**
 * The same, unless this tick or a later one is completed and the store has lost nothing since: then it says which.
 *
 * @throws MeridianError as `materializeView`
 */
export async function refreshView(
  environment: Environment,
  view: ViewRuntime,
  at: bigint,
  options: RunOptions = {},
): Promise<Materialized | CompletedTick> {
  return materialize(environment, view, at, options, true)
}

async function materialize(
  environment: Environment,
  view: ViewRuntime,
  at: bigint,
  options: MaterializeRun,
  onlyIfDue: boolean,
): Promise<Materialized | CompletedTick> {
  const { name, ticks, layout } = view.manifest
  const { engine, online } = environment
  const statements = view.manifest.statements[engine.dialect]
  if (!ticks || !statements?.materialize)
    throw new MeridianError(
      'materialize.failed',
      `view "${name}" is not materialized: it is computed when it is read`,
      { view: name },
    )
  const started = performance.now()
  const now = environment.now().getTime()
  const { signal } = options
  // The delay is how long values may take to be online, not when they are computed.
  const tick = tickAt({ ...ticks, delay: 0 }, at)
  try {
    if (signal?.aborted) throw aborted(signal)
    const incarnation = await online.incarnation()
    const before = options.full ? null : await online.completedTick(name, layout.fingerprint)
    const lostNothing = incarnation !== '' && before?.incarnation === incarnation
    // A store that does not say who it is may have lost something at any time, which is no reason to run without end.
    if (onlyIfDue && before && before.tick >= tick && (lostNothing || incarnation === '')) return before
    const changed = before !== null && lostNothing && before.tick < tick && now - before.fullAt < fullEvery
    const work: Work =
      changed && statements.materializeChanged
        ? { path: statements.materializeChanged, parameters: { as_of: tick, since: before.tick } }
        : { path: statements.materialize, parameters: { as_of: tick } }
    const full = work.path === statements.materialize
    const counts = await store(environment, view, tick, work, options)
    // Rows that this run wrote before may be among those lost.
    if ((await online.incarnation()) !== incarnation)
      throw new Error('a server of the store was started anew, replaced or emptied meanwhile: materialize it again')
    const fullAt = full || !before ? now : before.fullAt
    await online.completeTick(name, layout.fingerprint, { tick, fullAt, incarnation })
    return { view: name, tick: toDate(tick), full, ...counts, seconds: (performance.now() - started) / 1000 }
  } catch (error) {
    if (error instanceof MeridianError && notOfTheRun.has(error.code)) throw error
    const problem = error instanceof Error ? error.message : String(error)
    const message = `view "${name}" was not materialized at ${toDate(tick).toISOString()}: ${problem}`
    const reason = error instanceof MeridianError ? { reason: error.code } : {}
    throw new MeridianError(
      'materialize.failed',
      message,
      { view: name, tick: toDate(tick), problem, ...reason },
      error,
    )
  }
}

interface Work {
  readonly path: string
  readonly parameters: Parameters
}

/** What is no failure of the run: its caller did it, or what is installed is not what was built. */
const notOfTheRun: ReadonlySet<ErrorCode> = new Set([
  'aborted',
  'store.closed',
  'artefacts.changed',
  'artefacts.unreadable',
])

/** Makes the rows of one batch while the store takes the one before: two are held, three at most. */
async function store(
  environment: Environment,
  view: ViewRuntime,
  tick: bigint,
  { path, parameters }: Work,
  options: RunOptions,
): Promise<{ rows: number; written: number }> {
  const { engine, artefacts, online } = environment
  const session = await engine.session(relationsOf(environment, [view.manifest]))
  let writing: Promise<number> = Promise.resolve(0)
  let rows = 0
  let written = 0
  try {
    const { names, chunks } = await session.stream(
      artefacts.statement(path),
      parameters,
      columnsOf(view),
      true,
      options,
    )
    const encode = encoder(view, names, Number(tick))
    let batch: StoredRow[] = []
    const write = async () => {
      const before = writing
      writing = online.write(batch, options.signal)
      // Whoever waits for it is told; until then nobody may be there to hear of a failure.
      writing.catch(() => {})
      batch = []
      written += await before
    }
    for await (const { rowCount, columns } of chunks) {
      for (let index = 0; index < rowCount; index += 1)
        if (batch.push(encode(columns, index)) >= online.rowsTogether) await write()
      rows += rowCount
    }
    await write()
    written += await writing
    return { rows, written }
  } finally {
    await writing.catch(() => {})
    session.release()
  }
}

const timestamp = { type: 'timestamp' } as const

function columnsOf(view: ViewRuntime) {
  return new Map([...view.columns, ['__event_timestamp', timestamp], ['__created_timestamp', timestamp]] as const)
}

type Columns = readonly (readonly unknown[])[]

function encoder(
  view: ViewRuntime,
  names: readonly string[],
  tick: number,
): (columns: Columns, row: number) => StoredRow {
  const keys = view.manifest.keys.map(({ name }) => names.indexOf(name))
  const fields = view.manifest.layout.fields.map(({ name }) => names.indexOf(name))
  const event = names.indexOf('__event_timestamp')
  const created = names.indexOf('__created_timestamp')
  const values = new Array<StoredValue>(fields.length)
  const parts = new Array<KeyValue>(keys.length)
  const { codec } = view
  const lifetime = lifetimeOf(view.manifest.horizon, tick)
  return (columns, row) => {
    for (let index = 0; index < keys.length; index += 1)
      parts[index] = columns[keys[index] as number]?.[row] as KeyValue
    for (let index = 0; index < fields.length; index += 1)
      values[index] = columns[fields[index] as number]?.[row] as StoredValue
    const header = {
      tick,
      eventTimestamp: Number(columns[event]?.[row]),
      createdTimestamp: Number(columns[created]?.[row]),
    }
    return { key: view.key(parts), row: codec.encode(header, values), expiresIn: lifetime(header.eventTimestamp) }
  }
}
