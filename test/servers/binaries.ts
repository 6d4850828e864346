/** Where the programs are: on the machine, or, where that is allowed, in Debian's packages. */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { User } from './process.ts'

const packages = 'redis-server postgresql'

/**
 * One process at a time, since apt keeps several locks and waits for only some. A server that Debian starts at once
 * would be one more than asked for: `policy-rc.d` forbids it, for as long as the installation takes.
 */
const install = `
[ -x "$(command -v redis-server)" ] && ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 && exit 0
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  trap 'rm -f $policy' EXIT
  printf '#!/bin/sh\\nexit 101\\n' >$policy && chmod +x $policy
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -o DPkg::Lock::Timeout=300 update &&
apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends ${packages}
`

/** @throws if there is none and none may be installed: one line that says what to run. */
export function redisBinary(name: 'redis-server' | 'redis-cli'): string {
  return find(() => onPath(name), `to test against Redis: apt-get install redis-server, or set MERIDIAN_TEST_REDIS_URL`)
}

/** The newest on the machine, or those of the folder `MERIDIAN_TEST_POSTGRES_BIN`. */
export function postgresBinary(name: 'postgres' | 'initdb'): string {
  const given = process.env.MERIDIAN_TEST_POSTGRES_BIN
  if (given) return join(given, name)
  return find(
    () => inDebian(name) ?? onPath(name),
    'to test against Postgres: apt-get install postgresql, or set MERIDIAN_TEST_POSTGRES_URL',
  )
}

function find(look: () => string | null, otherwise: string): string {
  const found = look()
  if (found) return found
  if (process.getuid?.() === 0 && onPath('apt-get') && onPath('flock')) {
    const { status, stderr } = spawnSync('flock', ['/tmp/meridian-apt.lock', 'sh', '-c', install], {
      encoding: 'utf8',
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const installed = look()
    if (installed) return installed
    throw new Error(`${otherwise} (apt-get ended with ${status}: ${stderr.trim().split('\n').at(-1)})`)
  }
  throw new Error(otherwise)
}

function onPath(name: string): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.map(folder => join(folder, name)).find(isProgram) ?? null
}

/** Debian keeps the programs of each version off the path. */
function inDebian(name: string): string | null {
  const root = '/usr/lib/postgresql'
  if (!existsSync(root)) return null
  const versions = readdirSync(root).sort((one, other) => Number(other) - Number(one))
  return versions.map(version => join(root, version, 'bin', name)).find(isProgram) ?? null
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Postgres refuses to run as root: `postgres` where there is one, otherwise `nobody`. */
export function postgresUser(): User | undefined {
  if (process.getuid?.() !== 0) return undefined
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map(line => line.split(':'))
  const user = ['postgres', 'nobody'].map(name => users.find(([known]) => known === name)).find(Boolean)
  if (!user) throw new Error('Postgres does not run as root, and there is no user "postgres" or "nobody"')
  return { uid: Number(user[2]), gid: Number(user[3]) }
}
