/** The address of Redis: what a URL says. */
import { MeridianError } from '../errors.ts'

export interface RedisHost {
  readonly host: string
  readonly port: number
}

export interface RedisAddress {
  readonly cluster: boolean
  readonly tls: boolean
  readonly username: string | undefined
  readonly password: string | undefined
  /** One for a single server; any nodes of a cluster, which tell of the others. */
  readonly hosts: readonly RedisHost[]
  readonly database: number
}

const form =
  /^(?<scheme>rediss?)(?<cluster>\+cluster)?:\/\/(?:(?<user>[^@:/]*)(?::(?<password>[^@/]*))?@)?(?<hosts>[^@/?#]+)(?:\/(?<database>\d*))?$/

/**
 * Reads `redis[s][+cluster]://[user][:password]@host[:port][,host[:port]...][/database]`. User and password are percent-encoded.
 *
 * @throws MeridianError `environment.unsupported`. The message does not repeat the URL, which may hold a password.
 * @example
 * redisAddress('rediss+cluster://pods:secret@redis-0:6379,redis-1:6379')
 */
export function redisAddress(url: string, cluster = false): RedisAddress {
  const parts = form.exec(url.trim())?.groups
  if (!parts) throw unsupported('it is not of the form redis://user:password@host:port')
  const hosts = (parts.hosts as string).split(',').map(hostOf)
  const inCluster = cluster || parts.cluster !== undefined
  const database = Number(parts.database ?? 0)
  if (!inCluster && hosts.length > 1)
    throw unsupported(`it names ${hosts.length} servers: write ${parts.scheme}+cluster:// if they are a cluster`)
  if (inCluster && database !== 0) throw unsupported('a cluster has one database only, 0')
  return {
    cluster: inCluster,
    tls: parts.scheme === 'rediss',
    // `redis://:password@host` is the default user.
    username: decode(parts.user) || undefined,
    password: decode(parts.password),
    hosts,
    database,
  }
}

function hostOf(text: string): RedisHost {
  const parts = /^(?:\[(?<v6>[0-9a-fA-F:.%]+)\]|(?<name>[^:[\]\s]+))(?::(?<port>\d{1,5}))?$/.exec(text)?.groups
  const port = Number(parts?.port ?? 6379)
  if (!parts || port < 1 || port > 65_535) throw unsupported('a host is not of the form host:port')
  return { host: (parts.v6 ?? parts.name) as string, port }
}

function decode(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text)
  } catch {
    throw unsupported('its user or password is not percent-encoded')
  }
}

function unsupported(problem: string): MeridianError {
  return new MeridianError('environment.unsupported', `the URL of Redis cannot be read: ${problem}`, { problem })
}
