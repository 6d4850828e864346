/** The verb itself: what it prints, and what its exit code says. On the servers of production. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Finding } from '../../../cli/doctor/finding.ts'
import { type OwnServer, ownRedisServer, postgresServer, type Server } from '../../servers.ts'
import { withBuiltProject } from '../command.ts'
import { complaints, files, makeTables } from './project.ts'

let postgres: Server
let redis: OwnServer
let client: pg.Client

test.before(async () => {
  postgres = await postgresServer()
  redis = await ownRedisServer()
  client = new pg.Client(postgres.url)
  await client.connect()
})
test.after(async () => {
  await client.end()
  await redis.stop()
  await postgres.stop()
})

test(
  'from what is in order to what is not',
  withBuiltProject(async ({ folder, meridian }) => {
    const env = { MERIDIAN_ENV: 'production', MERIDIAN_POSTGRES_URL: postgres.url, MERIDIAN_REDIS_URL: redis.url }
    await makeTables(client, await readFile(join(folder, 'generated/postgres/indexes.sql'), 'utf8'))
    await meridian(['materialize'], { env })

    const healthy = await meridian(['doctor'], { env })
    assert.equal([healthy.code, healthy.stderr], [0, 'shop, production: 0 problems, 0 warnings\n'], healthy.stdout)
    assert.ok(
      healthy.stdout
        .trimEnd()
        .split('\n')
        .every(line => line.startsWith('ok ')),
      healthy.stdout,
    )
    assert.match(healthy.stdout, /^ok {7}keys\.ticks {9}2 views stored$/m)
    assert.match(healthy.stdout, /^ok {7}redis\.eviction {5}noeviction$/m)

    // This machine's clock, ten seconds ahead.
    const ahead = 'const now = Date.now; Date.now = () => now() + 10_000'
    const clock = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(ahead)}` }
    const skewed = await meridian(['doctor', '--json', '--keys'], { env: { ...env, ...clock } })
    assert.equal([skewed.code, skewed.stderr], [0, ''])
    const report = JSON.parse(skewed.stdout) as { findings: Finding[]; problems: number; warnings: number }
    assert.equal([report.problems, report.warnings], [0, 2])
    for (const [index, server] of ['Postgres', 'Redis'].entries())
      assert.match(
        complaints(report.findings)[index] ?? '',
        new RegExp(
          `^warning ${server.toLowerCase()}\\.clock -: the clock of ${server} is (9\\.[5-9]|10\\.[0-4])\\d\\d s behind this machine .* -> run NTP`,
        ),
      )
    assert.is(report.findings.find(({ check }) => check === 'clocks')?.status, 'ok')
    assert.equal(
      report.findings.filter(({ check }) => check === 'keys.layouts').map(({ status, what }) => [status, what]),
      [
        ['ok', '7 rows'],
        ['ok', '7 rows'],
      ],
    )

    // Of two faults on two servers both are told.
    await client.query('DROP INDEX shop.meridian__orders__known_at')
    await redis.kill()
    const broken = await meridian(['doctor'], { env })
    assert.equal([broken.code, broken.stderr], [2, 'shop, production: 2 problems, 0 warnings\n'])
    assert.match(
      broken.stdout,
      /^problem {2}indexes {2,}shop\.orders: there is no index on \(known_at\): without it, each tick reads the whole table \(.*\)\n {9,}fix: CREATE INDEX CONCURRENTLY "meridian__orders__known_at" ON shop\.orders \("known_at"\);$/m,
    )
    assert.match(broken.stdout, /^problem {2}redis {2,}Redis at 127\.0\.0\.1:\d+ is not available: /m)
    await redis.restart()

    const wrong = await meridian(['doctor', '--duckdb', 'a.duckdb'], { env })
    assert.equal([wrong.code, wrong.stdout], [2, ''])
    assert.match(wrong.stderr, /--duckdb is for local mode/)
  }, files),
)

test.run()
