/** An API pod: a process that answers for the features of one build, and keeps nothing. */
import { createHash } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { openEnvironment } from '../connect.ts'
import type { Manifest, Retrieved } from '../contract.ts'
import { retrievedView } from '../retrieved-view.ts'
import { Store } from '../store.ts'
import type { Environment } from '../view-runtime.ts'
import { type Api, appOf } from './app.ts'
import { Authentication } from './authentication.ts'
import { catalogueText, type Documented } from './catalogue.ts'
import { Circuits } from './circuits.ts'
import { type Log, openLog } from './log.ts'
import { Metrics } from './metrics.ts'
import { checkExposure, type Drain, drain, limits, type PodOptions } from './options.ts'
import { pagesOf } from './pages.ts'
import { Ready } from './readiness.ts'
import { Gate } from './requests.ts'
import { type Getters, type Served, Subject } from './subject.ts'

/** A pod that listens, with the connections to its stores. */
export class Pod {
  /** Where it listens. */
  readonly url: string
  /** The store that it answers from. */
  readonly store: Store
  /** What it writes its log with. */
  readonly log: Log
  readonly #app: FastifyInstance
  readonly #gate: Gate
  readonly #drain: Drain
  #ending: Promise<void> | null = null

  private constructor(parts: { url: string; store: Store; log: Log; app: FastifyInstance; gate: Gate; drain: Drain }) {
    this.url = parts.url
    this.store = parts.store
    this.log = parts.log
    this.#app = parts.app
    this.#gate = parts.gate
    this.#drain = parts.drain
  }

  /**
   * Connects to the stores, and listens.
   *
   * @throws MeridianError `environment.unsupported`, and what `connect` throws
   * @example
   * const pod = await Pod.open({ folder: 'generated/fraud', port: 8080 })
   * process.once('SIGTERM', () => pod.drain())
   */
  static async open(options: PodOptions): Promise<Pod> {
    checkExposure(options)
    const { deadline } = { ...limits, ...options.limits }
    const opened = await openEnvironment(options.folder, connectOptions(options, deadline), 'microseconds')
    const store = new Store(opened.environment, opened.scheduling)
    try {
      await options.prepare?.(store)
      return await Pod.#listen(options, opened.environment, store)
    } catch (error) {
      await store.close()
      throw error
    }
  }

  static async #listen(options: PodOptions, environment: Environment, store: Store): Promise<Pod> {
    const bounds = { ...limits, ...options.limits }
    const { artefacts } = environment
    const { manifest } = artefacts
    const build = fingerprintOf(manifest)
    const log = openLog({ level: 'info', ...options.log, urls: urlsOf(options) }, { project: manifest.project, build })
    const metrics: Metrics = new Metrics(build, manifest.project, () => gate.inFlight)
    const { keys, issuer = null } = options
    const authentication = keys || issuer ? new Authentication(keys ?? [], issuer, bounds.deadline) : null
    const gate = new Gate({ authentication, metrics, log, concurrency: bounds.concurrency })
    const changed = (name: string, state: string) => log.lines.warn({ circuit: name, state }, `the circuit is ${state}`)
    const circuits = new Circuits({ metrics, changed })
    const { deadline } = bounds
    const readTimeout = readTimeoutOf(options, deadline)
    const subjects = servedBy(environment, store).map(
      one => new Subject(one, { circuits, tally: metrics.tally(`${one.kind}s/${one.name}`), deadline, readTimeout }),
    )
    const document = artefacts.statement('openapi.json')
    const api = JSON.parse(document) as Api & Documented
    const pages = pagesOf({
      document,
      catalogue: catalogueText(manifest, build, subjects, api),
      metrics,
      gate,
      ready: new Ready(environment, store),
    })
    const byPath = new Map(subjects.map(subject => [`/v1/${subject.title}`, subject]))
    const app = appOf({ api, subjects: byPath, pages, limits: bounds, gate })
    await app.listen({ host: options.host ?? '127.0.0.1', port: options.port ?? 8080 })
    const { address, family, port } = app.server.address() as AddressInfo
    const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
    log.lines.info({ url, subjects: subjects.length, authentication: authentication !== null }, 'listening')
    return new Pod({ url, store, log, app, gate, drain: { ...drain, ...options.drain } })
  }

  /**
   * Ends without failing anybody: it says that it is not ready, goes on until load balancers have noticed, then takes no more
   * connections, finishes what is under way, and closes its stores.
   */
  drain(): Promise<void> {
    this.#ending ??= this.#end(this.#drain)
    return this.#ending
  }

  /** Ends at once: nobody is told before, and what is under way is cut off. */
  close(): Promise<void> {
    this.#ending ??= this.#end({ delay: 0, grace: 0 })
    return this.#ending
  }

  async #end({ delay, grace }: Drain): Promise<void> {
    this.log.lines.info({ delay, grace }, 'draining')
    this.#gate.drain()
    await sleep(delay)
    const late = setTimeout(() => this.#app.server.closeAllConnections(), grace)
    await this.#app.close()
    clearTimeout(late)
    await this.store.close()
    this.log.lines.info('ended')
    this.log.flush()
  }
}

/** The deadline of a request is that of each call to a store, unless that is told to be shorter. */
function connectOptions({ connect = {} }: PodOptions, deadline: number) {
  const readTimeout = readTimeoutOf({ connect }, deadline)
  const lookupTimeout = Math.min(connect.postgres?.lookupTimeout ?? deadline, deadline)
  return { ...connect, redis: { ...connect.redis, readTimeout }, postgres: { ...connect.postgres, lookupTimeout } }
}

function readTimeoutOf({ connect = {} }: Pick<PodOptions, 'connect'>, deadline: number): number {
  return Math.min(connect.redis?.readTimeout ?? 50, deadline)
}

/** What may hold a password. */
function urlsOf({ connect }: PodOptions): (string | undefined)[] {
  const { MERIDIAN_POSTGRES_URL, MERIDIAN_REDIS_URL } = process.env
  return [MERIDIAN_POSTGRES_URL, MERIDIAN_REDIS_URL, connect?.postgres?.url, connect?.redis?.url]
}

/** Twelve digits of the hash over all artefacts. */
function fingerprintOf({ artefacts }: Manifest): string {
  return createHash('sha256').update(JSON.stringify(artefacts)).digest('hex').slice(0, 12)
}

/** Services, on-demand views and views, as `openapi.json` has them. */
function servedBy(environment: Environment, store: Store): Served[] {
  const { manifest } = store
  const away = new Store({ ...environment, online: nothing(environment), absent: true })
  const of = (kind: Served['kind'], name: string, retrieved: Retrieved, getters: object, absent: object | null) => ({
    kind,
    name,
    retrieved,
    getters: getters as Getters,
    absent: absent as Getters | null,
    uses: usesOf(manifest, retrieved),
  })
  return [
    ...Object.values(manifest.services).map(service => {
      const absent = service.onStoreFailure === 'defaults' ? away.service(service.name) : null
      return of('service', service.name, service, store.service(service.name), absent)
    }),
    ...Object.values(manifest.onDemandViews).map(view =>
      of('view', view.name, view, store.onDemandView(view.name), null),
    ),
    ...Object.values(manifest.views).map(view =>
      of('view', view.name, retrievedView(view), store.view(view.name), null),
    ),
  ]
}

function usesOf({ views }: Manifest, { uses }: Retrieved): Served['uses'] {
  const stored = uses.map(({ view }) => views[view]?.materialize === true)
  return { store: stored.includes(true), database: stored.includes(false) }
}

/** A store in which no key has a row. */
function nothing({ online }: Environment): Environment['online'] {
  return {
    rowsTogether: online.rowsTogether,
    read: async keys => keys.map(() => null),
    write: async () => 0,
    completeTick: async () => {},
    completedTick: async () => null,
    incarnation: () => online.incarnation(),
    close: async () => {},
  }
}
