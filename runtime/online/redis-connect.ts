/** From an address to connections that answer. */
import type { ConnectionOptions } from 'node:tls'
import type { RedisAddress, RedisHost } from './redis-address.ts'
import { ClusterServers } from './redis-cluster.ts'
import type { Operation } from './redis-errors.ts'
import { RedisNode } from './redis-node.ts'
import type { Servers } from './redis-servers.ts'
import { SingleServer } from './redis-single.ts'

/** Milliseconds. */
export interface RedisTimes {
  readonly readTimeout: number
  readonly writeTimeout: number
  readonly connectTimeout: number
  readonly grace: number
}

/** @throws MeridianError `store.unavailable`, `store.timeout`, `store.refused` */
export async function connectServers(
  address: RedisAddress,
  tls: ConnectionOptions,
  { readTimeout, writeTimeout, connectTimeout, grace }: RedisTimes,
  operation: Operation,
): Promise<Servers> {
  const { username, password, database } = address
  const timeout = operation === 'read' ? readTimeout : writeTimeout
  const options = {
    username,
    password,
    database,
    tls: address.tls ? tls : null,
    operation,
    connectTimeout,
    timeout,
    grace,
    manyCommands: address.cluster,
  }
  const connect = (host: string, port: number) => new RedisNode(host, port, options)
  // To connect, and then for the first answer.
  const patience = connectTimeout + timeout + grace
  if (address.cluster) {
    const servers = new ClusterServers(address.hosts, operation, patience, connect)
    return opened(servers, servers.open())
  }
  const { host, port } = address.hosts[0] as RedisHost
  const node = connect(host, port)
  return opened(new SingleServer(node), node.ready(performance.now() + patience))
}

async function opened(servers: Servers, open: Promise<void>): Promise<Servers> {
  try {
    await open
    return servers
  } catch (error) {
    servers.close()
    throw error
  }
}
