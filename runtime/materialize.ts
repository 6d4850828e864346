/** Materialization: the values of every key at a tick, from the SQL into the online store, in bounded memory. */
import { MeridianError } from './errors.ts'
import { toDate } from './instant.ts'
import type { Parameters, RunOptions } from './offline/engine.ts'
import type { KeyValue } from './online/key.ts'
import type { StoredValue } from './online/row.ts'
import type { StoredRow } from './online/store.ts'
import { tickAt } from './schedule/tick.ts'
import { type Environment, relationsOf, type ViewRuntime } from './view-runtime.ts'

export interface Materialized {
  readonly view: string
  /** The tick whose values are now stored: the last at or before the instant that was asked for. */
  readonly tick: Date
  /** Keys that were computed. */
  readonly rows: number
  /** Of these, those that were not older than what was stored. */
  readonly written: number
  readonly seconds: number
}

/**
 * Stores a view's values at the last tick at or before `at`, in microseconds. A run that fails leaves each key at its
 * old or its new value, and the tick not completed.
 *
 * @throws MeridianError `materialize.failed`, `aborted`
 */
export async function materializeView(
  environment: Environment,
  view: ViewRuntime,
  at: bigint,
  options: RunOptions = {},
): Promise<Materialized> {
  const { manifest } = view
  const { engine, artefacts, online } = environment
  const path = manifest.statements[engine.dialect]?.materialize
  if (!manifest.ticks || !path)
    throw new MeridianError(
      'materialize.failed',
      `view "${manifest.name}" is not materialized: it is computed when it is read`,
      {
        view: manifest.name,
      },
    )
  const started = performance.now()
  // The delay is how long values may take to be online, not when they are computed.
  const tick = tickAt({ ...manifest.ticks, delay: 0 }, at)
  const session = await engine.session(relationsOf(environment, [manifest]))
  let rows = 0
  let written = 0
  try {
    const parameters: Parameters = { as_of: tick }
    const { names, chunks } = await session.stream(
      artefacts.statement(path),
      parameters,
      columnsOf(view),
      true,
      options,
    )
    const encode = encoder(view, names, Number(tick))
    for await (const { rowCount, columns } of chunks) {
      const batch = new Array<StoredRow>(rowCount)
      for (let index = 0; index < rowCount; index += 1) batch[index] = encode(columns, index)
      written += await online.write(batch)
      rows += rowCount
    }
    await online.completeTick(manifest.name, manifest.layout.fingerprint, { tick, fullAt: environment.now().getTime() })
  } catch (error) {
    if (error instanceof MeridianError) throw error
    const problem = error instanceof Error ? error.message : String(error)
    const message = `view "${manifest.name}" was not materialized at ${toDate(tick).toISOString()}: ${problem}`
    throw new MeridianError('materialize.failed', message, { view: manifest.name, tick: toDate(tick), problem }, error)
  } finally {
    session.release()
  }
  return { view: manifest.name, tick: toDate(tick), rows, written, seconds: (performance.now() - started) / 1000 }
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
    return { key: view.key(parts), row: codec.encode(header, values), expiresIn: null }
  }
}
