/**
 * The servers that tests run against: Postgres, Redis, and a Redis Cluster of three masters.
 *
 * `postgresServer`, `redisServer` and `redisCluster` give one that the tests of this process share: the one that an
 * address in the environment names (`MERIDIAN_TEST_POSTGRES_URL`, `MERIDIAN_TEST_REDIS_URL`,
 * `MERIDIAN_TEST_REDIS_CLUSTER_URL`; Redis is emptied), or one that is started on first use. `own...` starts one to be
 * killed, paused and restarted, so never one of the environment.
 *
 * A started server has a private port and a temporary folder, and is gone when the process ends, however it ends.
 */
import { ownPostgresServer, postgresDatabase } from './servers/postgres.ts'
import { ownRedisServer } from './servers/redis.ts'
import { ownRedisCluster } from './servers/redis-cluster.ts'

export { ownPostgresServer } from './servers/postgres.ts'
export { ownRedisServer, type RedisServerOptions } from './servers/redis.ts'
export { ownRedisCluster, type RedisCluster } from './servers/redis-cluster.ts'

/** A server that others use too. */
export interface Server {
  readonly url: string
  /** Gives back what is the caller's alone. The server stays for others. */
  stop(): Promise<void>
}

/** A server that no one else uses. */
export interface OwnServer extends Server {
  /** Ends it and removes its data. */
  stop(): Promise<void>
  /** SIGKILL: it vanishes, and its port refuses connections. */
  kill(): Promise<void>
  /** SIGSTOP: connections stay open, and nobody answers. */
  pause(): void
  resume(): void
  /** Starts it again on its port and its data, once it answers; ends it first (SIGKILL) if it runs. */
  restart(): Promise<void>
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}

const stay = async (): Promise<void> => {}

const postgres = once(async () => process.env.MERIDIAN_TEST_POSTGRES_URL || (await ownPostgresServer()).url)
const redis = once(async () => process.env.MERIDIAN_TEST_REDIS_URL || (await ownRedisServer()).url)
const cluster = once(async () => process.env.MERIDIAN_TEST_REDIS_CLUSTER_URL || (await ownRedisCluster()).url)

/** An empty database of the caller's own. `stop` drops it. */
export const postgresServer = async (): Promise<Server> => postgresDatabase(await postgres())

export const redisServer = async (): Promise<Server> => ({ url: await redis(), stop: stay })

/** `redis+cluster://host:port,host:port,host:port` */
export const redisCluster = async (): Promise<Server> => ({ url: await cluster(), stop: stay })
