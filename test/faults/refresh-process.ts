/** A worker in a process of its own, which may be killed and paused: `<WorkerOptions as JSON>`. */
import { createHash } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import type { RefreshEvent } from 'meridian/runtime'
import { Artefacts } from '../../runtime/artefacts.ts'
import { PostgresEngine } from '../../runtime/offline/postgres.ts'
import { RedisStore } from '../../runtime/online/redis.ts'
import { readHeader } from '../../runtime/online/row.ts'
import type { OnlineStore } from '../../runtime/online/store.ts'
import { redisScheduling } from '../../runtime/schedule/scheduling.ts'
import { Store } from '../../runtime/store.ts'
import type { WorkerOptions } from './refresh-project.ts'

const options = JSON.parse(process.argv[2] ?? '') as WorkerOptions
const { generated, log, concurrency = 2, lease = 2_000, grace = 10_000, skew = 0 } = options

// A machine whose clock is wrong.
const { now } = Date
Date.now = () => now() + skew

const postgres = process.env.MERIDIAN_POSTGRES_URL as string
const redis = process.env.MERIDIAN_REDIS_URL as string
const artefacts = await Artefacts.open(generated)
const engine = await PostgresEngine.open({ url: postgres, connectTimeout: 2000 })
const online = await RedisStore.open({ url: redis, readTimeout: 2000, writeTimeout: 4000, connectTimeout: 1000 })

/** Notes each row before it is written: key, tick, hash. The records of ticks are no rows. */
const noting: OnlineStore = {
  rowsTogether: online.rowsTogether,
  read: rows => online.read(rows),
  write: (rows, signal) => {
    const lines = rows.map(({ key, row }) => {
      const hash = createHash('sha256').update(row).digest('base64url').slice(0, 16)
      return `${key} ${readHeader(row).tick} ${hash}\n`
    })
    if (lines.length > 0) appendFileSync(log, lines.join(''))
    return online.write(rows, signal)
  },
  completeTick: (...args) => online.completeTick(...args),
  completedTick: (...args) => online.completedTick(...args),
  incarnation: () => online.incarnation(),
  close: () => online.close(),
}

function tell(event: RefreshEvent | { readonly kind: 'ready' }): void {
  const text = (_: string, value: unknown) => (value instanceof Error ? value.message : value)
  process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), ...event }, text)}\n`)
}

const store = new Store(
  { artefacts, engine, online: noting, now: () => new Date(Date.now()) },
  redisScheduling({ url: redis }, artefacts.manifest.project),
)
tell({ kind: 'ready' })
const refreshing = store.startRefreshing({ concurrency, lease, observe: tell })
process.on('SIGTERM', () => void refreshing.stop({ grace }))
await refreshing.finished
await store.close()
