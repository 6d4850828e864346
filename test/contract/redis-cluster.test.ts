import { Cluster } from 'ioredis'
import { RedisStore } from '../../runtime/online/redis.ts'
import { redisAddress } from '../../runtime/online/redis-address.ts'
import { RedisLocks } from '../../runtime/schedule/redis-locks.ts'
import { redisCluster } from '../servers.ts'
import { locksContract } from './locks.ts'
import { onlineStoreContract } from './online-store.ts'

// Time is another test's matter: here a machine may be busy.
onlineStoreContract('redis cluster', async () => {
  const { url } = await redisCluster()
  const { hosts, username, password } = redisAddress(url)
  const cluster = new Cluster([...hosts], {
    redisOptions: { username: username as string, password: password as string },
  })
  await new Promise(resolve => cluster.once('ready', resolve))
  for (const node of cluster.nodes('master')) await node.flushall()
  cluster.disconnect()
  return RedisStore.open({ url, readTimeout: 2000, writeTimeout: 5000, connectTimeout: 2000 })
})

let scopes = 0
locksContract('redis cluster', async users => {
  const { url } = await redisCluster()
  scopes += 1
  return Promise.all(Array.from({ length: users }, () => RedisLocks.open({ url }, `scope ${scopes}`, 'build')))
})
