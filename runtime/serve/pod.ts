/** An API pod: a process that answers for the features of one build, and keeps nothing. */
import { createHash } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { openEnvironment } from '../connect.ts'
import type { Manifest, Retrieved } from '../contract.ts'
import { retrievedView } from '../retrieved-view.ts'
import type { Scheduling } from '../schedule/scheduling.ts'
import { Store } from '../store.ts'
import type { Environment } from '../view-runtime.ts'
import { type Api, appOf, type Page } from './app.ts'
import { Authentication } from './authentication.ts'
import { catalogueText } from './catalogue.ts'
import { Circuits } from './circuits.ts'
import { type Log, openLog } from './log.ts'
import { Metrics } from './metrics.ts'
import { checkExposure, type Drain, drain, limits, type PodOptions } from './options.ts'
import { Ready } from './readiness.ts'
import { Gate } from './requests.ts'
import { type Getters, type Served, Subject } from './subject.ts'

const json = 'application/json; charset=utf-8'

export class Pod {
  /** Where it listens. */
  readonly url: string
  /** The store that it answers from. */
  readonly store: Store
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
    return Pod.on(opened.environment, options, opened.scheduling)
  }

  /** On stores that are open, which end with it. */
  static async on(
    environment: Environment,
    options: Omit<PodOptions, 'folder'>,
    scheduling?: Scheduling,
  ): Promise<Pod> {
    const bounds = { ...limits, ...options.limits }
    const { artefacts } = environment
    const { manifest } = artefacts
    const store = new Store(environment, scheduling)
    const build = fingerprintOf(manifest)
    const urls = [process.env.MERIDIAN_POSTGRES_URL, process.env.MERIDIAN_REDIS_URL]
    const { postgres, redis } = options.connect ?? {}
    const readTimeout = readTimeoutOf(options, bounds.deadline)
    const log = openLog(
      { level: 'info', ...options.log, urls: [...urls, postgres?.url, redis?.url] },
      { project: manifest.project, build },
    )
    const metrics: Metrics = new Metrics(build, manifest.project, () => gate.inFlight)
    const { keys = [], issuer = null } = options
    const authentication = keys.length > 0 || issuer ? new Authentication(keys, issuer) : null
    const gate = new Gate({ authentication, metrics, log, concurrency: bounds.concurrency })
    const changed = (name: string, state: string) => log.lines.warn({ circuit: name, state }, `the circuit is ${state}`)
    const circuits = new Circuits({ metrics, changed })
    const served = servedBy(environment, store)
    const subjects = served.map(
      one =>
        new Subject(one, {
          circuits,
          tally: metrics.tally(`${one.kind}s/${one.name}`),
          deadline: bounds.deadline,
          readTimeout,
        }),
    )
    const document = artefacts.statement('openapi.json')
    const api = JSON.parse(document) as Api
    const ready = new Ready(environment, store)
    const catalogue = catalogueText(manifest, build, subjects, api as Parameters<typeof catalogueText>[3])
    const pages: Record<string, Page> = {
      '/healthz': { open: true, answer: async () => ({ type: json, text: '{"status":"up"}' }) },
      '/readyz': {
        open: true,
        answer: async () => {
          const state = gate.isDraining ? { ready: false, problems: ['the pod is about to end'] } : await ready.check()
          metrics.ready(state.ready)
          return { status: state.ready ? 200 : 503, type: json, text: JSON.stringify(state) }
        },
      },
      '/metrics': {
        scope: 'metrics',
        answer: async () => ({ type: metrics.registry.contentType, text: await metrics.registry.metrics() }),
      },
      '/v1/catalog': { answer: async () => ({ type: json, text: catalogue }) },
      '/openapi.json': { answer: async () => ({ type: json, text: document }) },
    }
    const byPath = new Map(subjects.map(subject => [`/v1/${subject.title}`, subject]))
    const app = appOf({ api, subjects: byPath, pages, limits: bounds, gate })
    try {
      await app.listen({ host: options.host ?? '127.0.0.1', port: options.port ?? 8080 })
    } catch (error) {
      await store.close()
      throw error
    }
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
    this.#ending ??= this.#end()
    return this.#ending
  }

  async #end(): Promise<void> {
    const { delay, grace } = this.#drain
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
