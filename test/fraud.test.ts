/** The fraud example as a process, in both modes: what it prints is worked out, and the same in both. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

const root = fileURLToPath(new URL('..', import.meta.url))

function demo(...options: string[]): string {
  // Servers of its own, whatever the environment names.
  const { MERIDIAN_POSTGRES_URL: _postgres, MERIDIAN_REDIS_URL: _redis, ...env } = process.env
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--conditions', 'meridian-source', 'examples/fraud/demo.ts', ...options],
    { cwd: root, encoding: 'utf8', maxBuffer: 1e8, timeout: 300_000, env: { ...env, FORCE_COLOR: '0' } },
  )
  assert.is(status, 0, stderr)
  return stdout
}

/** Values of the synthetic data, which are the same for the same seed. */
const both = `
  a thief's: 8.49 attempts in ten minutes, 5.80 declined and 8.53 merchants in an hour; 70.3 points
  any other: 0.01 attempts in ten minutes, 0.00 declined and 0.09 merchants in an hour; 0.5 points
await store.fraud.get({"user_id":1417,"merchant_id":"m000","device_id":"d-stolen-32","amount":"12.34"})
  attempts_10m: 10,
  declined_1h: 6,
  spend_7d: '476.38',
  merchants_1h: 8,
  last_attempt: 2026-02-16T01:58:44.629Z,
  merchant_attempts_1d: 435,
  merchant_declined_rate_1d: 0.0367816091954023,
  chargebacks_90d: 55,
  charged_back_90d: '658.97',
  typical_amount: 10.41,
  device_attempts_10m: 11,
  times_usual: 0.4567991208282723,
  seconds_since_last: 45.371,
  suspicion_points: 90
  spend_1d          stored   202.21
  times_usual       computed 0.4567991208282723
  now                  present  m304
  in June, ttl is 90d  expired  null
  of nobody            missing  null
user_activity           5,000 keys, all at 2026-02-16T01:59:00.000Z
user_activity              14 keys      at 2026-02-16T02:00:00.000Z
merchant_chargebacks        0 keys      at 2026-02-16T02:00:00.000Z
  user 1417: 14 attempts in ten minutes, 12 declined in an hour
5,000 users, 400 merchants and 5,040 devices x 23 features as of 2026-02-16T02:05:30Z: no value differs`

const production = `
generated/fraud/postgres/merchant_chargebacks/point_in_time.sql:
      AND event.reported_at <= spine.__as_of
generated/fraud/redis/merchant_risk.md:
200,000 attempts, 821 chargebacks and 49,743 labels copied into Postgres
49,743 rows in data/fraud/training-production.parquet
Postgres and DuckDB, the same 49,743 payments: no value differs
user_activity           5,000 keys, such as {user:0}:user_activity:`

function assertPrints(output: string, lines: string): void {
  for (const line of lines.split('\n').filter(Boolean))
    assert.ok(output.includes(line), `not printed: ${line}\n${output}`)
}

test('in local mode', () => assertPrints(demo(), both))

test('in production, where Redis stops and comes back', () => {
  const output = demo('--production')
  assertPrints(output, both + production)
  assert.match(
    output,
    /Redis is killed\. A read fails after \d+ ms:\n\n {2}store\.unavailable: Redis at 127\.0\.0\.1:\d+ is not/,
  )
  assert.match(output, /Redis is back, with what it had\. The first answer comes \d+ ms later\./)
})

test.run()
