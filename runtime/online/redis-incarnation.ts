/** Which servers hold the rows, and since when: changes where some may have lost what they acknowledged. */
import { createHash } from 'node:crypto'
import { timeoutError } from './redis-errors.ts'
import { run, type Servers, withDeadline } from './redis-servers.ts'

/** Commands that take all rows at once, as they are counted. A count that an operator resets costs a run over all keys. */
const emptying = /^cmdstat_(?:flushall|flushdb|swapdb):calls=\d+/gm

/**
 * A hash of what each serving node says of itself: `run_id`, which is new with each start of a process (what was not on
 * disk is then gone), `master_replid`, which is new with each history of its data, as after a failover, and how often it
 * was emptied. Empty where one says neither of the first two.
 *
 * @throws MeridianError `store.unavailable`, `store.timeout`, `store.refused`, `store.closed`
 */
export function incarnationOf(servers: Servers, timeout: number): Promise<string> {
  const deadline = performance.now() + timeout
  const identify = async (slot: number): Promise<string> => {
    const [info, counts] = await run(servers, slot, deadline, 'read', async node =>
      (await Promise.all([node.command('info', []), node.command('info', ['commandstats'])])).map(String),
    )
    const of = (name: string) => new RegExp(`^${name}:(\\S+)`, 'm').exec(info ?? '')?.[1] ?? ''
    const node = `${of('run_id')}:${of('master_replid')}`
    return node === ':' ? '' : [node, ...(counts?.match(emptying) ?? []).sort()].join(' ')
  }
  const work = servers.places().then(async places => {
    const nodes = await Promise.all(places.map(identify))
    if (nodes.includes('')) return ''
    // Moving slots between the same nodes loses nothing.
    return createHash('sha256').update(nodes.sort().join('\n')).digest('hex').slice(0, 32)
  })
  return withDeadline(work, timeout, () => timeoutError(servers.name, 'read'))
}
