/** Where keys are, and how a command gets there: one server, or the nodes of a cluster. */
import { MeridianError } from '../errors.ts'
import { type Failure, failureOf, type Operation, storeError } from './redis-errors.ts'
import type { RedisNode } from './redis-node.ts'

export interface Servers {
  /** How many there are; with one, all keys may share a command. */
  readonly slots: number
  /** What messages call them together. */
  readonly name: string
  /** Keys of one slot may share a command. */
  slotOf(key: string): number
  /** The node that answers for a slot; null while none is known. */
  nodeOf(slot: number): RedisNode | null
  /** A slot of each node that serves any, by what the servers say now. */
  places(): Promise<readonly number[]>
  /** The node that a redirection names. Throws where there is nothing to follow. */
  follow(slot: number, to: Failure & { kind: 'moved' | 'ask' }, from: RedisNode): RedisNode
  /** A node fails, or nobody serves a slot: others may know better. Does not wait for what they say. */
  doubt(): void
  close(): void
}

/** A redirection follows a slot that moves; more than these go in circles. */
const redirections = 4

/** The keys of one command are on both sides of a slot that moves. */
export class SplitSlot extends Error {}

/**
 * Sends a command to where its slot is. Follows redirections, and sends it once more after the connection broke, all by the
 * deadline: so it must be harmless to do twice.
 *
 * @throws MeridianError `store.unavailable`, `store.timeout`, `store.refused`, `store.closed`; SplitSlot
 */
export async function run<T>(
  servers: Servers,
  slot: number,
  deadline: number,
  operation: Operation,
  send: (node: RedisNode, asking: boolean) => Promise<T>,
): Promise<T> {
  let to: RedisNode | null = null
  let asking = false
  let broken = false
  for (let attempt = 0; ; attempt += 1) {
    const node: RedisNode | null = to ?? servers.nodeOf(slot)
    if (!node) {
      servers.doubt()
      throw storeError(new Error(`no node of the cluster serves slot ${slot}`), 'the cluster', operation)
    }
    try {
      if (!node.isReady) await node.ready(deadline)
      return await send(node, asking)
    } catch (error) {
      if (error instanceof MeridianError) {
        if (error.code === 'store.unavailable') servers.doubt()
        throw error
      }
      const failure = failureOf(error)
      if (failure.kind === 'split') throw new SplitSlot()
      if ((failure.kind === 'moved' || failure.kind === 'ask') && attempt < redirections) {
        to = servers.follow(slot, failure, node)
        asking = failure.kind === 'ask'
        continue
      }
      if (failure.kind !== 'refused') servers.doubt()
      else if (failure.code === 'READONLY') node.reconnect()
      if (failure.kind !== 'broken' || broken) throw storeError(error, node.address, operation)
      broken = true
      to = null
      asking = false
    }
  }
}

/** Work that is given up in time. An answer that came while this process was busy still counts. */
export function withDeadline<T>(work: Promise<T>, timeout: number, late: () => MeridianError): Promise<T> {
  return new Promise((resolve, reject) => {
    const expire = () => reject(late())
    const timer = setTimeout(() => setImmediate(expire), timeout)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
