/** Questions to one node of a Redis. */
import { MeridianError } from '../../../runtime/errors.ts'
import type { Argument } from '../../../runtime/online/redis-node.ts'
import { run, type Servers } from '../../../runtime/online/redis-servers.ts'

/** Milliseconds, of one command. */
export const patience = 5_000

/** @throws MeridianError `store.unavailable`, `store.timeout`, `store.refused` */
export function ask(servers: Servers, slot: number, name: string, args: readonly Argument[] = []): Promise<unknown> {
  return run(servers, slot, performance.now() + patience, 'read', (node, asking) => node.command(name, args, asking))
}

/** Why a server says no, such as 'NOPERM' or 'NOSCRIPT'; null where it does not. What else goes wrong is thrown. */
export async function refusalOf(work: Promise<unknown>): Promise<string | null> {
  try {
    await work
    return null
  } catch (error) {
    if (!(error instanceof MeridianError)) throw error
    if (error.code === 'store.refused') return String(error.details.reason)
    if (String(error.details.said).startsWith('NOSCRIPT')) return 'NOSCRIPT'
    throw error
  }
}

/** What a node says of itself, by name; null where this user may not ask. */
export async function infoOf(servers: Servers, slot: number): Promise<ReadonlyMap<string, string> | null> {
  let text = ''
  const refusal = await refusalOf(
    ask(servers, slot, 'info').then(reply => {
      text = String(reply)
    }),
  )
  if (refusal !== null) return null
  const pairs = text.split('\r\n').flatMap((line): [string, string][] => {
    const at = line.indexOf(':')
    return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)]]
  })
  return new Map(pairs)
}

/** A setting; null where this user may not ask, or a provider lets nobody. */
export async function settingOf(servers: Servers, slot: number, name: string): Promise<string | null> {
  let value: string | null = null
  await refusalOf(
    ask(servers, slot, 'config', ['GET', name]).then(reply => {
      const [, found] = reply as (Buffer | undefined)[]
      value = found === undefined ? null : String(found)
    }),
  )
  return value
}
