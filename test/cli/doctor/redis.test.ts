/** `meridian doctor` on a real Redis, a server and a cluster: each fault is made, and found with what to do about it. */
import { rmSync } from 'node:fs'
import { Redis } from 'ioredis'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type OwnServer, ownRedisCluster, ownRedisServer } from '../../servers.ts'
import { type Workspace, withBuiltProject } from '../command.ts'
import { assertComplaints, doctor, files, foundOk } from './project.ts'

let server: OwnServer
let client: Redis
let folder = ''

test.before(async () => {
  server = await ownRedisServer({
    args: path => {
      folder = path
      return []
    },
  })
  client = new Redis(server.url)
  client.on('error', () => {})
})
test.after(async () => {
  client.disconnect()
  await server.stop()
})

const noPostgres = /^problem environment -: MERIDIAN_POSTGRES_URL is not set -> set it to postgres:/
/** Of the store alone. */
const environment = (url = server.url) => ({ MERIDIAN_ENV: 'production', MERIDIAN_REDIS_URL: url })

const given = (work: (workspace: Workspace) => Promise<void>) => withBuiltProject(work, files)

/** Makes settings, looks, and puts them back. */
const withSettings = (settings: Readonly<Record<string, string>>, expected: readonly RegExp[]) =>
  given(async workspace => {
    const before = new Map<string, string>()
    for (const [name, value] of Object.entries(settings)) {
      before.set(name, ((await client.config('GET', name)) as string[])[1] ?? '')
      await client.config('SET', name, value)
    }
    try {
      assertComplaints(await doctor(workspace, environment()), [noPostgres, ...expected])
    } finally {
      for (const [name, value] of before) await client.config('SET', name, value)
    }
  })

test(
  'a store that is as it should be, and is not changed by being looked at',
  given(async workspace => {
    const findings = await doctor(workspace, environment())
    assertComplaints(findings, [noPostgres])
    for (const check of ['version', 'eviction', 'persistence', 'rights', 'clock'])
      assert.ok(foundOk(findings, `redis.${check}`), check)
    assert.is(await client.dbsize(), 0)
    const empty = findings.filter(({ check }) => check === 'keys.ticks')
    assert.equal(
      empty.map(({ status, place, fix }) => [status, place, fix]),
      ['days', 'spending'].map(view => ['warning', view, `meridian materialize ${view}, or start meridian worker`]),
    )
  }),
)

test(
  'an eviction policy that evicts',
  withSettings({ maxmemory: '500mb', 'maxmemory-policy': 'allkeys-lru' }, [
    /^problem redis\.eviction 127\.0\.0\.1:\d+: maxmemory-policy is allkeys-lru: a row that was evicted reads as a key that never had one.* -> CONFIG SET maxmemory-policy noeviction/,
  ]),
)

test(
  'one that evicts nothing yet',
  withSettings({ 'maxmemory-policy': 'volatile-ttl' }, [
    /^warning redis\.eviction .*: maxmemory-policy is volatile-ttl, once maxmemory is set: /,
  ]),
)

test(
  'memory that is full',
  withSettings({ maxmemory: '1mb' }, [
    /^problem redis\.memory .*: \d+\.\d of 1\.0 MB are used: writes are refused when it is full \(OOM\).* -> raise maxmemory/,
    /^problem redis\.writes -: writes are refused: OOM -> raise maxmemory/,
  ]),
)

test(
  'memory that is nearly full',
  given(async workspace => {
    const used = Number(/^used_memory:(\d+)/m.exec(await client.info('memory'))?.[1])
    await client.config('SET', 'maxmemory', String(Math.round(used * 1.15)))
    try {
      const findings = await doctor(workspace, environment())
      assertComplaints(findings, [noPostgres, /^warning redis\.memory .* are used: /])
    } finally {
      await client.config('SET', 'maxmemory', '0')
    }
  }),
)

test(
  'nothing is kept on disk',
  withSettings({ appendonly: 'no', save: '' }, [
    /^warning redis\.persistence .*: nothing is kept on disk: a restart loses every row\. All rows can be computed again.* -> CONFIG SET appendonly yes/,
  ]),
)

test(
  'snapshots alone are told, and fine',
  given(async workspace => {
    await client.config('SET', 'appendonly', 'no')
    await client.config('SET', 'save', '3600 1')
    try {
      const findings = await doctor(workspace, environment())
      assertComplaints(findings, [noPostgres])
      assert.match(
        findings.find(({ check }) => check === 'redis.persistence')?.what ?? '',
        /^snapshots only \(save 3600 1\)/,
      )
    } finally {
      await client.config('SET', 'appendonly', 'yes', 'save', '')
    }
  }),
)

test(
  'users that may not do what is needed',
  given(async workspace => {
    const as = (user: string) => environment(server.url.replace('redis://', `redis://${user}:sesame@`))
    const common = ['on', '>sesame', '~{*', '~meridian:*']
    const rights = {
      pods: ['+mget'],
      materializer: ['+mget', '+evalsha', '+eval', '+getrange', '+set', '+info'],
      worker:
        '+mget +evalsha +eval +getrange +set +info +get +del +time +pexpire +pttl +zadd +zrange +zcount +zcard +zremrangebyscore'.split(
          ' ',
        ),
      nobody: ['+time', '+info', '+config|get'],
    }
    for (const [user, granted] of Object.entries(rights))
      await client.call('ACL', 'SETUSER', user, ...common, ...granted)
    await client.call('ACL', 'SETUSER', 'elsewhere', 'on', '>sesame', '~other:*', '+@all')
    const noInfo =
      /^warning redis\.node .*: this user may not ask for INFO: .* -> run doctor with the URL of a user that has \+info/
    const found = async (user: string, ...expected: RegExp[]) => {
      const findings = (await doctor(workspace, as(user))).filter(({ check }) => check !== 'keys.ticks')
      assertComplaints(findings, [noPostgres, ...expected])
      assert.not.match(JSON.stringify(findings), /sesame/)
    }
    await found(
      'pods',
      noInfo,
      /^warning redis\.rights -: pods may not materialize, run workers: info, evalsha, eval, getrange, set, time, get, del, pexpire, pttl, zadd, zrange, zcount, zcard, zremrangebyscore are refused -> nothing, if it only has to serve; otherwise ACL SETUSER pods ~\{\* ~meridian:\* \+info \+evalsha/,
    )
    await found('materializer', /^warning redis\.rights -: materializer may not run workers: time, get, del,/)
    await found('worker')
    await found(
      'nobody',
      /^problem redis\.rights -: nobody may not read, materialize, run workers: mget, .* -> ACL SETUSER nobody ~\{\* ~meridian:\* \+mget/,
    )
    await found('elsewhere', /^problem redis\.rights -: elsewhere may not read/)
    const wrong = await doctor(workspace, environment(server.url.replace('redis://', 'redis://pods:wrong-sesame@')))
    assert.match(JSON.stringify(wrong), /WRONGPASS/)
    assert.not.match(JSON.stringify(wrong), /sesame/)
  }),
)

test(
  'a replica',
  given(async workspace => {
    await client.call('REPLICAOF', '127.0.0.1', '1')
    try {
      assertComplaints(await doctor(workspace, environment()), [
        noPostgres,
        /^problem redis\.role .*: it is a replica, .* -> let MERIDIAN_REDIS_URL name its master, 127\.0\.0\.1:1$/,
        /^problem redis\.writes -: writes are refused: READONLY -> let MERIDIAN_REDIS_URL name the master/,
      ])
    } finally {
      await client.call('REPLICAOF', 'NO', 'ONE')
    }
  }),
)

test(
  'a server that is paused or gone: an end in time',
  given(async workspace => {
    server.pause()
    const started = performance.now()
    try {
      assertComplaints(await doctor(workspace, environment()), [
        noPostgres,
        /^problem redis -: Redis at .* -> start it, correct MERIDIAN_REDIS_URL/,
      ])
    } finally {
      server.resume()
    }
    assert.ok(performance.now() - started < 20_000)
    await server.kill()
    try {
      assertComplaints(await doctor(workspace, environment()), [
        noPostgres,
        /^problem redis -: Redis at 127\.0\.0\.1:\d+ is not available: connect ECONNREFUSED/,
      ])
    } finally {
      await server.restart()
    }
    assertComplaints(await doctor(workspace, environment('redis://a:sesame@b:c')), [
      noPostgres,
      /^problem redis -: the URL of Redis cannot be read: /,
    ])
  }),
)

test(
  'rows of other builds are counted when asked',
  given(async workspace => {
    await client.mset(
      '{customer:1}:spending:0123456789ab',
      'x',
      '{customer:2}:spending:0123456789ab',
      'x',
      '{x:1}:other:0123456789ab',
      'x',
    )
    try {
      assertComplaints(await doctor(workspace, environment(), { keys: true }), [
        noPostgres,
        /^warning keys\.layouts spending:0123456789ab: 2 rows of a layout that this build neither reads nor writes -> nothing while an older build is still served/,
      ])
      assertComplaints(await doctor(workspace, environment()), [noPostgres])
    } finally {
      await client.flushall()
    }
  }),
)

test(
  'a cluster, with slots that nobody serves, and with a node that is gone',
  given(async workspace => {
    const cluster = await ownRedisCluster()
    const [first] = cluster.nodes
    try {
      const findings = await doctor(workspace, environment(cluster.url))
      assertComplaints(findings, [noPostgres])
      assert.is(findings.find(({ check }) => check === 'redis.cluster')?.what, '3 nodes serve all slots')
      assertComplaints(await doctor(workspace, environment(first?.url)), [
        noPostgres,
        /^problem redis\.cluster .*: the server is a node of a cluster, .* -> write redis\+cluster:\/\//,
      ])

      const own = new Redis(first?.url ?? '')
      await own.call('CLUSTER', 'DELSLOTS', '0', '1', '2')
      await assertEventually(async () =>
        assertComplaints(await doctor(workspace, environment(cluster.url)), [
          noPostgres,
          /^problem redis\.cluster -: no node serves 3 of 16384 slots, the first of which is 0: /,
        ]),
      )
      await own.call('CLUSTER', 'ADDSLOTS', '0', '1', '2')
      own.disconnect()
      await cluster.nodes[2]?.kill()
      const dead = cluster.nodes[2]?.url.slice('redis://'.length)
      const missing = (await doctor(workspace, environment(cluster.url))).filter(
        ({ status, check }) => status === 'problem' && check === 'redis.node',
      )
      assert.match(missing[0]?.what ?? '', new RegExp(`Redis at ${dead} is not available`))
    } finally {
      await cluster.stop()
    }
  }),
)

test(
  'a disk that cannot be written to',
  given(async workspace => {
    rmSync(folder, { recursive: true, force: true })
    await client.bgsave()
    await assertEventually(async () =>
      assertComplaints(await doctor(workspace, environment()), [
        noPostgres,
        /^problem redis\.disk .*: it could not write to its disk \(rdb_last_bgsave_status\): it refuses writes \(MISCONF\), unless it is told not to -> make room/,
      ]),
    )
  }),
)

async function assertEventually(work: () => Promise<void>): Promise<void> {
  for (const until = Date.now() + 10_000; ; ) {
    try {
      return await work()
    } catch (error) {
      if (Date.now() > until) throw error
    }
  }
}

test.run()
