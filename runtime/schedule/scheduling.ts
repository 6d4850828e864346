/** Where the workers of a store meet. */
import type { RedisOptions } from '../online/redis.ts'
import type { Locks } from './locks.ts'
import { MemoryLocks } from './memory-locks.ts'

export interface Scheduling {
  /** Connects to what workers of a build share. */
  readonly locks: (build: string) => Promise<Locks>
  /** Milliseconds that a worker takes work ahead of its time. */
  readonly ahead: number
}

/** The workers of any process. Those who take work a little ahead of its time need not race for it. */
export function redisScheduling(options: RedisOptions, project: string): Scheduling {
  const locks = async (build: string) => {
    const { RedisLocks } = await import('./redis-locks.ts')
    return RedisLocks.open(options, project, build)
  }
  return { locks, ahead: 5_000 }
}

/** Those of this process, by a clock that may be any: so that work is never taken ahead of it. */
export function memoryScheduling(now: () => Date): Scheduling {
  const known = new Map<string, MemoryLocks>()
  const locks = async (build: string) => {
    const some = known.get(build) ?? new MemoryLocks(() => now().getTime())
    known.set(build, some)
    return some
  }
  return { locks, ahead: 0 }
}
