/** Lengths of time and instants, as every version of Postgres reads them: before 15, numbers in an interval have 32 bits. */
import * as fc from 'fast-check'
import { t } from 'meridian'
import pg from 'pg'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { interval, literal } from '../../compiler/dialects/postgres/types.ts'
import { postgresServer, type Server } from '../servers.ts'

let server: Server
let client: pg.Client
test.before(async () => {
  server = await postgresServer()
  client = new pg.Client(server.url)
  await client.connect()
})
test.after(async () => {
  await client.end()
  await server.stop()
})

const day = 86_400_000_000

/** Old versions give an epoch as a float64, which has digits enough within one day only. */
async function assertIs(instant: string, value: bigint): Promise<void> {
  const [days, rest] = [value / BigInt(day), value % BigInt(day)]
  const { rows } = await client.query(
    `SELECT (extract(epoch FROM (${instant}) - (TIMESTAMP 'epoch' + ${days} * INTERVAL '1 day'))::NUMERIC * 1000000)::BIGINT AS rest`,
  )
  assert.is(BigInt(rows[0].rest), rest, instant)
}

const assertLong = (length: number) => assertIs(`TIMESTAMP 'epoch' + ${interval(length)}`, BigInt(length))

test('a length is as long as it says', async () => {
  const boundaries = [
    1,
    999,
    1_000,
    2_147_483_647,
    2_147_483_648,
    3_600_000_001,
    90 * day,
    90 * day + 1,
    36_500 * day - 1,
  ]
  for (const length of boundaries) await assertLong(length)
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 36_500 * day }), assertLong), { numRuns: 300 })
})

test('a constant instant is the one it says, in years of any number of digits', async () => {
  const exact = ['0', '992606400000001', '-1', '-62135596800000001', '253402300800000001', '1000000000000000001']
  for (const value of exact) await assertIs(literal(value, t.timestamp()), BigInt(value))
})

test.run()
