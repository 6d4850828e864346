/** What `meridian/testing` says of the examples' definitions, on a few rows. */
import { onDemandFeatureView, t } from 'meridian'
import { MeridianError } from 'meridian/runtime'
import { evaluate, rows } from 'meridian/testing'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { departures, flightRisk, landings, originDays, originStats } from '../examples/flights/features.ts'
import { chargebacks, fraud, merchantChargebacks, transactions } from '../examples/fraud/features.ts'

const noon = '2001-06-15T12:00:00Z'
const landing = { origin: 'SEA', destination: 'SFO', distance: 679 }
const landed = rows(landings, [
  { ...landing, delay: 20, landed_at: '2001-06-15T11:30:00Z' },
  { ...landing, delay: -4, landed_at: new Date(noon) },
  { ...landing, delay: 90, landed_at: '2001-06-15T12:00:00.000001Z' },
  { ...landing, origin: 'PDX', delay: 300, landed_at: '2001-06-15T11:00:00Z' },
  { ...landing, delay: null, landed_at: null },
])

test('a view, up to the instant and not a microsecond more', async () => {
  const found = await evaluate(originStats, { data: [landed], keys: { origin: 'SEA' }, at: noon })
  assert.equal(found, {
    flights_1h: 2,
    flights_1d: 2,
    late_rate_2h: 0.5,
    avg_delay_1d: 8,
    avg_delay_30d: 8,
    last_delay: -4,
  })
  const nobody = await evaluate(originStats, { data: [landed], keys: { origin: 'LAX' }, at: noon })
  assert.equal([nobody.flights_1h, nobody.last_delay], [0, null])
  const nothing = await evaluate(originStats, { keys: { origin: 'SEA' }, at: noon })
  assert.equal([nothing.flights_1h, nothing.late_rate_2h, nothing.avg_delay_1d], [0, 0, null])
})

test('as served: as of the last tick', async () => {
  const at = '2001-06-15T12:04:59Z'
  const ask = { data: [landed], keys: { origin: 'SEA' }, at } as const
  assert.is((await evaluate(originStats, ask)).flights_1h, 3)
  assert.is((await evaluate(originStats, { ...ask, accuracy: 'as_served' })).flights_1h, 2)
})

test('a query over a source', async () => {
  const found = await evaluate(originDays, { data: [landed], keys: { origin: 'PDX' }, at: '2001-06-16T01:00:00Z' })
  assert.equal(found, { median_delay_day: 300, p90_delay_day: 300 })
})

test('functions of request data and features, the instant among them; what they read is not part of the answer', async () => {
  const keys = { origin: 'SEA', destination: 'SFO', distance: 400 }
  const found = await evaluate(flightRisk, { data: [landed], keys, at: noon })
  assert.equal(found, { delay_per_100mi: 2, worse_than_usual: 0, evening: false })
  const evening = await evaluate(flightRisk.pick('evening'), { data: [landed], keys, at: '2001-06-15T17:00:00Z' })
  assert.equal(evening, { evening: true })
})

test('a service, its chain of functions, and a view in a role', async () => {
  const overhead = await evaluate(flightRisk.pick('delay_per_100mi'), {
    data: [landed],
    keys: { ...landing, distance: 0 },
    at: noon,
  })
  assert.equal(overhead, { delay_per_100mi: null }, 'no distance, no rate')
  const all = await evaluate(departures, { data: [landed], keys: { ...landing, distance: 679 }, at: noon })
  assert.equal([all.flights_1h, all.landings_1h, all.evening], [2, 2, false])
  const payments = rows(transactions, [
    { user_id: 1, merchant_id: 'm', device_id: 'd', amount: '10.00', status: 'approved', attempted_at: '2026-01-01' },
    {
      user_id: 1,
      merchant_id: 'n',
      device_id: 'd',
      amount: '1.00',
      status: 'declined',
      attempted_at: '2026-01-01T23:59:30Z',
    },
  ])
  const found = await evaluate(fraud, {
    data: [payments],
    keys: { user_id: 1, merchant_id: 'm', device_id: 'd', amount: '150.00' },
    at: '2026-01-02',
  })
  assert.equal(
    [found.avg_amount_30d, found.times_usual, found.declined_1h, found.suspicion_points],
    [10, 15, 1, 20 + 10 + 5 + 10],
  )
  const role = originStats.as('from', { joinKeys: { origin: 'airport' } }).pick('flights_1h')
  assert.equal(await evaluate(role, { data: [landed], keys: { airport: 'SEA' }, at: noon }), { from_flights_1h: 2 })
})

test('rows that become known late', async () => {
  const late = rows(chargebacks, [
    { merchant_id: 'm', amount: '5.00', paid_at: '2026-01-01', reported_at: '2026-02-01', transaction_id: 1n },
  ])
  const of = (at: string) => evaluate(merchantChargebacks, { data: [late], keys: { merchant_id: 'm' }, at })
  assert.is((await of('2026-01-31')).chargebacks_90d, 0)
  assert.is((await of('2026-02-01')).chargebacks_90d, 1)
})

test('the example of its documentation', async () => {
  const { flights_1h } = await evaluate(originStats, {
    data: [rows(landings, [{ origin: 'SEA', delay: 20, landed_at: '2001-06-15T11:30:00Z' }])],
    keys: { origin: 'SEA' },
    at: '2001-06-15T12:00:00Z',
  })
  assert.is(flights_1h, 1)
})

async function problemOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing failed')
}

test('what is wrong is said', async () => {
  const at = noon
  const keys = { origin: 'SEA' }
  const typed = await problemOf(evaluate(originStats, { data: [rows(landings, [{ delay: 1.5 }])], keys, at }))
  assert.is(typed.message, 'rows of landings, delay: must be int32, and is 1.5')
  const misspelt = rows(landings, [{ dealy: 1 } as never])
  assert.match(
    (await problemOf(evaluate(originStats, { data: [misspelt], keys, at }))).message,
    'there is no column dealy',
  )
  assert.is(
    (await problemOf(evaluate(originDays, { keys, at }))).message,
    'the query of view "origin_days" reads landings, which `data` lacks: give rows(landings, []) for no rows',
  )
  assert.is((await evaluate(originDays, { data: [rows(landings, [])], keys, at })).median_delay_day, null)
  const missing = await problemOf(evaluate(originStats, { keys: {} as never, at }))
  assert.is((missing as MeridianError).code, 'spine.invalid')
  const forged = { ...originStats, features: {} } as unknown as typeof originStats
  assert.match((await problemOf(evaluate(forged, { keys, at }))).message, 'definition.empty')
  const failing = onDemandFeatureView('failing', {
    request: { n: t.int32() },
    features: ({ feature }) => ({
      half: feature(t.int32(), ({ request }) => request.n / 2),
    }),
  })
  assert.is((await evaluate(failing, { keys: { n: 4 }, at })).half, 2)
  const failed = await problemOf(evaluate(failing, { keys: { n: 3 }, at }))
  assert.instance(failed, MeridianError)
  assert.match(failed.message, 'feature "half" of "failing" failed: must be int32, and is 1.5')
})

test('many at once do not meet', async () => {
  const views = Array.from({ length: 4 }, (_, index) =>
    onDemandFeatureView('same_name', {
      features: ({ feature }) => ({ n: feature(t.int32(), () => index) }),
    }),
  )
  const found = await Promise.all(views.map(view => evaluate(view, { keys: {}, at: noon })))
  assert.equal(
    found.map(({ n }) => n),
    [0, 1, 2, 3],
  )
})

test.run()
