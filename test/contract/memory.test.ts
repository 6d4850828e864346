import { MemoryStore } from '../../runtime/online/memory.ts'
import { MemoryLocks } from '../../runtime/schedule/memory-locks.ts'
import { locksContract } from './locks.ts'
import { onlineStoreContract } from './online-store.ts'

onlineStoreContract('memory', async () => new MemoryStore())

locksContract('memory', async users => {
  const locks = new MemoryLocks(Date.now)
  return Array.from({ length: users }, () => locks)
})
