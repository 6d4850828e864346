import { MemoryStore } from '../../runtime/online/memory.ts'
import { onlineStoreContract } from './online-store.ts'

onlineStoreContract('memory', async () => new MemoryStore())
