/** How fresh each materialized view is, who works on it and what went wrong: what `meridian status` shows. */
import type { ViewManifest } from '../contract.ts'
import { MeridianError } from '../errors.ts'
import { toDate } from '../instant.ts'
import type { CompletedTick } from '../online/store.ts'
import type { Environment } from '../view-runtime.ts'
import { jobsOf, newestTick } from './due.ts'
import { type Done, type Locks, memberOf, type State } from './locks.ts'
import { buildOf } from './refreshing.ts'
import type { Scheduling } from './scheduling.ts'

/**
 * `fresh`: the newest tick is online. `due`: it has come and is not. `running`: a worker is at it. `failing`: the last
 * attempts failed. `waiting`: the database is away. `empty`: nothing was ever completed, or the store lost it.
 */
export type ViewState = 'fresh' | 'due' | 'running' | 'failing' | 'waiting' | 'empty'

/** How fresh a view is, by the store's clock. */
export interface ViewStatus {
  readonly view: string
  readonly state: ViewState
  /** The last tick whose values are online. */
  readonly tick: Date | null
  /** Seconds since that tick: how old the stored values are. */
  readonly lag: number | null
  /** Seconds that the definition allows, if it does say. */
  readonly freshness: number | null
  /** Whether the lag is beyond that, or nothing is stored though freshness was asked for. */
  readonly stale: boolean
  readonly completedAt: Date | null
  /** What the run did; null where no worker ran it. */
  readonly run: Done['run']
  /** Who has taken its next tick, which may still lie ahead. */
  readonly holder: { readonly worker: string; readonly since: Date } | null
  /** What failed since the last completed tick. `attempt`: failures in a row; 0 where it was not the view's fault. */
  readonly failure: {
    readonly attempt: number
    readonly tick: Date
    readonly error: string
    readonly failedAt: Date
    readonly retryAt: Date
    readonly worker: string
  } | null
}

/** The status of one view at `now`, in milliseconds of the store's clock. */
export function statusOf(
  { name, ticks, freshness }: Pick<ViewManifest, 'name' | 'ticks' | 'freshness'>,
  completed: Pick<CompletedTick, 'tick'> | null,
  { done, failure, holder }: State,
  now: number,
): ViewStatus {
  if (!ticks) throw new Error(`view ${name} has no ticks`)
  const tick = completed?.tick ?? null
  const newest = newestTick(ticks, BigInt(now) * 1000n)
  const lag = tick === null ? null : now / 1000 - Number(tick) / 1e6
  const isOnline = tick !== null && tick >= newest
  // A record of another tick than the one that is online says nothing of it.
  const own = done !== null && tick !== null && BigInt(done.tick) === tick ? done : null
  // Whoever completed it since may have been none of the workers that share this state.
  const open = failure !== null && (tick === null || BigInt(failure.tick) > tick) ? failure : null
  return {
    view: name,
    state: stateOf(isOnline, tick, open, holder !== null),
    tick: tick === null ? null : toDate(tick),
    lag,
    freshness: freshness === null ? null : freshness / 1e6,
    stale: freshness !== null && (lag === null || lag * 1e6 > freshness),
    completedAt: own && new Date(own.completedAt),
    run: own?.run ?? null,
    holder: holder && { worker: holder.worker, since: new Date(holder.since) },
    failure: open && {
      attempt: open.attempt,
      tick: toDate(BigInt(open.tick)),
      error: open.error,
      failedAt: new Date(open.failedAt),
      retryAt: new Date(open.retryAt),
      worker: open.worker,
    },
  }
}

function stateOf(isOnline: boolean, tick: bigint | null, failure: State['failure'], isHeld: boolean): ViewState {
  if (isOnline) return 'fresh'
  if (failure) return failure.attempt === 0 ? 'waiting' : 'failing'
  if (isHeld) return 'running'
  return tick === null ? 'empty' : 'due'
}

/** Reads the status of views, in two round trips however many they are. */
export class StatusReader {
  readonly #environment: Pick<Environment, 'artefacts' | 'online'>
  readonly #scheduling: Scheduling
  #locks: Promise<Locks> | null = null

  constructor(environment: Pick<Environment, 'artefacts' | 'online'>, scheduling: Scheduling) {
    this.#environment = environment
    this.#scheduling = scheduling
  }

  /** @throws MeridianError `name.unknown`, `store.unavailable`, `store.timeout`, `store.refused` */
  async read(names?: readonly string[]): Promise<ViewStatus[]> {
    const { artefacts, online } = this.#environment
    const { views } = artefacts.manifest
    const all = jobsOf(artefacts.manifest)
    const unknown = names?.find(name => !all.some(({ view }) => view === name))
    if (unknown !== undefined) {
      const known = all.map(({ view }) => view)
      const message = `there is no materialized view "${unknown}": there are ${known.join(', ') || 'none'}`
      throw new MeridianError('name.unknown', message, { name: unknown, known })
    }
    const jobs = names ? jobsOf(artefacts.manifest, names) : all
    const locks = await this.#connected(buildOf(all))
    const [{ now, states }, completed] = await Promise.all([
      locks.states(jobs.map(memberOf)),
      Promise.all(jobs.map(({ view, layout }) => online.completedTick(view, layout))),
    ])
    return jobs.map(({ view }, index) =>
      statusOf(views[view] as ViewManifest, completed[index] ?? null, states[index] as State, now),
    )
  }

  async close(): Promise<void> {
    const locks = await this.#locks?.catch(() => null)
    await locks?.close()
  }

  #connected(build: string): Promise<Locks> {
    this.#locks ??= this.#scheduling.locks(build).catch(error => {
      // The next reading tries again.
      this.#locks = null
      throw error
    })
    return this.#locks
  }
}
