/** A script that runs inside Redis: sent by its hash, and whole where the server does not know it. */
import { createHash } from 'node:crypto'
import { failureOf } from './redis-errors.ts'
import type { Argument, RedisNode } from './redis-node.ts'

export class Script {
  readonly #text: string
  readonly #digest: string

  constructor(text: string) {
    this.#text = text.trim()
    this.#digest = createHash('sha1').update(this.#text).digest('hex')
  }

  /** `args`: the number of keys, the keys, and the rest. Rejects with the driver's error. */
  async run(node: RedisNode, args: readonly Argument[], asking: boolean): Promise<unknown> {
    try {
      return await node.command('evalsha', [this.#digest, ...args], asking)
    } catch (error) {
      if (failureOf(error).kind !== 'no-script') throw error
      // A server that does not know the script yet, or not any more.
      return node.command('eval', [this.#text, ...args], asking)
    }
  }
}
