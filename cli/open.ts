/** The store of a project, for the verbs that run. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { connect, connectStatus, MeridianError, type OpenStatus, type Retrieved, type Store } from '../runtime/index.ts'
import { CommandError, exitCodes } from './exit-codes.ts'
import { nearest } from './nearest.ts'
import { findProject, type ProjectOptions } from './project.ts'

export interface RunOptions extends ProjectOptions {
  /** A DuckDB database file with the tables that sources are bound to. */
  readonly duckdb?: string
  readonly json?: boolean
  /** Connections to the database that are needed at once; never fewer than by default. */
  readonly connections?: number
}

/** Milliseconds. Nobody waits for a command as a request waits for a read. */
const patience = { readTimeout: 5_000, writeTimeout: 10_000, connectTimeout: 5_000 }

/**
 * Opens the project's store, runs the work and closes it again, whatever happens. `local`: what is stored is gone with this
 * process.
 */
export async function withStore<T>(
  options: RunOptions,
  work: (store: Store, mode: { readonly local: boolean }) => Promise<T>,
): Promise<T> {
  const project = await findProject(options)
  const local = process.env.MERIDIAN_ENV !== 'production'
  if (!local && options.duckdb !== undefined)
    throw new CommandError(exitCodes.invocation, '--duckdb is for local mode, and MERIDIAN_ENV is "production"')
  if (options.duckdb !== undefined && !existsSync(options.duckdb))
    throw new CommandError(exitCodes.invocation, `there is no database file ${options.duckdb}`)
  try {
    const store = await connect(resolve(project.root, project.output), {
      root: project.root,
      redis: patience,
      ...((options.connections ?? 0) > 10 ? { postgres: { poolSize: options.connections as number } } : {}),
      ...(options.duckdb === undefined ? {} : { duckdb: { path: options.duckdb } }),
    })
    try {
      return await work(store, { local })
    } finally {
      await store.close()
    }
  } catch (error) {
    if (error instanceof MeridianError) throw new CommandError(exitCodes.invocation, error.message)
    throw error
  }
}

/** The same for what asks Redis alone. */
export async function withStatus<T>(options: ProjectOptions, work: (status: OpenStatus) => Promise<T>): Promise<T> {
  const project = await findProject(options)
  try {
    const status = await connectStatus(resolve(project.root, project.output), patience)
    try {
      return await work(status)
    } finally {
      await status.close()
    }
  } catch (error) {
    if (error instanceof MeridianError) throw new CommandError(exitCodes.invocation, error.message)
    throw error
  }
}

/** A view or service by its name. */
export function handleOf(store: Store, name: string) {
  const { services, views, onDemandViews } = store.manifest
  const service = Object.hasOwn(services, name) ? services[name] : undefined
  if (service) return { handle: store.service(name), ...askedFor(service) }
  const view = Object.hasOwn(views, name) ? views[name] : undefined
  if (view) return { handle: store.view(name), keys: view.keys, request: [], views: [name] }
  const onDemand = Object.hasOwn(onDemandViews, name) ? onDemandViews[name] : undefined
  if (onDemand) return { handle: store.onDemandView(name), ...askedFor(onDemand) }
  const names = [services, views, onDemandViews].flatMap(named => Object.keys(named))
  throw new CommandError(exitCodes.invocation, `there is no service or view "${name}"${nearest(name, names)}`)
}

/** `views`: those whose rows it reads, each once. */
function askedFor({ keys, request, uses }: Retrieved) {
  return { keys, request, views: [...new Set(uses.map(({ view }) => view))] }
}

/** The materialized views, all or those that are named. */
export function materializedViews({ manifest }: Pick<Store, 'manifest'>, names: readonly string[]): readonly string[] {
  const known = Object.values(manifest.views).flatMap(view => (view.materialize ? [view.name] : []))
  const unknown = names.find(name => !known.includes(name))
  if (unknown === undefined) return names.length === 0 ? known : names
  throw new CommandError(exitCodes.invocation, `there is no materialized view "${unknown}"${nearest(unknown, known)}`)
}
