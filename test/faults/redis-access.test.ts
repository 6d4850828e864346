/** TLS and users: who may connect, and what a user may do. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { Redis } from 'ioredis'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { MeridianError } from '../../runtime/errors.ts'
import { RedisStore } from '../../runtime/online/redis.ts'
import { slotOf } from '../../runtime/online/redis-slot.ts'
import { type OwnServer, ownRedisCluster, ownRedisServer } from '../servers.ts'
import { rowAt, untilSuccess } from './redis-load.ts'

interface Certificate {
  readonly key: string
  readonly certificate: string
}

/** A certificate for 127.0.0.1 that is its own authority. */
function certificateIn(folder: string): Certificate {
  const paths = { key: join(folder, 'key.pem'), certificate: join(folder, 'certificate.pem') }
  const subject = ['-subj', '/CN=meridian', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost']
  const output = ['-keyout', paths.key, '-out', paths.certificate, '-days', '2']
  const { status, stderr } = spawnSync('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    ...subject,
    ...output,
  ])
  assert.is(status, 0, `openssl: ${stderr}`)
  return paths
}

/** TLS on the port 5,000 above the plain one. */
const tlsPort = (port: number) => port + 5_000

/** Of all servers here: the nodes of a cluster are each other's clients. */
const folder = mkdtempSync(join(tmpdir(), 'meridian-certificate-'))
const paths = certificateIn(folder)
const certificate = readFileSync(paths.certificate, 'utf8')
const tlsArguments = (_folder: string, port: number) => {
  const files = [
    '--tls-cert-file',
    paths.certificate,
    '--tls-key-file',
    paths.key,
    '--tls-ca-cert-file',
    paths.certificate,
  ]
  return ['--tls-port', `${tlsPort(port)}`, '--tls-auth-clients', 'no', ...files]
}

const password = 'p@ss:w/ord%'
/** The least that pods, and the process that materializes, need. */
const users = [
  `user pods on >${password} ~{* ~meridian:* +mget`,
  `user writer on >${password} ~{* ~meridian:* +mget +evalsha +eval +getrange +set +info`,
]

let server: OwnServer
test.before(async () => {
  server = await ownRedisServer({ args: tlsArguments })
  const redis = new Redis(server.url)
  for (const user of users) {
    const [, name, ...rules] = user.split(' ')
    await redis.call('ACL', 'SETUSER', name as string, ...rules)
  }
  redis.disconnect()
})
test.after(async () => {
  await server.stop()
  rmSync(folder, { recursive: true })
})

// A machine may be slow at its first handshake, or busy.
const patient = { connectTimeout: 1000, readTimeout: 1000 }

const row = { key: '{e:1}:v:f', row: rowAt(1), expiresIn: null }
const hostOf = (url: string) => new URL(url).host
const portOf = (url: string) => Number(new URL(url).port)
const urlFor = (user: string, secret = password) =>
  `redis://${user}:${encodeURIComponent(secret)}@${hostOf(server.url)}`

async function errorOf(call: () => Promise<unknown>): Promise<MeridianError> {
  try {
    await call()
  } catch (error) {
    assert.ok(error instanceof MeridianError, `not typed: ${error}`)
    assert.not.match(inspect(error, { depth: 10, showHidden: true }), /p@ss/)
    return error
  }
  throw new Error('it did not fail')
}

test('a user of few rights reads; one of a few more writes', async () => {
  const pods = await RedisStore.open({ url: urlFor('pods'), ...patient })
  const writer = await RedisStore.open({ url: urlFor('writer'), ...patient })
  assert.is(await writer.write([row]), 1)
  const completed = { tick: 7n, fullAt: 8, incarnation: await writer.incarnation() }
  await writer.completeTick('v', 'f', completed)
  assert.equal(await pods.completedTick('v', 'f'), completed)
  assert.ok((await pods.read([row.key]))[0])
  const error = await errorOf(() => pods.write([row]))
  assert.is(error.code, 'store.refused')
  assert.is(error.details.reason, 'NOPERM')
  const incarnation = await errorOf(() => pods.incarnation())
  assert.is(incarnation.code, 'store.refused')
  assert.match(incarnation.message, /NOPERM.*'info'/)
  const elsewhere = await errorOf(() => pods.read(['other']))
  assert.is(elsewhere.code, 'store.refused')
  await pods.close()
  await writer.close()
})

test('a wrong password, and none where one is asked for, are refused with what the server said', async () => {
  const wrong = await errorOf(() => RedisStore.open({ url: urlFor('pods', 'p@ssé'), ...patient }))
  assert.is(wrong.code, 'store.refused')
  assert.is(wrong.details.reason, 'WRONGPASS')
  const redis = new Redis(server.url)
  await redis.config('SET', 'requirepass', password)
  try {
    const none = await errorOf(() => RedisStore.open({ url: server.url, ...patient }))
    assert.is(none.code, 'store.refused')
    assert.is(none.details.reason, 'NOAUTH')
    const store = await RedisStore.open({
      url: `redis://:${encodeURIComponent(password)}@${hostOf(server.url)}`,
      ...patient,
    })
    assert.equal(await store.read(['{e:none}:v:f']), [null])
    await store.close()
  } finally {
    await redis.config('SET', 'requirepass', '')
    redis.disconnect()
  }
})

test('rediss:// is TLS, with a certificate that is checked', async () => {
  const url = `rediss://writer:${encodeURIComponent(password)}@127.0.0.1:${tlsPort(portOf(server.url))}`
  const store = await RedisStore.open({ url, tls: { ca: certificate }, ...patient })
  await store.write([{ ...row, row: rowAt(2) }])
  assert.ok((await store.read([row.key]))[0])
  await store.close()
  const unknown = await errorOf(() => RedisStore.open({ url, ...patient }))
  assert.is(unknown.code, 'store.unavailable')
  assert.match(unknown.message, /self-signed certificate/)
  const plain = await errorOf(() => RedisStore.open({ url: url.replace('rediss', 'redis'), ...patient }))
  assert.ok(plain.code === 'store.unavailable' || plain.code === 'store.timeout')
})

test('rediss+cluster:// is TLS to every node of a cluster, by one certificate, and redirections are followed in it', async () => {
  const inCluster = (_: string, port: number) => ['--tls-cluster', 'yes', ...tlsArguments(folder, port)]
  const cluster = await ownRedisCluster({ args: inCluster, busPortOf: tlsPort })
  try {
    const hosts = cluster.nodes.map(({ url }) => `127.0.0.1:${tlsPort(portOf(url))}`)
    // One node tells of the others, by the ports of TLS.
    const url = `rediss+cluster://${hosts[0]}`
    const store = await RedisStore.open({ url, tls: { ca: certificate }, ...patient })
    const rows = Array.from({ length: 100 }, (_, index) => ({ ...row, key: `{e:${index}}:v:f` }))
    const keys = rows.map(({ key }) => key)
    assert.is(new Set(keys.map(key => cluster.nodeOf(slotOf(key)))).size, 3)
    await untilSuccess(() => store.write(rows))
    assert.ok((await store.read(keys)).every(Boolean))

    // A slot that moves: the node that had it says where it is, and the way there is TLS too.
    const [key] = keys as [string]
    const slot = slotOf(key)
    const from = cluster.nodeOf(slot)
    const to = (from + 1) % 3
    const clients = [from, to].map(node => new Redis(cluster.nodes[node]?.url as string)) as [Redis, Redis]
    const target = String(await clients[1].cluster('MYID'))
    await clients[1].call('CLUSTER', 'SETSLOT', `${slot}`, 'IMPORTING', String(await clients[0].cluster('MYID')))
    await clients[0].call('CLUSTER', 'SETSLOT', `${slot}`, 'MIGRATING', target)
    await clients[0].del(key)
    assert.is(await store.write([{ ...row, key }]), 1)
    assert.ok((await store.read([key]))[0])
    for (const client of clients.toReversed()) await client.call('CLUSTER', 'SETSLOT', `${slot}`, 'NODE', target)
    for (const client of clients) client.disconnect()
    assert.ok((await store.read([key]))[0])

    await cluster.nodes[to]?.restart()
    await untilSuccess(() => store.read(keys))
    await store.close()
    const unknown = await errorOf(() => RedisStore.open({ url, ...patient }))
    assert.match(unknown.message, /self-signed certificate/)
  } finally {
    await cluster.stop()
  }
})

test.run()
