/** Which servers hold the rows, and since when: changes where some may have lost what they acknowledged. */
import { createHash } from 'node:crypto'
import { timeoutError } from './redis-errors.ts'
import { run, type Servers, withDeadline } from './redis-servers.ts'

/**
 * A hash of what each serving node says of itself: `run_id`, which is new with each start of a process (what was not on
 * disk is then gone), and `master_replid`, which is new with each history of its data, as after a failover. Empty where
 * one says neither.
 *
 * @throws MeridianError `store.unavailable`, `store.timeout`, `store.refused`, `store.closed`
 */
export function incarnationOf(servers: Servers, timeout: number): Promise<string> {
  const deadline = performance.now() + timeout
  const identify = async (slot: number): Promise<string> => {
    const info = await run(servers, slot, deadline, 'read', async node => String(await node.command('info', [])))
    const of = (name: string) => new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1] ?? ''
    return `${of('run_id')}:${of('master_replid')}`
  }
  const work = servers.places().then(async places => {
    const nodes = await Promise.all(places.map(identify))
    if (nodes.includes(':')) return ''
    // Moving slots between the same nodes loses nothing.
    return createHash('sha256').update(nodes.sort().join('\n')).digest('hex').slice(0, 32)
  })
  return withDeadline(work, timeout, () => timeoutError(servers.name, 'read'))
}
