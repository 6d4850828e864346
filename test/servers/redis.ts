import { Redis } from 'ioredis'
import type { OwnServer } from '../servers.ts'
import { redisBinary } from './binaries.ts'
import { type Program, serverFolder, startOnFreePort } from './process.ts'

export interface RedisServerOptions {
  /** Further arguments of redis-server, given its folder and its port. */
  readonly args?: (folder: string, port: number) => readonly string[]
}

/** What it writes to is an append-only file, on the disk before each answer: `restart` loses no acknowledged write. */
export async function ownRedisServer(options: RedisServerOptions = {}): Promise<OwnServer> {
  const folder = serverFolder('redis')
  const [server, port] = await startOnFreePort(port => redisProgram(folder, port, options.args?.(folder, port) ?? []))
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: () => server.stop(),
    kill: () => server.kill(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    restart: () => server.restart(),
  }
}

export function redisProgram(folder: string, port: number, args: readonly string[]): Program {
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', '']
  return {
    command: redisBinary('redis-server'),
    args: ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, ...durable, ...args],
    folder,
    signal: 'TERM',
    probe: () => ping(port),
  }
}

async function ping(port: number): Promise<void> {
  const client = new Redis({ host: '127.0.0.1', port, lazyConnect: true, retryStrategy: null, enableReadyCheck: false })
  client.on('error', () => {})
  try {
    await client.connect()
    // While it loads its data it answers LOADING. NOAUTH and NOPERM are answers of a server that runs.
    await client.ping().catch((error: Error) => {
      if (!/^(NOAUTH|NOPERM)/.test(error.message)) throw error
    })
  } finally {
    client.disconnect()
  }
}
