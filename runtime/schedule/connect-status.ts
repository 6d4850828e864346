/** The status of views from Redis alone: it is asked for most when the database is away. */
import { Artefacts } from '../artefacts.ts'
import type { Manifest } from '../contract.ts'
import { MeridianError } from '../errors.ts'
import { type RedisOptions, RedisStore } from '../online/redis.ts'
import { redisScheduling } from './scheduling.ts'
import { StatusReader, type ViewStatus } from './status.ts'

/** A store that is open for its status only. */
export interface OpenStatus {
  readonly manifest: Manifest
  /**
   * Of some materialized views, or of all.
   *
   * @throws MeridianError `name.unknown`, `store.unavailable`, `store.timeout`, `store.refused`
   */
  read(views?: readonly string[]): Promise<ViewStatus[]>
  close(): Promise<void>
}

/**
 * Opens the production store of a generated folder for `status` only, with `MERIDIAN_REDIS_URL` unless a `url` is given.
 *
 * @throws MeridianError `artefacts.unreadable`, `artefacts.changed`, `environment.unsupported`, `store.unavailable`,
 * `store.timeout`, `store.refused`
 * @example
 * const status = await connectStatus(new URL('./generated/flights/', import.meta.url))
 * const stale = (await status.read()).filter(view => view.stale)
 */
export async function connectStatus(folder: URL | string, options: Partial<RedisOptions> = {}): Promise<OpenStatus> {
  const url = options.url || process.env.MERIDIAN_REDIS_URL || ''
  if (url === '')
    throw new MeridianError('environment.unsupported', 'status needs MERIDIAN_REDIS_URL', {
      missing: ['MERIDIAN_REDIS_URL'],
    })
  const artefacts = await Artefacts.open(folder)
  const redis = { ...options, url }
  const online = await RedisStore.open(redis)
  const reader = new StatusReader({ artefacts, online }, redisScheduling(redis, artefacts.manifest.project))
  return {
    manifest: artefacts.manifest,
    read: views => reader.read(views),
    async close() {
      await reader.close()
      await online.close()
    },
  }
}
