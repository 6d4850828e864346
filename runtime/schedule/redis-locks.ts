/** The shared state of workers in Redis: all of it in one slot of a cluster, so that one server's clock and memory decide. */
import { randomBytes } from 'node:crypto'
import type { RedisOptions } from '../online/redis.ts'
import { redisAddress } from '../online/redis-address.ts'
import { connectServers, type RedisTimes } from '../online/redis-connect.ts'
import { timeoutError } from '../online/redis-errors.ts'
import type { Argument, RedisNode } from '../online/redis-node.ts'
import type { Script } from '../online/redis-script.ts'
import { run, type Servers, withDeadline } from '../online/redis-servers.ts'
import {
  type Answer,
  type Claim,
  type ClaimRequest,
  type Done,
  type Entry,
  type Failure,
  holderOf,
  type Locks,
  type Member,
  type State,
} from './locks.ts'
import { claim, giveBack, renew } from './redis-lock-scripts.ts'

/** Milliseconds between two looks after the shared state, by whichever worker. */
const lookEvery = 5_000
/** Milliseconds that state stays which nobody touches: that of layouts and builds that are no more. */
const life = 30 * 86_400_000
/** Entries of one command: a long one keeps Redis from others. */
const batch = 500

const times: RedisTimes = { readTimeout: 2_000, writeTimeout: 2_000, connectTimeout: 1_000, grace: 500 }

export class RedisLocks implements Locks {
  readonly #servers: Servers
  readonly #timeout: number
  readonly #slot: number
  readonly #prefix: string
  readonly #keys: Readonly<Record<'due' | 'idle' | 'seen', string>>

  /** `scope` and `build` are names: a view's lock and what became of it is of a scope, what is due is of a build. `timeout`: milliseconds. */
  constructor(servers: Servers, scope: string, build: string, timeout = times.writeTimeout) {
    this.#servers = servers
    this.#timeout = timeout
    // The braces of a row's key have a colon in them, and no slash before it.
    this.#prefix = `{meridian/${encodeURIComponent(scope)}}:`
    const of = (name: string) => `${this.#prefix}${name}:${build}`
    this.#keys = { due: of('due'), idle: of('idle'), seen: of('seen') }
    this.#slot = servers.slotOf(this.#prefix)
  }

  /**
   * Connects, on a connection of its own: a lock is not renewed behind batches of rows.
   *
   * @throws MeridianError `environment.unsupported` (the URL), `store.unavailable`, `store.timeout`, `store.refused`
   */
  static async open({ url, cluster, tls = {} }: RedisOptions, scope: string, build: string): Promise<RedisLocks> {
    const servers = await connectServers(redisAddress(url, cluster), tls, times, 'write')
    return new RedisLocks(servers, scope, build)
  }

  async claim({ worker, lease, ahead, pace, ready }: ClaimRequest): Promise<Answer> {
    const { due, idle, seen } = this.#keys
    const keys = ['4', due, idle, seen, `${seen}:look`]
    const numbers = [lease, ahead, pace, Math.random()].map(String)
    const random = randomBytes(6).toString('base64url')
    const args = [...keys, this.#prefix, worker, random, ...numbers, ready ? `${lookEvery}` : '', `${life}`]
    const [now, isTurn, incarnation, won, ...rest] = (await this.#script(claim, args)) as [
      number,
      number,
      Text,
      number,
      ...unknown[],
    ]
    const turn = isTurn === 1 ? { incarnation: incarnation === null ? null : String(incarnation) } : null
    if (won === 1) {
      const [member, token, dueAt, expiresAt, abandoned, failure] = rest as [Text, Text, number, number, number, Text]
      return {
        now,
        claim: {
          member: String(member),
          token: String(token),
          dueAt,
          expiresAt,
          abandoned: abandoned === 1,
          failure: parsed(failure),
        },
        turn,
        idle: null,
      }
    }
    const [next, upcoming, some, workers, entered] = rest as [Text, number, Text, number, number]
    return { now, claim: null, turn, idle: { next: numberOf(next), upcoming, some: numberOf(some), workers, entered } }
  }

  async renew(claims: readonly Claim[], lease: number): Promise<Claim[]> {
    if (claims.length === 0) return []
    const keys = [this.#keys.due, ...claims.map(({ member }) => this.#lock(member))]
    const args = [`${keys.length}`, ...keys, `${lease}`, ...claims.flatMap(({ member, token }) => [member, token])]
    const lost = (await this.#script(renew, args)) as number[]
    return lost.map(place => claims[place - 1] as Claim)
  }

  finish(claim: Claim, done: Done, dueAt: number): Promise<boolean> {
    // What never failed has nothing to clear, which spares a command.
    return this.#giveBack(claim, `${dueAt}`, JSON.stringify(done), claim.failure || claim.abandoned ? 'none' : '')
  }

  fail(claim: Claim, failure: Failure): Promise<boolean> {
    return this.#giveBack(claim, `${failure.retryAt}`, '', JSON.stringify(failure))
  }

  note(claim: Claim, failure: Failure): Promise<boolean> {
    return this.#giveBack(claim, '', '', JSON.stringify(failure))
  }

  release(claim: Claim, dueAt: number): Promise<boolean> {
    return this.#giveBack(claim, `${dueAt}`, '', '')
  }

  async enter(entries: readonly Entry[], again: boolean): Promise<void> {
    const { due } = this.#keys
    for (let start = 0; start < entries.length; start += batch) {
      const some = entries.slice(start, start + batch).flatMap(({ member, dueAt }) => [`${dueAt}`, member])
      await this.#command('ZADD', [due, ...(again ? [] : ['NX']), ...some])
    }
    await this.#command('PEXPIRE', [due, `${life}`])
  }

  async remember(incarnation: string): Promise<void> {
    await this.#command('SET', [this.#keys.seen, incarnation, 'PX', `${life}`])
  }

  async turn(name: string, milliseconds: number): Promise<boolean> {
    const key = `${this.#keys.seen}:${name}`
    return (await this.#command('SET', [key, '1', 'NX', 'PX', `${milliseconds}`])) !== null
  }

  async states(members: readonly Member[]): Promise<{ now: number; states: State[] }> {
    const time = this.#command('TIME', []) as Promise<[Text, Text]>
    const some = async (start: number): Promise<State[]> => {
      const of = members.slice(start, start + batch)
      const all = of.flatMap(member => [this.#done(member), this.#failed(member), this.#lock(member)])
      const texts = (await this.#command('MGET', all)) as Text[]
      return of.map((_, index): State => {
        const [done, failure, token] = texts.slice(3 * index, 3 * index + 3) as [Text, Text, Text]
        return {
          done: parsed(done),
          failure: parsed(failure),
          holder: token === null ? null : holderOf(String(token)),
        }
      })
    }
    const starts = Array.from({ length: Math.ceil(members.length / batch) }, (_, index) => index * batch)
    const [[seconds, micros], ...states] = await Promise.all([time, ...starts.map(some)])
    return { now: Number(seconds) * 1000 + Math.floor(Number(micros) / 1000), states: states.flat() }
  }

  async close(): Promise<void> {
    this.#servers.close()
  }

  async #giveBack({ member, token }: Claim, dueAt: string, done: string, failure: string): Promise<boolean> {
    const keys = ['4', this.#keys.due, this.#lock(member), this.#done(member), this.#failed(member)]
    const args = [...keys, member, token, dueAt, done, failure, `${life}`]
    return (await this.#script(giveBack, args)) === 1
  }

  #lock(member: Member): string {
    return `${this.#prefix}lock:${member}`
  }

  #done(member: Member): string {
    return `${this.#prefix}done:${member}`
  }

  #failed(member: Member): string {
    return `${this.#prefix}failed:${member}`
  }

  #script(script: Script, args: readonly Argument[]): Promise<unknown> {
    return this.#send((node, asking) => script.run(node, args, asking))
  }

  #command(name: string, args: readonly Argument[]): Promise<unknown> {
    return this.#send((node, asking) => node.command(name, args, asking))
  }

  /** Sent again where the connection broke: then a claim may be held by nobody, until it expires. */
  #send(send: (node: RedisNode, asking: boolean) => Promise<unknown>): Promise<unknown> {
    const work = run(this.#servers, this.#slot, performance.now() + this.#timeout, 'write', send)
    return withDeadline(work, this.#timeout, () =>
      timeoutError(this.#servers.nodeOf(this.#slot)?.address ?? this.#servers.name, 'write'),
    )
  }
}

type Text = Buffer | null

function numberOf(text: Text): number | null {
  return text === null ? null : Number(text)
}

function parsed<T>(text: Text): T | null {
  return text === null ? null : (JSON.parse(String(text)) as T)
}
