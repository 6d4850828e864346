import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import type { OwnServer, Server } from '../servers.ts'
import { serverFolder, startOnFreePort } from './process.ts'
import { type RedisServerOptions, redisProgram } from './redis.ts'

export interface RedisCluster extends Server {
  /** The masters. The slots are shared out among them in this order. */
  readonly nodes: readonly OwnServer[]
  readonly replicas: readonly OwnServer[]
  /** The place in `nodes` of the master that a slot was given to. */
  nodeOf(slot: number): number
}

export interface RedisClusterOptions extends RedisServerOptions {
  /** For each replica the place of its master in `nodes`; without, there are none. */
  readonly replicasOf?: readonly number[]
  /** Where a node that listens at a port tells the others to find it; at that port, unless they speak TLS. */
  readonly busPortOf?: (port: number) => number
}

const slots = 16_384
const masters = 3
const firstSlot = (node: number) => Math.floor((node * slots) / masters)

/** Three masters. A node that is gone leaves the slots of the others in service; one with a replica is replaced by it. */
export async function ownRedisCluster({
  replicasOf = [],
  busPortOf = port => port,
  ...options
}: RedisClusterOptions = {}): Promise<RedisCluster> {
  const started = await Promise.all(
    Array.from({ length: masters + replicasOf.length }, async (_, index) => {
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
      if (index < masters) {
        const [first, next] = [firstSlot(index), firstSlot(index + 1)]
        await client.call('CLUSTER', 'ADDSLOTSRANGE', `${first}`, `${next - 1}`).catch(async () => {
          // Redis 6 takes each slot by itself.
          const all = Array.from({ length: next - first }, (_, slot) => first + slot)
          await client.call('CLUSTER', 'ADDSLOTS', ...all.map(String))
        })
      }
      await client.call('CLUSTER', 'SET-CONFIG-EPOCH', `${index + 1}`)
    }
    for (const { port } of started.slice(1))
      await clients[0]?.call('CLUSTER', 'MEET', '127.0.0.1', `${busPortOf(port)}`)
    for (const client of clients) await agreement(client, clients.length)
    for (const [index, master] of replicasOf.entries())
      await follow(clients[masters + index] as Redis, clients[master] as Redis)
  } finally {
    for (const client of clients) client.disconnect()
  }
  const all = started.map(({ server, port }) => ({
    url: `redis://127.0.0.1:${port}`,
    stop: () => server.stop(),
    kill: () => server.kill(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    restart: () => server.restart(),
  }))
  const addresses = started.slice(0, masters).map(({ port }) => `127.0.0.1:${port}`)
  return {
    url: `redis+cluster://${addresses.join(',')}`,
    nodes: all.slice(0, masters),
    replicas: all.slice(masters),
    nodeOf: slot => [0, 1, 2].findLastIndex(node => firstSlot(node) <= slot),
    stop: async () => void (await Promise.all(all.map(node => node.stop()))),
  }
}

/** Makes a node the replica of another, and waits until it has what that one has. */
async function follow(replica: Redis, master: Redis): Promise<void> {
  await replica.call('CLUSTER', 'REPLICATE', String(await master.call('CLUSTER', 'MYID')))
  const until = Date.now() + 30_000
  for (;;) {
    const info = String(await replica.call('INFO', 'replication'))
    if (info.includes('master_link_status:up')) return
    if (Date.now() > until) throw new Error(`the replica did not follow: ${info}`)
    await sleep(50)
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
