import { Redis } from 'ioredis'
import { RedisStore } from '../../runtime/online/redis.ts'
import { RedisLocks } from '../../runtime/schedule/redis-locks.ts'
import { redisServer } from '../servers.ts'
import { locksContract } from './locks.ts'
import { onlineStoreContract } from './online-store.ts'

// Time is another test's matter: here a machine may be busy.
onlineStoreContract('redis', async () => {
  const { url } = await redisServer()
  const redis = new Redis(url)
  await redis.flushall()
  redis.disconnect()
  return RedisStore.open({ url, readTimeout: 2000, writeTimeout: 5000, connectTimeout: 2000 })
})

let scopes = 0
locksContract('redis', async users => {
  const { url } = await redisServer()
  scopes += 1
  return Promise.all(Array.from({ length: users }, () => RedisLocks.open({ url }, `scope {${scopes}}`, 'build')))
})
