/** What a pod is told when it starts, and what holds unless it is told otherwise. */
import type { DestinationStream } from 'pino'
import type { ConnectOptions } from '../connect.ts'
import { MeridianError } from '../errors.ts'
import type { Store } from '../store.ts'
import type { ApiKey, JwtIssuer } from './authentication.ts'

/** What a pod refuses. */
export interface Limits {
  /** Milliseconds for a request, from its arrival to its answer. Default: 1,000. */
  readonly deadline: number
  /** Requests for features that are worked on at once; those beyond are refused at once. Default: 500. */
  readonly concurrency: number
  /** Entities of one request. Default: 1,000. */
  readonly entities: number
  /** Bytes of a body. Default: 1 MiB. */
  readonly body: number
  /** Milliseconds until the headers of a request must be there. Default: 5,000. */
  readonly headers: number
  /** Milliseconds until all of a request must be there. Default: 10,000. */
  readonly request: number
  /** Milliseconds that a connection may be idle. Longer than the load balancer's, which should be the one to close. Default: 75,000. */
  readonly idle: number
}

/** How a pod ends. */
export interface Drain {
  /** Milliseconds between readiness going off and connections being refused: what a load balancer takes to notice. Default: 5,000. */
  readonly delay: number
  /** Milliseconds for requests under way after that. Default: 10,000. */
  readonly grace: number
}

/** How a pod runs. */
export interface PodOptions {
  /** The generated folder. */
  readonly folder: URL | string
  /** How it opens its stores. */
  readonly connect?: ConnectOptions
  /** The address it listens on. Default: 127.0.0.1. */
  readonly host?: string
  /** The port it listens on; 0: any that is free. Default: 8080. */
  readonly port?: number
  /** Who may ask; nobody where it is empty. Default: anyone, which is refused on an address that is not loopback. */
  readonly keys?: readonly ApiKey[]
  /** Whose tokens are taken. */
  readonly issuer?: JwtIssuer
  /** That anyone may ask, wherever from. */
  readonly anyone?: boolean
  /** What it refuses, where that is not the default. */
  /** What is to be done before it listens. */
  readonly prepare?: (store: Store) => Promise<void>
  readonly limits?: Partial<Limits>
  /** How long it takes to end, where that is not the default. */
  readonly drain?: Partial<Drain>
  /** The least that is logged (default: `'info'`), and where to (default: standard error). */
  readonly log?: { readonly level?: 'debug' | 'info' | 'warn' | 'error' | 'silent'; readonly to?: DestinationStream }
}

export const limits: Limits = {
  deadline: 1_000,
  concurrency: 500,
  entities: 1_000,
  body: 1024 * 1024,
  headers: 5_000,
  request: 10_000,
  idle: 75_000,
}

export const drain: Drain = { delay: 5_000, grace: 10_000 }

/** @throws MeridianError `environment.unsupported` where anyone could ask without that being meant */
export function checkExposure({ host = '127.0.0.1', keys, issuer, anyone = false }: PodOptions): void {
  const isLoopback = host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host)
  if (isLoopback || keys || issuer || anyone) return
  const message = `on ${host} anyone could ask: give API keys (MERIDIAN_API_KEYS) or an issuer of tokens (MERIDIAN_JWKS_URL), or say --allow-anyone`
  throw new MeridianError('environment.unsupported', message, { host })
}
