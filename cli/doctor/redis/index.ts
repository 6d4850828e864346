/** The checks of Redis, one server or a cluster. */
import { redisAddress } from '../../../runtime/online/redis-address.ts'
import { connectServers } from '../../../runtime/online/redis-connect.ts'
import type { Servers } from '../../../runtime/online/redis-servers.ts'
import type { Artefacts } from '../artefacts.ts'
import { clockFinding, type Reading, readClock } from '../clock.ts'
import { examine, type Finding, ok, problem, warning } from '../finding.ts'
import { ask, infoOf, patience, refusalOf, settingOf } from './ask.ts'
import { nodeFindings } from './node.ts'
import { rightsFindings } from './rights.ts'

export interface RedisRequest {
  readonly url: string
  readonly artefacts: Artefacts
  /** Told the clock as soon as it is known. */
  readonly clock: (reading: Reading) => void
}

const times = { readTimeout: patience, writeTimeout: patience, connectTimeout: patience, grace: 500 }

/** @throws MeridianError `environment.unsupported` (the URL), `store.unavailable`, `store.timeout`, `store.refused` */
export async function examineRedis(
  { url, artefacts, clock }: RedisRequest,
  tell: (...findings: readonly Finding[]) => void,
): Promise<void> {
  const address = redisAddress(url)
  const servers = await connectServers(address, {}, times, 'read')
  try {
    const places = await servers.places()
    if (address.cluster) tell(slotFinding(servers, places.length))
    tell(...(await nodesFindings(servers, places, address.cluster)))
    const [place = 0] = places
    const reading = await clockOf(servers, place)
    if (reading) {
      clock(reading)
      const why = 'ticks come by the clock of Redis, and ttl is measured by the clock of who reads'
      tell(clockFinding('redis.clock', 'Redis', reading, 'this machine', why))
    }
    if (artefacts.manifest) tell(...(await rightsFindings(servers, artefacts.manifest, address.username ?? 'default')))
  } finally {
    servers.close()
  }
}

function slotFinding(servers: Servers, nodes: number): Finding {
  const missing = Array.from({ length: servers.slots }, (_, slot) => slot).filter(slot => servers.nodeOf(slot) === null)
  if (missing.length === 0) return ok('redis.cluster', `${nodes} nodes serve all slots`)
  const what = `no node serves ${missing.length} of ${servers.slots} slots, the first of which is ${missing[0]}: their keys cannot be read or written`
  const fix = 'start the node that had them, or redis-cli --cluster fix <host>:<port>'
  return problem('redis.cluster', { what, fix })
}

/** One after the other: a node that is away keeps no other from being looked at. */
async function nodesFindings(servers: Servers, places: readonly number[], cluster: boolean): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const place of places) {
    const address = servers.nodeOf(place)?.address ?? servers.name
    findings.push(
      ...(await examine({
        name: 'redis.node',
        deadline: 2 * patience,
        run: async tell => {
          const info = await infoOf(servers, place)
          if (info) {
            const save = await settingOf(servers, place, 'save')
            tell(...(await stateFindings(servers, place, address, info, cluster)))
            tell(...nodeFindings({ address, info, save }))
            return
          }
          const what = 'this user may not ask for INFO: version, eviction, memory and persistence were not looked at'
          const fix = 'run doctor with the URL of a user that has +info +config|get (Redis 6: +config)'
          tell(warning('redis.node', { what, place: address, fix }))
        },
      })),
    )
  }
  return withoutRepetition(findings)
}

/** Whether the address speaks of what is there. */
async function stateFindings(
  servers: Servers,
  place: number,
  address: string,
  info: ReadonlyMap<string, string>,
  cluster: boolean,
): Promise<Finding[]> {
  if (!cluster) {
    if (info.get('cluster_enabled') !== '1') return []
    const what = 'the server is a node of a cluster, and MERIDIAN_REDIS_URL names a single server'
    return [
      problem('redis.cluster', { what, place: address, fix: 'write redis+cluster:// or rediss+cluster:// in it' }),
    ]
  }
  let state = ''
  // Who may not ask has learnt from the map of slots what matters most.
  const asked = ask(servers, place, 'cluster', ['INFO']).then(reply => {
    state = /^cluster_state:(\w+)/m.exec(String(reply))?.[1] ?? ''
  })
  if ((await refusalOf(asked)) !== null || state === 'ok') return []
  const what = `the node says that the state of its cluster is ${state}: it may serve nothing`
  return [
    problem('redis.cluster', {
      what,
      place: address,
      fix: 'redis-cli --cluster check <host>:<port>, and start what is down',
    }),
  ]
}

/** Null where this user may not ask, which the rights tell. */
async function clockOf(servers: Servers, place: number): Promise<Reading | null> {
  const time = () => ask(servers, place, 'time') as Promise<[Buffer, Buffer]>
  if ((await refusalOf(time())) !== null) return null
  return readClock(async () => {
    const [seconds, micros] = await time()
    return Number(seconds) * 1_000 + Number(micros) / 1_000
  })
}

/** What is fine is said once of all nodes. */
function withoutRepetition(findings: readonly Finding[]): Finding[] {
  const said = new Set<string>()
  return findings.filter(({ status, check, what }) => {
    const text = `${check} ${what}`
    return status !== 'ok' || (!said.has(text) && said.add(text))
  })
}
