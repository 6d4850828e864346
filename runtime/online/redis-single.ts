import { MeridianError } from '../errors.ts'
import type { Failure } from './redis-errors.ts'
import type { RedisNode } from './redis-node.ts'
import type { Servers } from './redis-servers.ts'

/** One server that holds all keys. */
export class SingleServer implements Servers {
  readonly slots = 1
  readonly #node: RedisNode

  constructor(node: RedisNode) {
    this.#node = node
  }

  get name(): string {
    return this.#node.address
  }

  slotOf(): number {
    return 0
  }

  nodeOf(): RedisNode {
    return this.#node
  }

  async places(): Promise<readonly number[]> {
    return [0]
  }

  follow(_slot: number, _to: Failure, from: RedisNode): RedisNode {
    const message = `Redis at ${from.address} is a node of a cluster: write redis+cluster:// in its URL`
    throw new MeridianError('store.refused', message, { server: from.address, reason: 'MOVED' })
  }

  doubt(): void {}

  close(): void {
    this.#node.close()
  }
}
