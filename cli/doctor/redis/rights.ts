/** Whether this user may do what reads, materialization, workers and `meridian status` do. */
import type { Manifest } from '../../../runtime/contract.ts'
import type { Servers } from '../../../runtime/online/redis-servers.ts'
import { tickKey } from '../../../runtime/online/redis-tick.ts'
import { type Finding, ok, problem, warning } from '../finding.ts'
import { ask, refusalOf } from './ask.ts'

/** A command that changes nothing, wherever it is sent: what it names is not there, and cannot be. */
interface Probe {
  readonly command: string
  readonly args: readonly string[]
  readonly key: string
}

/** `user` is as messages name it. */
export async function rightsFindings(servers: Servers, manifest: Manifest, user: string): Promise<Finding[]> {
  const { reads, writes, locks } = probesOf(manifest)
  const needs = [
    { what: 'read', probes: reads },
    { what: 'materialize', probes: writes },
    { what: 'run workers', probes: locks },
  ]
  const refusals = new Map<Probe, string>()
  for (const probe of new Set(needs.flatMap(({ probes }) => probes))) {
    const refusal = await refusalOf(ask(servers, servers.slotOf(probe.key), probe.command, probe.args))
    // A script that is not known may still be called; others say that they have no such data, which is an answer.
    if (refusal !== null && refusal !== 'NOSCRIPT') refusals.set(probe, refusal)
  }
  // A node of a cluster, asked as a single server, which is told already.
  if ([...refusals.values()].includes('MOVED')) return []
  const findings: Finding[] = []
  const full = [...refusals.values()].find(refusal => /^(OOM|READONLY|MISCONF|NOREPLICAS)$/.test(refusal))
  if (full !== undefined) {
    const what = `writes are refused: ${full}`
    findings.push(problem('redis.writes', { what, fix: writesFix[full] ?? 'look into the log of the server' }))
  }
  const mayNot = needs.flatMap(({ what, probes }) => {
    const denied = probes.filter(probe => /^(NOPERM|ERR)$/.test(refusals.get(probe) ?? ''))
    return denied.length === 0 ? [] : [{ what, denied }]
  })
  if (mayNot.length === 0) {
    if (full === undefined) findings.push(ok('redis.rights', `${user} may read, materialize and run workers`))
    return findings
  }
  const denied = [...new Set(mayNot.flatMap(need => need.denied))]
  const commands = [...new Set(denied.map(({ command }) => command.toLowerCase()))]
  const uses = mayNot.map(need => need.what).join(', ')
  const what = `${user} may not ${uses}: ${commands.join(', ')} ${commands.length === 1 ? 'is' : 'are'} refused`
  const grant = `ACL SETUSER ${user} ~{* ~meridian:* ${commands.map(command => `+${command}`).join(' ')}`
  // Processes that only read need no more.
  const mayRead = mayNot.every(need => need.what !== 'read')
  const fix = mayRead ? `nothing, if it only has to serve; otherwise ${grant}` : grant
  findings.push(mayRead ? warning('redis.rights', { what, fix }) : problem('redis.rights', { what, fix }))
  return findings
}

const writesFix: Readonly<Record<string, string>> = {
  OOM: 'raise maxmemory: the server is full',
  READONLY: 'let MERIDIAN_REDIS_URL name the master: this is a replica',
  MISCONF: 'make room on its disk: it cannot save',
  NOREPLICAS: 'start its replicas, or lower min-replicas-to-write',
}

function probesOf({ project, views }: Manifest) {
  const [view] = Object.values(views).filter(({ materialize }) => materialize)
  // A percent sign by itself stands in no key that is written.
  const row = `{${view?.entity ?? 'meridian'}:%}:${view?.name ?? 'meridian'}:${view?.layout.fingerprint ?? '%'}`
  const tick = tickKey('%', '%')
  const lock = `{meridian/${encodeURIComponent(project)}}:%`
  const probe = (command: string, key: string, ...args: string[]): Probe => ({ command, key, args })
  const of = (command: string, key: string, ...args: string[]) => probe(command, key, key, ...args)
  const reads = [of('mget', row), of('mget', tick)]
  const writes = [
    ...reads,
    probe('info', row),
    probe('evalsha', row, '0'.repeat(40), '0'),
    probe('eval', row, 'return 1', '0'),
    of('getrange', row, '0', '23'),
    // Only where there is one.
    of('set', row, '', 'XX', 'PX', '1000'),
    of('set', tick, '', 'XX'),
  ]
  const locks = [
    ...writes,
    probe('time', lock),
    of('get', lock),
    of('set', lock, '', 'XX', 'PX', '1000'),
    of('del', lock),
    of('pexpire', lock, '1000'),
    of('pttl', lock),
    of('zadd', lock, 'XX', '0', '%'),
    of('zrange', lock, '0', '0'),
    of('zcount', lock, '0', '0'),
    of('zcard', lock),
    of('zremrangebyscore', lock, '0', '0'),
  ]
  return { reads, writes, locks }
}
