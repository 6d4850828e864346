/** What happens to every request before and after its handler: it is let in or refused, traced, measured and logged. */
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Authentication, type Caller, isAllowed } from './authentication.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import { Problem } from './problems.ts'
import type { Subject, Work } from './subject.ts'
import { begin, end, type Traced } from './tracing.ts'

export interface State extends Work {
  readonly traced: Traced
  /** Whether it counts for the limit of requests worked on at once. */
  hasPlace: boolean
  /** When the answer was written. */
  written: number
  caller: Caller | null
  problem: Problem | null
}

declare module 'fastify' {
  interface FastifyRequest {
    state: State
  }
  interface FastifyContextConfig {
    /** Whether anybody may ask. */
    open?: boolean
    scope?: string
    subject?: Subject
  }
}

let count = 0
/** Tells the requests of a process from those of others. */
const prefix = Math.random().toString(36).slice(2, 10)

/** The caller's own, where it is one that a log can hold; else a new one. */
export function requestId({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id']
  if (typeof given === 'string' && /^[\w.:-]{1,64}$/.test(given)) return given
  count += 1
  return `${prefix}-${count.toString(36)}`
}

export interface GateOptions {
  readonly authentication: Authentication | null
  readonly metrics: Metrics
  readonly log: Log
  readonly concurrency: number
}

export class Gate {
  readonly #options: GateOptions
  #inFlight = 0
  #draining = false

  constructor(options: GateOptions) {
    this.#options = options
  }

  get inFlight(): number {
    return this.#inFlight
  }

  get isDraining(): boolean {
    return this.#draining
  }

  /** Answers ask for their connections to be closed, so that clients go elsewhere. */
  drain(): void {
    this.#draining = true
  }

  install(app: FastifyInstance): void {
    app.decorateRequest('state', null as unknown as State)
    app.addHook('onRequest', (request, reply, done) => {
      const { raw, routeOptions } = request
      const { scope, open } = routeOptions.config
      request.state = {
        arrived: performance.now(),
        started: 0,
        found: 0,
        written: 0,
        entities: 0,
        degraded: false,
        failed: 0,
        traced: begin(`${raw.method} ${routeOptions.url ?? 'unknown'}`, raw.headers),
        hasPlace: false,
        caller: null,
        problem: null,
      }
      reply.raw.once('close', () => this.#closed(request, reply.raw.statusCode, reply.raw.writableFinished))
      if (this.#draining) reply.header('connection', 'close')
      if (open === true || this.#options.authentication === null) done()
      else this.#authenticate(request, scope, done)
    })
    // Who is known and has sent all of a request takes a place, until its answer is made: not who sends or reads slowly.
    app.addHook('preValidation', (request, _reply, done) => {
      if (!request.routeOptions.config.subject) return done()
      if (this.#inFlight >= this.#options.concurrency) {
        this.#options.metrics.refused('concurrency')
        return done(new Problem('pod.overloaded'))
      }
      this.#inFlight += 1
      request.state.hasPlace = true
      done()
    })
    app.addHook('onSend', (request, _reply, payload, done) => {
      this.#release(request.state)
      done(null, payload)
    })
  }

  #release(state: State | null): void {
    if (!state?.hasPlace) return
    state.hasPlace = false
    this.#inFlight -= 1
  }

  failed(request: FastifyRequest, problem: Problem): void {
    // What is no request by the framework's own measure has not come through the hook.
    if (request.state) request.state.problem = problem
    if (problem.kind.status === 500)
      this.#options.log.lines.error({ request_id: request.id, error: problem.cause ?? problem }, 'fault')
  }

  #authenticate(request: FastifyRequest, scope: string | undefined, done: (error?: Error) => void): void {
    const allow = (caller: Caller) => {
      request.state.caller = caller
      if (scope === undefined || isAllowed(caller, scope)) done()
      else done(new Problem('caller.not-allowed', `it has no scope ${scope}`))
    }
    try {
      const caller = (this.#options.authentication as Authentication).caller(request.headers.authorization)
      if (caller instanceof Promise) caller.then(allow, done)
      else allow(caller)
    } catch (error) {
      done(error as Error)
    }
  }

  #closed(request: FastifyRequest, answered: number, finished: boolean): void {
    const { log } = this.#options
    const { state } = request
    const { subject } = request.routeOptions.config
    const total = performance.now() - state.arrived
    // Of a client that has gone before its answer: the status that proxies log.
    const status = finished ? answered : 499
    if (subject) {
      this.#release(state)
      measure(subject, state, status, total)
    }
    end(state.traced, status, subject?.title ?? null)
    // Of probes, which come every second, only who looks closely wants to know.
    const level = request.routeOptions.config.open === true ? 'debug' : 'info'
    if (log.lines.isLevelEnabled(level)) log.lines[level](line(request, status, total), 'request')
  }
}

function measure(
  { tally }: Subject,
  { arrived, started, found, written, entities, degraded }: State,
  status: number,
  total: number,
): void {
  const { steps } = tally
  tally.request(status)
  if (status === 200) tally.entities += entities
  if (degraded) tally.degraded += 1
  steps.total.observe(total / 1000)
  if (started > 0) steps.queue.observe((started - arrived) / 1000)
  if (found > 0) steps.store.observe((found - started) / 1000)
  if (found > 0 && written > 0) steps.compute.observe((written - found) / 1000)
}

function line({ id, method, url, state, routeOptions }: FastifyRequest, status: number, total: number) {
  const { traced, caller, problem, entities, degraded, failed } = state
  const { subject } = routeOptions.config
  const path = url.split('?')[0]
  return {
    request_id: id,
    ...(traced.traceId === null ? {} : { trace_id: traced.traceId }),
    method,
    path: path && path.length > 200 ? path.slice(0, 200) : path,
    status,
    ms: Math.round(total * 1000) / 1000,
    ...(subject ? { entities } : {}),
    ...(caller === null ? {} : { caller: caller.name }),
    ...(degraded ? { degraded } : {}),
    ...(failed > 0 ? { failed } : {}),
    ...(problem === null ? {} : { problem: problem.type, ...why(problem) }),
  }
}

/** Why there was no answer: the store's own words, which the caller is not told; or where a request is wrong, but nothing that it holds. */
function why({ cause, kind, errors }: Problem): object {
  if (kind.status >= 500) return cause === undefined ? {} : { error: cause }
  const [first] = errors
  if (first === undefined) return {}
  const { code, pointer } = first
  return { code, pointer: code === 'unknown' ? pointer.slice(0, pointer.lastIndexOf('/')) : pointer }
}
