/** The nodes of a Redis Cluster, and which of them serves which slot. */
import { MeridianError } from '../errors.ts'
import type { RedisHost } from './redis-address.ts'
import { closedError, type Failure, type Operation, storeError } from './redis-errors.ts'
import type { RedisNode } from './redis-node.ts'
import type { Servers } from './redis-servers.ts'
import { slotCount, slotOf } from './redis-slot.ts'

/** Milliseconds between two looks at the map of slots, however many calls fail. */
const pause = 100

export class ClusterServers implements Servers {
  readonly slots = slotCount
  readonly name = 'the cluster'
  readonly #seeds: readonly RedisHost[]
  readonly #operation: Operation
  readonly #timeout: number
  readonly #connect: (host: string, port: number) => RedisNode
  readonly #nodes = new Map<string, RedisNode>()
  #slots: (RedisNode | null)[] = new Array(slotCount).fill(null)
  #looking: Promise<void> | null = null
  #lookedAt = Number.NEGATIVE_INFINITY
  #closed = false

  constructor(
    seeds: readonly RedisHost[],
    operation: Operation,
    /** Milliseconds that a node has to tell the map. */
    timeout: number,
    connect: (host: string, port: number) => RedisNode,
  ) {
    this.#seeds = seeds
    this.#operation = operation
    this.#timeout = timeout
    this.#connect = connect
  }

  /** Learns the map of slots and connects to the nodes. Throws unless a node tells it. */
  async open(): Promise<void> {
    await this.#look()
    // A node that cannot be reached is the trouble of the calls for its slots.
    const nodes = [...new Set(this.#slots)].filter(node => node !== null)
    await Promise.all(nodes.map(node => node.ready(performance.now() + this.#timeout).catch(() => {})))
  }

  slotOf(key: string): number {
    return slotOf(key)
  }

  nodeOf(slot: number): RedisNode | null {
    return this.#slots[slot] ?? null
  }

  /** The map that is known may name a node that was replaced, and answers still. */
  async places(): Promise<readonly number[]> {
    await this.#look()
    const places = new Map<RedisNode | null, number>()
    for (const [slot, node] of this.#slots.entries()) if (!places.has(node)) places.set(node, slot)
    places.delete(null)
    return [...places.values()]
  }

  follow(slot: number, { kind, address }: Failure & { kind: 'moved' | 'ask' }, from: RedisNode): RedisNode {
    const at = address.lastIndexOf(':')
    // A node may leave its own host out.
    const host = address.slice(0, at) || from.host
    const node = this.#at(host, Number(address.slice(at + 1)))
    if (kind === 'moved') {
      this.#slots[slot] = node
      // Slots move in company.
      this.doubt()
    }
    return node
  }

  doubt(): void {
    if (this.#closed || this.#looking || performance.now() - this.#lookedAt < pause) return
    this.#look().catch(() => {})
  }

  close(): void {
    this.#closed = true
    for (const node of this.#nodes.values()) node.close()
  }

  #at(host: string, port: number): RedisNode {
    const name = `${host}:${port}`
    let node = this.#nodes.get(name)
    if (!node) {
      if (this.#closed) throw closedError()
      node = this.#connect(host, port)
      this.#nodes.set(name, node)
    }
    return node
  }

  #look(): Promise<void> {
    this.#looking ??= this.#ask().finally(() => {
      this.#looking = null
      this.#lookedAt = performance.now()
    })
    return this.#looking
  }

  /** Asks one node after another, those first that are connected. */
  async #ask(): Promise<void> {
    const seeds = this.#seeds.map(({ host, port }) => this.#at(host, port))
    const all = [...new Set([...this.#nodes.values(), ...seeds])]
    let problem: unknown = new Error('no node of the cluster is known')
    for (const node of [...all.filter(node => node.isReady), ...all.filter(node => !node.isReady)]) {
      try {
        await node.ready(performance.now() + this.#timeout)
        this.#learn(await node.command('CLUSTER', ['SLOTS']), node)
        return
      } catch (error) {
        problem = storeError(error, node.address, this.#operation)
      }
      if (this.#closed) throw closedError()
    }
    throw problem
  }

  #learn(reply: unknown, from: RedisNode): void {
    const slots = new Array<RedisNode | null>(slotCount).fill(null)
    for (const [first, last, master] of reply as [number, number, [Buffer | null, number]][]) {
      // A node that does not know its own name leaves it out.
      const name = String(master[0] ?? '')
      const node = this.#at(name === '' || name === '?' ? from.host : name, master[1])
      slots.fill(node, first, last + 1)
    }
    if (slots.every(node => node === null))
      throw new MeridianError('store.unavailable', `no node of the cluster at ${from.address} serves any slot`)
    this.#slots = slots
    const serving = new Set(slots)
    for (const [name, node] of this.#nodes) {
      if (serving.has(node)) continue
      this.#nodes.delete(name)
      node.close()
    }
  }
}
