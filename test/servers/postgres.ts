import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import pg from 'pg'
import type { OwnServer, Server } from '../servers.ts'
import { postgresBinary, postgresUser } from './binaries.ts'
import { serverFolder, startOnFreePort } from './process.ts'

/** Data outlive `kill`, though nothing is flushed: it is the process that dies, not the machine. */
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  // Unlike what sessions should have: one that forgets to say UTC shows.
  timezone: 'Asia/Kathmandu',
}

/** The user is `meridian`, a superuser without a password; the database is `postgres`. */
export async function ownPostgresServer(): Promise<OwnServer> {
  const user = postgresUser()
  const [initdb, postgres] = [postgresBinary('initdb'), postgresBinary('postgres')]
  const folder = serverFolder('postgres', user)
  const data = join(folder, 'data')
  initialize(initdb, data, user)
  const [server, port] = await startOnFreePort(port => ({
    command: postgres,
    args: [
      '-D',
      data,
      '-p',
      `${port}`,
      ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
    ],
    folder,
    user,
    signal: 'QUIT',
    probe: () => query(urlOf(port), 'SELECT 1'),
  }))
  return {
    url: urlOf(port),
    stop: () => server.stop(),
    kill: () => server.kill(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    restart: () => server.restart(),
  }
}

const urlOf = (port: number) => `postgres://meridian@127.0.0.1:${port}/postgres`

function initialize(initdb: string, data: string, user: { uid: number; gid: number } | undefined): void {
  const options = { encoding: 'utf8', ...user } as const
  // Where the version can, text is ordered by language: a statement that forgets to order by bytes shows.
  const icu = spawnSync(initdb, ['--help'], options).stdout.includes('--icu-locale')
  const locale = icu ? ['--locale-provider=icu', '--icu-locale=en-US', '--locale=C.UTF-8'] : ['--locale=C.UTF-8']
  const common = ['-D', data, '-U', 'meridian', '--auth=trust', '--encoding=UTF8', '--no-sync']
  const { status, stderr } = spawnSync(initdb, [...common, ...locale], { ...options, cwd: '/' })
  if (status !== 0) throw new Error(`initdb failed: ${stderr.trim().split('\n').at(-1)}`)
}

let databases = 0

/** Makes an empty database in a server. */
export async function postgresDatabase(server: string): Promise<Server> {
  databases += 1
  const name = `meridian_test_${process.pid}_${databases}`
  await query(server, `CREATE DATABASE ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return { url: url.href, stop: () => query(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) }
}

async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query(sql)
  } finally {
    await client.end().catch(() => {})
  }
}
