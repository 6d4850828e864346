/**
 * What a pod does when its stores are away, when there is too much to do, and when it ends. On Postgres and Redis.
 *
 * One file because all of it runs on one pair of servers, which is started once.
 */
import { once } from 'node:events'
import { connect as connectSocket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'meridian/runtime'
import { Pod, type PodOptions } from 'meridian/serve'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type OwnServer, ownPostgresServer, ownRedisServer } from '../servers.ts'
import { generated, get, odd, post, type Reply, request } from './project.ts'

const nobody = { id: '1', kind: '' }

interface Servers {
  readonly redis: OwnServer
  readonly postgres: OwnServer
}

let servers: Servers | null = null

/** Runs `work` with a pod on servers of its own, which all tests here share, with everything stored. */
function withServers(
  work: (pod: Pod, servers: Servers) => Promise<void>,
  options: Partial<PodOptions> = {},
): () => Promise<void> {
  return async () => {
    servers ??= { redis: await ownRedisServer(), postgres: await ownPostgresServer() }
    const { redis, postgres } = servers
    const stores = { environment: 'production', redis: { url: redis.url }, postgres: { url: postgres.url } } as const
    const store = await connect(await generated(), stores)
    await store.materialize()
    await store.close()
    const pod = await Pod.open({
      folder: await generated(),
      port: 0,
      connect: stores,
      log: { level: 'silent' },
      drain: { delay: 0, grace: 2_000 },
      ...options,
    })
    try {
      await work(pod, servers)
    } finally {
      await Promise.all([running(redis), running(postgres)])
      await pod.drain()
    }
  }
}

test.after(async () => {
  await servers?.redis.stop()
  await servers?.postgres.stop()
})

/** As the next test needs it, whatever one has done. */
async function running(server: OwnServer): Promise<void> {
  try {
    server.resume()
  } catch {
    await server.restart()
  }
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 10_000; performance.now() < end; await sleep(20)) if (await holds()) return
  throw new Error(`not within ten seconds: ${what}`)
}

function isProblem(reply: Reply, status: number, ...types: readonly string[]): void {
  assert.is(reply.status, status, JSON.stringify(reply.body))
  assert.ok(types.includes(reply.body.type.slice('urn:meridian:'.length)), reply.body.type)
  if (status === 503) assert.match(reply.headers.get('retry-after') ?? '', /^\d+$/)
  // Where the stores are is nobody's business.
  assert.not.match(JSON.stringify(reply.body), /127\.0\.0\.1/)
}

async function metric(pod: Pod, start: string): Promise<number> {
  const { body } = await get(pod, '/metrics')
  const line = body.split('\n').find((one: string) => one.startsWith(start))
  return line === undefined ? 0 : Number(line.slice(line.lastIndexOf(' ') + 1))
}

test(
  'values over HTTP are the getters, of stored and of computed views',
  withServers(async (pod, { redis, postgres }) => {
    const stores = { environment: 'production', redis: { url: redis.url }, postgres: { url: postgres.url } } as const
    const store = await connect(await generated(), stores)
    const getter = store.service('patient')
    const entities = [odd, nobody, { id: '2', kind: 'null' }]
    const values = await getter.getMany(entities.map(({ id, kind }) => ({ id: BigInt(id), kind })))
    await store.close()
    const { body } = await post(pod, '/v1/services/patient', { entities })
    assert.equal(
      body.entities,
      values.map(features => JSON.parse(JSON.stringify(features, asAnswered))),
    )
  }),
)

/** As the API writes it; of instants, getters know the millisecond. */
function asAnswered(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  const own = this[key]
  if (own instanceof Date) return exact[own.toISOString()] ?? own
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (own instanceof Float32Array) return [...own]
  return own instanceof Uint8Array ? Buffer.from(own).toString('base64') : value
}
const exact: Readonly<Record<string, string>> = {
  '2001-06-15T12:00:00.000Z': '2001-06-15T12:00:00.000001Z',
  '1969-12-31T23:59:59.999Z': '1969-12-31T23:59:59.999999Z',
}

test(
  'Redis is killed: 503, or defaults where a service says so; it comes back by itself',
  withServers(async (pod, { redis }) => {
    assert.is((await post(pod, '/v1/services/stored', { entity: odd })).status, 200)
    assert.equal((await get(pod, '/readyz')).body, { ready: true, problems: [] })
    await redis.kill()
    for (let number = 0; number < 30; number += 1)
      isProblem(await post(pod, '/v1/services/stored', { entity: odd }), 503, 'store.unavailable', 'store.timeout')
    const degraded = await post(pod, '/v1/services/patient', { entities: [odd] })
    assert.is(degraded.status, 200)
    assert.is(degraded.body.degraded, true)
    assert.is(degraded.body.entities[0].name, 'nobody')
    assert.is(degraded.body.entities[0].flag, null)
    assert.is(degraded.body.entities[0].now_count, 0)
    assert.is(await metric(pod, 'meridian_degraded_total{subject="services/patient"'), 1)
    assert.is(await metric(pod, 'meridian_store_state{store="store",state="open"'), 1)
    // What needs no Redis goes on, and so does the pod, which was ready and has a service that answers.
    assert.is((await post(pod, '/v1/views/now', { entity: odd })).status, 200)
    assert.is((await get(pod, '/healthz')).status, 200)
    const ready = await get(pod, '/readyz')
    assert.equal(ready.body, { ready: true, problems: ['the online store cannot be read: store.unavailable'] })
    await redis.restart()
    await until('reads', async () => (await post(pod, '/v1/services/stored', { entity: odd })).status === 200)
    const { body } = await post(pod, '/v1/services/patient', { entity: odd })
    assert.is(body.degraded, undefined)
    assert.is(body.features.flag, true)
    assert.is(await metric(pod, 'meridian_store_state{store="store",state="closed"'), 1)
  }),
)

test(
  'Redis is silent: each request ends in time, and then at once',
  withServers(async (pod, { redis }) => {
    redis.pause()
    const asked = performance.now()
    const first = await post(pod, '/v1/services/stored', { entity: odd })
    isProblem(first, 503, 'store.timeout')
    assert.ok(performance.now() - asked < 900, `${performance.now() - asked} ms`)
    await Promise.all(Array.from({ length: 40 }, () => post(pod, '/v1/services/stored', { entity: odd })))
    isProblem(await post(pod, '/v1/services/stored', { entity: odd }), 503, 'store.unavailable', 'store.timeout')
    redis.resume()
    await until('reads', async () => (await post(pod, '/v1/services/stored', { entity: odd })).status === 200)
  }),
)

test(
  'Postgres is silent: the deadline passes; beyond the limit requests are refused at once',
  withServers(
    async (pod, { postgres }) => {
      assert.is((await post(pod, '/v1/views/now', { entity: odd })).status, 200)
      postgres.pause()
      const asked = performance.now()
      const slow = [1, 2].map(() => post(pod, '/v1/views/now', { entity: odd }))
      await sleep(100)
      isProblem(await post(pod, '/v1/services/stored', { entity: odd }), 503, 'pod.overloaded')
      assert.is(await metric(pod, 'meridian_in_flight{'), 2)
      for (const reply of await Promise.all(slow)) isProblem(reply, 504, 'deadline.exceeded')
      const took = performance.now() - asked
      assert.ok(took > 380 && took < 1_500, `${took} ms`)
      assert.is(await metric(pod, 'meridian_in_flight{'), 0)
      assert.is(await metric(pod, 'meridian_refused_total{reason="concurrency"'), 1)
      // What Redis holds is served all the while.
      assert.is((await post(pod, '/v1/services/stored', { entity: odd })).status, 200)
      postgres.resume()
      await until('lookups', async () => (await post(pod, '/v1/views/now', { entity: odd })).status === 200)
    },
    { limits: { deadline: 400, concurrency: 2 } },
  ),
)

test(
  'Postgres is silent: one request tries whether it is back, others are refused at once; defaults come in time',
  withServers(
    async (pod, { postgres }) => {
      assert.is((await post(pod, '/v1/services/patient', { entity: odd })).body.degraded, undefined)
      postgres.pause()
      const asked = performance.now()
      const patient = await post(pod, '/v1/services/patient', { entity: odd })
      assert.is(patient.status, 200)
      assert.is(patient.body.degraded, true)
      assert.is(patient.body.features.now_count, 0)
      assert.ok(performance.now() - asked < 600, `${performance.now() - asked} ms`)
      await Promise.all(Array.from({ length: 30 }, () => post(pod, '/v1/views/now', { entity: odd })))
      assert.is(await metric(pod, 'meridian_store_state{store="database",state="open"'), 1)
      await sleep(300)
      const tries = post(pod, '/v1/views/now', { entity: odd })
      await sleep(50)
      assert.is(await metric(pod, 'meridian_store_state{store="database",state="half-open"'), 1)
      const meanwhile = performance.now()
      isProblem(await post(pod, '/v1/views/now', { entity: odd }), 503, 'database.unavailable')
      assert.ok(performance.now() - meanwhile < 200, `${performance.now() - meanwhile} ms`)
      isProblem(await tries, 504, 'deadline.exceeded')
      postgres.resume()
      await until('lookups', async () => (await post(pod, '/v1/views/now', { entity: odd })).status === 200)
    },
    { limits: { deadline: 500 } },
  ),
)

test(
  'Postgres is killed: 503 for what it computes, and it comes back by itself',
  withServers(async (pod, { postgres }) => {
    assert.is((await post(pod, '/v1/views/now', { entity: odd })).status, 200)
    await postgres.kill()
    isProblem(await post(pod, '/v1/views/now', { entity: odd }), 503, 'database.unavailable', 'lookup.failed')
    isProblem(await post(pod, '/v1/views/now', { entity: odd }), 503, 'database.unavailable')
    assert.is((await post(pod, '/v1/services/stored', { entity: odd })).status, 200)
    const { body } = await post(pod, '/v1/services/patient', { entity: odd })
    assert.is(body.degraded, true)
    await postgres.restart()
    await until('lookups', async () => (await post(pod, '/v1/views/now', { entity: odd })).status === 200)
  }),
)

test(
  'a pod of a build that was never materialized is not ready until it is',
  withServers(async (_pod, { postgres }) => {
    const redis = await ownRedisServer()
    const stores = { environment: 'production', redis: { url: redis.url }, postgres: { url: postgres.url } } as const
    const folder = await generated()
    const pod = await Pod.open({ folder, port: 0, connect: stores, log: { level: 'silent' }, drain: { delay: 0 } })
    try {
      const before = await get(pod, '/readyz')
      assert.is(before.status, 503)
      assert.match(before.body.problems[0], /^view everything was never materialized in this layout, [0-9a-f]{12}$/)
      await pod.store.materialize()
      assert.is((await get(pod, '/readyz')).status, 200)
    } finally {
      await pod.drain()
      await redis.stop()
    }
  }),
)

/** Sends bytes and reads whatever comes until the connection ends. */
async function raw(pod: Pod, bytes: string): Promise<string> {
  const socket = connectSocket(Number(new URL(pod.url).port), '127.0.0.1')
  let text = ''
  socket.setEncoding('utf8').on('data', part => {
    text += part
  })
  socket.on('error', () => {})
  socket.write(bytes)
  await once(socket, 'close')
  return text
}

test(
  'what is slow, or no HTTP, or has too many headers is ended, with a problem document',
  withServers(
    async pod => {
      const head = 'POST /v1/services/stored HTTP/1.1\r\nhost: a\r\n'
      assert.match(await raw(pod, head), /^HTTP\/1\.1 408 [\s\S]*urn:meridian:request\.too-slow/)
      const body = `${head}content-type: application/json\r\ncontent-length: 100\r\n\r\n{"entity":`
      assert.match(await raw(pod, body), /^HTTP\/1\.1 408 [\s\S]*urn:meridian:request\.too-slow/)
      assert.match(await raw(pod, 'SPEAK friend\r\n\r\n'), /^HTTP\/1\.1 400 [\s\S]*urn:meridian:request\.malformed/)
      assert.match(
        await raw(pod, `${head}a: ${'x'.repeat(20_000)}\r\n\r\n`),
        /^HTTP\/1\.1 431 [\s\S]*headers\.too-large/,
      )
      assert.is((await get(pod, '/healthz')).status, 200)
    },
    { limits: { headers: 300, request: 600 } },
  ),
)

test(
  'who sends only a part of a request, or reads nothing, takes no place from others',
  withServers(
    async pod => {
      const head = `POST /v1/services/stored HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n`
      const sockets = Array.from({ length: 4 }, () => connectSocket(Number(new URL(pod.url).port), '127.0.0.1'))
      for (const socket of sockets) socket.on('error', () => {}).write(`${head}content-length: 100\r\n\r\n{"entity":`)
      await sleep(100)
      assert.is((await post(pod, '/v1/services/stored', { entity: odd })).status, 200)
      assert.is(await metric(pod, 'meridian_in_flight{'), 0)
      for (const socket of sockets) socket.destroy()
    },
    { limits: { concurrency: 2 } },
  ),
)

test(
  'a circuit does not close since the other store failed',
  withServers(
    async (pod, { redis, postgres }) => {
      const state = (name: string, which: string) =>
        metric(pod, `meridian_store_state{store="${name}",state="${which}"`)
      postgres.pause()
      await Promise.all(Array.from({ length: 30 }, () => post(pod, '/v1/views/now', { entity: odd })))
      assert.is(await state('database', 'open'), 1)
      await redis.kill()
      // Requests of both: Redis fails each of them, while Postgres is silent.
      for (const end = performance.now() + 1_500; performance.now() < end; await sleep(20)) {
        await post(pod, '/v1/services/all', { entity: { ...odd, ...request } })
        assert.is(await state('database', 'closed'), 0)
      }
    },
    { limits: { deadline: 300 } },
  ),
)

test(
  'a caller that goes away is not waited for',
  withServers(
    async (pod, { postgres }) => {
      assert.is((await post(pod, '/v1/views/now', { entity: odd })).status, 200)
      postgres.pause()
      const controller = new AbortController()
      const headers = { 'content-type': 'application/json' }
      const body = JSON.stringify({ entity: odd })
      const asked = fetch(`${pod.url}/v1/views/now`, { method: 'POST', headers, body, signal: controller.signal })
      await sleep(100)
      assert.is(await metric(pod, 'meridian_in_flight{'), 1)
      controller.abort()
      await asked.catch(() => {})
      await until('none under way', async () => (await metric(pod, 'meridian_in_flight{')) === 0)
      assert.is(await metric(pod, 'meridian_requests_total{subject="views/now",status="499"'), 1)
    },
    { limits: { deadline: 3_000 } },
  ),
)

test(
  'draining: readiness goes first, requests go on, and then nothing listens',
  withServers(
    async pod => {
      const started = performance.now()
      const ended = pod.drain()
      const ready = await get(pod, '/readyz')
      assert.is(ready.status, 503)
      assert.equal(ready.body, { ready: false, problems: ['the pod is about to end'] })
      const reply = await post(pod, '/v1/services/stored', { entity: odd })
      assert.is(reply.status, 200)
      assert.is(reply.headers.get('connection'), 'close')
      await ended
      assert.ok(performance.now() - started >= 300)
      try {
        await get(pod, '/healthz')
        assert.unreachable()
      } catch (error) {
        assert.instance(error, TypeError)
      }
    },
    { drain: { delay: 300, grace: 1_000 } },
  ),
)

test.run()
