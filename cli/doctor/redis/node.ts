/** What one node of a Redis says of itself: version, role, memory, eviction, persistence. */
import { type Finding, ok, problem, warning } from '../finding.ts'

export interface NodeFacts {
  readonly address: string
  readonly info: ReadonlyMap<string, string>
  /** The setting `save`; null where it is not told. */
  readonly save: string | null
}

const oldest = 6

export function nodeFindings(facts: NodeFacts): Finding[] {
  return [version(facts), ...role(facts), eviction(facts), ...memory(facts), persistence(facts), ...disk(facts)]
}

function version({ address: place, info }: NodeFacts): Finding {
  const found = info.get('redis_version') ?? 'unknown'
  if (Number.parseInt(found, 10) >= oldest) return ok('redis.version', found)
  const what = `Redis ${oldest} or later is needed, and this is ${found}`
  return problem('redis.version', { what, place, fix: 'upgrade it' })
}

function role({ address: place, info }: NodeFacts): Finding[] {
  if (info.get('role') !== 'slave') return []
  const master = `${info.get('master_host')}:${info.get('master_port')}`
  const what = 'it is a replica, which takes no writes and may be behind'
  return [problem('redis.role', { what, place, fix: `let MERIDIAN_REDIS_URL name its master, ${master}` })]
}

function eviction({ address: place, info }: NodeFacts): Finding {
  const policy = info.get('maxmemory_policy') ?? 'unknown'
  if (policy === 'noeviction') return ok('redis.eviction', 'noeviction')
  const because =
    'a row that was evicted reads as a key that never had one, and no incremental run knows that it is gone; a full server that refuses writes says so'
  const fix = 'CONFIG SET maxmemory-policy noeviction (and in redis.conf, or in the settings of the provider)'
  // Without a limit nothing is evicted yet.
  if (limitOf(info) === 0)
    return warning('redis.eviction', {
      what: `maxmemory-policy is ${policy}, once maxmemory is set: ${because}`,
      place,
      fix,
    })
  return problem('redis.eviction', { what: `maxmemory-policy is ${policy}: ${because}`, place, fix })
}

const limitOf = (info: NodeFacts['info']): number => Number(info.get('maxmemory') ?? 0)

function memory({ address: place, info }: NodeFacts): Finding[] {
  const [limit, used] = [limitOf(info), Number(info.get('used_memory') ?? 0)]
  if (limit === 0) return []
  const share = used / limit
  const shown = `${megabytes(used)} of ${megabytes(limit)} MB are used`
  if (share < 0.8) return [ok('redis.memory', shown)]
  const what = `${shown}: writes are refused when it is full (OOM), and stored values grow old`
  const fix = 'raise maxmemory, or have fewer keys: a shorter ttl or horizon, fewer views that are materialized'
  return [share < 1 ? warning('redis.memory', { what, place, fix }) : problem('redis.memory', { what, place, fix })]
}

const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1)

function persistence({ address: place, info, save }: NodeFacts): Finding {
  if (info.get('aof_enabled') === '1') return ok('redis.persistence', 'append-only file')
  const loss =
    'All rows can be computed again, and are by the next runs; until then readers find what there is: nothing, or older rows'
  const fix = 'CONFIG SET appendonly yes (and in redis.conf), or have a replica that takes over; or accept it'
  if (save === '')
    return warning('redis.persistence', {
      what: `nothing is kept on disk: a restart loses every row. ${loss}`,
      place,
      fix,
    })
  if (save === null) {
    const what = `there is no append-only file, and this user may not ask for snapshots (CONFIG GET save): a restart may lose rows. ${loss}`
    return warning('redis.persistence', { what, place, fix })
  }
  return ok('redis.persistence', `snapshots only (save ${save}): a restart loses what was written since the last`)
}

/** A server that cannot write to its disk takes no writes either, unless it is told otherwise. */
function disk({ address: place, info }: NodeFacts): Finding[] {
  const failed = ['rdb_last_bgsave_status', 'aof_last_write_status'].filter(name => info.get(name) === 'err')
  if (failed.length === 0) return []
  const what = `it could not write to its disk (${failed.join(', ')}): it refuses writes (MISCONF), unless it is told not to`
  return [
    problem('redis.disk', { what, place, fix: 'make room on the disk, or rights to its folder; its log says which' }),
  ]
}
