/** What `meridian plan` says, of a repository of git and outside of one. It writes nothing. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RedisStore } from '../../runtime/online/redis.ts'
import { redisCluster, redisServer } from '../servers.ts'
import { definitions, type Workspace, withBuiltProject, withProject } from './command.ts'

const git = (folder: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'init.defaultBranch=main', ...args], {
    cwd: folder,
    encoding: 'utf8',
  })

/** In a repository where the project and what was built of it are committed. */
const withCommitted = (work: (workspace: Workspace) => Promise<void>) =>
  withBuiltProject(async workspace => {
    git(workspace.folder, 'init', '--quiet')
    git(workspace.folder, 'add', '.')
    git(workspace.folder, 'commit', '--quiet', '--message', 'built')
    await work(workspace)
  })

const write = ({ folder }: Workspace, edit: (text: string) => string) =>
  writeFile(join(folder, 'features.ts'), edit(definitions()))

test(
  'a plan against what was committed: nothing, values, a breaking change',
  withCommitted(async workspace => {
    const { folder, meridian } = workspace
    const same = await meridian(['plan'])
    assert.equal([same.code, same.stderr], [0, ''])
    assert.match(same.stdout, /^shop, against HEAD \([0-9a-f]+\)\n\nshop: nothing changes\n$/)

    await write(workspace, text => text.replace("sum('amount').over('1h')", "sum('amount').over('2h')"))
    const values = await meridian(['plan'])
    assert.equal([values.code, values.stderr], [0, ''])
    const lines = values.stdout.split('\n').slice(2, 7).join('\n')
    assert.match(
      lines,
      /^changed {2}view order_stats {2}values change\n {9}amount_1h: sum amount over 2h, was sum amount over 1h\n {9}to write {2}all keys, \{customer:<customer>:<vip>\}:order_stats:[0-9a-f]{12}\n {9}orphaned {2}all keys, .*\n {9}backfill {2}meridian materialize order_stats, before the new build is served$/,
    )
    assert.match(values.stdout, /^ {9}duckdb\/order_stats\/materialize\.sql \+\d -\d$/m)
    assert.match(values.stdout, /^affected service shopping {2}values change\n {9}by view order_stats$/m)
    assert.not.match(values.stdout, /^ *@@/m)

    // What was built since does not matter: it is not committed.
    assert.is((await meridian(['build'])).code, 0)
    assert.is((await meridian(['plan'])).stdout, values.stdout)
    const before = await readFile(join(folder, 'generated/manifest.json'), 'utf8')

    await write(workspace, text => text.replace('orders_1h:', 'orders_per_hour:'))
    const breaking = await meridian(['plan', '--diff'])
    assert.equal([breaking.code, breaking.stderr], [6, ''])
    assert.match(breaking.stdout, /^ {9}orders_per_hour was orders_1h$/m)
    assert.match(
      breaking.stdout,
      /^breaking for clients\n {2}feature "orders_1h" is "orders_per_hour" now \(service shopping, view order_stats\)$/m,
    )
    assert.match(breaking.stdout, /^ +\+ .*orders_per_hour/m)
    assert.is(await readFile(join(folder, 'generated/manifest.json'), 'utf8'), before)
  }),
)

test(
  'a plan against a branch, as JSON and as Markdown',
  withCommitted(async workspace => {
    const { folder, meridian } = workspace
    git(folder, 'checkout', '--quiet', '-b', 'feature')
    await write(workspace, text => text.replace("    last_amount: last('amount'),\n", ''))
    await meridian(['build'])
    git(folder, 'commit', '--quiet', '--all', '--message', 'less')
    assert.is((await meridian(['plan'])).code, 0)
    const [json, markdown, nested] = await Promise.all([
      meridian(['plan', '--against', 'main', '--json']),
      meridian(['plan', '--against', 'main', '--format', 'markdown']),
      meridian(['plan', '--against', 'main'], { in: 'generated' }),
    ])
    for (const { code, stderr } of [json, markdown, nested]) assert.equal([code, stderr], [6, ''])
    const { projects } = JSON.parse(json.stdout)
    const [{ project, against, first, changes, breaking, diagnostics }] = projects
    assert.equal([project, first, diagnostics], ['shop', false, []])
    assert.match(against, /^main \([0-9a-f]+\)$/)
    assert.equal(changes[0].features, [{ name: 'last_amount', was: null, change: 'removed', reasons: [] }])
    assert.match(changes[0].statements[0].diff, /^@@ .*@@\n/)
    assert.equal(breaking[0].of, ['service shopping', 'view order_stats'])
    assert.match(
      markdown.stdout,
      /^### Meridian plan: shop\n\nAgainst `main \([0-9a-f]+\)`: 1 with another layout, .*1 breaking change\.\n/,
    )
    assert.match(markdown.stdout, '> - feature "last\\_amount" is gone (service `shopping`, view `order_stats`)')
    assert.match(
      markdown.stdout,
      /^\| changed: \*\*layout changes\*\* \| view `order_stats` \| last\\_amount is gone \|$/m,
    )
    assert.match(
      markdown.stdout,
      /<details><summary>\d+ statements, \+\d+ −\d+<\/summary>\n\n`duckdb\/[^`]*`\n```diff\n@@/,
    )
    assert.match(nested.stdout, 'last_amount is gone')
  }),
)

test(
  'outside of git the files are what is compared with; where nothing was built, all is new',
  withProject(async workspace => {
    const { folder, meridian } = workspace
    // The folder above is no repository, or one that knows nothing of this.
    const first = await meridian(['plan'])
    assert.equal([first.code, first.stderr], [0, ''])
    assert.match(first.stdout, /^shop, against the files in generated\n/)
    assert.match(first.stdout, /^added {4}view order_stats\n/m)
    assert.match(first.stdout, /^shop: nothing was built there, 4 added$/m)
    assert.not.ok(existsSync(join(folder, 'generated')))
    await meridian(['build'])
    await write(workspace, text => text.replace("ttl: '1d'", "ttl: '2d'"))
    const { code, stdout } = await meridian(['plan'])
    assert.is(code, 0)
    assert.match(stdout, /^ {9}ttl 2d, was 1d$/m)
    const against = await meridian(['plan', '--against', 'main'])
    assert.equal([against.code, against.stdout], [2, ''])
    assert.match(against.stderr, '--against main: this is no repository of git')
  }),
)

test(
  'mistakes in definitions, an unknown commit, a damaged manifest',
  withCommitted(async workspace => {
    const { folder, meridian } = workspace
    const unknown = await meridian(['plan', '--against', '--all'])
    assert.equal([unknown.code, unknown.stdout], [2, ''])
    assert.match(unknown.stderr, /^error --against --all: there is no such commit here\. In CI, fetch it first/)
    await writeFile(join(folder, 'generated/manifest.json'), '<<<<<<<')
    git(folder, 'commit', '--quiet', '--all', '--message', 'damaged')
    const damaged = await meridian(['plan'])
    assert.equal([damaged.code, damaged.stdout], [2, ''])
    assert.match(damaged.stderr, /manifest\.json in generated of HEAD \([0-9a-f]+\) is no JSON/)
    await rm(join(folder, '.git'), { recursive: true })
    await writeFile(join(folder, 'features.ts'), definitions('order_stats', 'amuont'))
    await rm(join(folder, 'generated'), { recursive: true })
    const [mistake, json] = await Promise.all([meridian(['plan']), meridian(['plan', '--json'])])
    assert.equal([mistake.code, mistake.stdout, json.code, json.stderr], [4, '', 4, ''])
    assert.match(mistake.stderr, 'features.ts:12:')
    assert.is(JSON.parse(json.stdout).projects[0].diagnostics[0].code, 'name.unknown-column')
  }),
)

for (const [name, server] of [
  ['a server', redisServer],
  ['a cluster', redisCluster],
] as const)
  test(
    `keys are counted in ${name} of Redis`,
    withCommitted(async workspace => {
      const { folder, meridian } = workspace
      const { url } = await server()
      const { views } = JSON.parse(await readFile(join(folder, 'generated/manifest.json'), 'utf8'))
      const { fingerprint } = views.order_stats.layout
      const store = await RedisStore.open({ url, connectTimeout: 2_000, writeTimeout: 5_000 })
      const row = new Uint8Array(32)
      const key = (user: number, layout: string) => `{customer:${user}:true}:order_stats:${layout}`
      const rows = Array.from({ length: 2_345 }, (_, user) => ({ key: key(user, fingerprint), row, expiresIn: 60_000 }))
      await store.write([...rows, { key: key(1, 'another'), row, expiresIn: 60_000 }])
      await store.completeTick('order_stats', fingerprint, { tick: 1n, fullAt: 1, incarnation: '' })
      await store.close()
      await write(workspace, text => text.replace("sum('amount').over('1h')", "sum('amount').over('2h')"))
      const env = { MERIDIAN_REDIS_URL: url }
      const counted = await meridian(['plan', '--count'], { env })
      assert.equal([counted.code, counted.stderr], [0, ''])
      assert.match(counted.stdout, /^ {9}to write {2}2,345 keys, /m)
      assert.match(counted.stdout, /^ {9}orphaned {2}2,345 keys, /m)
      const json = JSON.parse((await meridian(['plan', '--count', '--json'], { env })).stdout)
      assert.equal(
        [json.projects[0].changes[0].cost.write.keys, json.projects[0].changes[0].cost.orphan.keys],
        [2345, 2345],
      )
    }),
  )

test(
  'counting without a store to count in is told',
  withCommitted(async workspace => {
    await write(workspace, text => text.replace("sum('amount').over('1h')", "sum('amount').over('2h')"))
    const none = await workspace.meridian(['plan', '--count'], { env: { MERIDIAN_REDIS_URL: '' } })
    const down = await workspace.meridian(['plan', '--count'], { env: { MERIDIAN_REDIS_URL: 'redis://127.0.0.1:1' } })
    assert.equal([none.code, none.stdout, down.code, down.stdout], [2, '', 2, ''])
    assert.match(none.stderr, '--count needs MERIDIAN_REDIS_URL')
    assert.match(down.stderr, /^error --count: .*127\.0\.0\.1:1/)
  }),
)

test.run()
