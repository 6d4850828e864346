/** What the production run shows of Redis. */
import { setTimeout as sleep } from 'node:timers/promises'
import { MeridianError } from 'meridian/runtime'
import type { OwnServer } from '../../test/servers.ts'
import { count } from '../show.ts'
import { stored } from './production.ts'

export async function showStored(url: string, layouts: Parameters<typeof stored>[1]): Promise<void> {
  for (const { view, keys, example, value, whole } of await stored(url, layouts))
    console.log(
      `${view.padEnd(22)} ${count(keys).padStart(6)} keys, such as ${example}: ${value} bytes, ${whole} with its key`,
    )
}

/** Stops the server, reads, starts it again, and reads until an answer comes. */
export async function outage(server: OwnServer | null, read: () => Promise<unknown>): Promise<void> {
  if (server === null) {
    console.log('\nRedis is not of this demo: it is not stopped.')
    return
  }
  await server.kill()
  const asked = performance.now()
  const error = await failure(read)
  console.log(`\nRedis is killed. A read fails after ${milliseconds(asked)}:\n\n  ${error?.code}: ${error?.message}`)
  await server.restart()
  const back = performance.now()
  while ((await failure(read)) !== null) await sleep(10)
  console.log(`\nRedis is back, with what it had. The first answer comes ${milliseconds(back)} later.`)
}

async function failure(read: () => Promise<unknown>): Promise<MeridianError | null> {
  try {
    await read()
    return null
  } catch (error) {
    if (error instanceof MeridianError) return error
    throw error
  }
}

function milliseconds(since: number): string {
  return `${Math.round(performance.now() - since)} ms`
}
