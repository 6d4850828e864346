import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import type { OwnServer, Server } from '../servers.ts'
import { serverFolder, startOnFreePort } from './process.ts'
import { type RedisServerOptions, redisProgram } from './redis.ts'

export interface RedisCluster extends Server {
  /** The masters. The slots are shared out among them in this order. */
  readonly nodes: readonly OwnServer[]
}

const slots = 16_384

/** Three masters without replicas. A node that is gone leaves the slots of the others in service. */
export async function ownRedisCluster(options: RedisServerOptions = {}): Promise<RedisCluster> {
  const started = await Promise.all(
    [0, 1, 2].map(async index => {
      const folder = serverFolder(`redis-${index}`)
      const cluster = [
        '--cluster-enabled',
        'yes',
        '--cluster-require-full-coverage',
        'no',
        '--cluster-node-timeout',
        '2000',
      ]
      const [server, port] = await startOnFreePort(port =>
        redisProgram(folder, port, [...cluster, ...(options.args?.(folder, port) ?? [])]),
      )
      return { server, port }
    }),
  )
  const clients = started.map(({ port }) => new Redis({ host: '127.0.0.1', port }))
  try {
    for (const [index, client] of clients.entries()) {
      const [first, next] = [index, index + 1].map(part => Math.floor((part * slots) / clients.length))
      await client.call('CLUSTER', 'ADDSLOTSRANGE', `${first}`, `${(next as number) - 1}`).catch(async () => {
        // Redis 6 takes each slot by itself.
        const all = Array.from({ length: (next as number) - (first as number) }, (_, slot) => (first as number) + slot)
        await client.call('CLUSTER', 'ADDSLOTS', ...all.map(String))
      })
      await client.call('CLUSTER', 'SET-CONFIG-EPOCH', `${index + 1}`)
    }
    for (const { port } of started.slice(1)) await clients[0]?.call('CLUSTER', 'MEET', '127.0.0.1', `${port}`)
    for (const client of clients) await agreement(client, clients.length)
  } finally {
    for (const client of clients) client.disconnect()
  }
  const nodes = started.map(({ server, port }) => ({
    url: `redis://127.0.0.1:${port}`,
    stop: () => server.stop(),
    kill: () => server.kill(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    restart: () => server.restart(),
  }))
  return {
    url: `redis+cluster://${started.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    nodes,
    stop: async () => void (await Promise.all(nodes.map(node => node.stop()))),
  }
}

/** Waits until a node knows the others and the owner of every slot. */
async function agreement(client: Redis, nodes: number): Promise<void> {
  const until = Date.now() + 30_000
  for (;;) {
    const info = String(await client.call('CLUSTER', 'INFO'))
    const count = Number(/cluster_slots_ok:(\d+)/.exec(info)?.[1])
    if (/cluster_state:ok/.test(info) && count === slots && info.includes(`cluster_known_nodes:${nodes}`)) return
    if (Date.now() > until) throw new Error(`the cluster did not form: ${info}`)
    await sleep(50)
  }
}
