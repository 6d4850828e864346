/** What `meridian explain` says of functions and of views in two roles, those of the golden case `hybrid`, and of values. */
import { readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { config, type Outcome, project as shop, withBuiltProject } from './command.ts'

const golden = (file: string): string => readFileSync(new URL(`../golden/hybrid/${file}`, import.meta.url), 'utf8')
const project = {
  'meridian.config.ts': config,
  'features.ts': golden('features.ts'),
  'risk.ts': golden('risk.ts'),
}

test(
  'explain shows what functions are given, aliases, and what only functions see',
  withBuiltProject(async ({ folder, meridian }) => {
    const [computed, service, alias] = await Promise.all([
      meridian(['explain', 'flight_risk', '--dialect', 'postgres']),
      meridian(['explain', 'flights']),
      meridian(['explain', 'airport_stats', '--statement', 'as_origin']),
    ])
    for (const { code, stderr } of [computed, service, alias]) assert.equal([code, stderr], [0, ''])
    assert.match(computed.stdout, /^request +distance int32, aircraft string$/m)
    assert.match(computed.stdout, /^input destination +landings_2h, avg_delay_1d of airport_stats__destination$/m)
    assert.match(computed.stdout, /^hours +float64 +by a function, default 0$/m)
    assert.match(service.stdout, /^keys +origin string, destination string, carrier_id int64$/m)
    assert.match(service.stdout, /^carrier_days +computed when read +none: only functions see it$/m)
    assert.match(service.stdout, /^flight_risk +computed on demand .+ +hours, busier$/m)
    const generated = (path: string) => readFile(join(folder, 'generated', path), 'utf8')
    assert.ok(computed.stdout.includes(await generated('postgres/flight_risk/inputs.sql')))
    assert.is(alias.stdout, await generated('duckdb/airport_stats/as_origin.point_in_time.sql'))
  }, project),
)

/** The same over rows. */
const hybrid = {
  ...project,
  'features.ts': project['features.ts'].replace("tieBreak: ['landing_id'],", "$& duckdb: { csv: 'landings.csv' },"),
  'landings.csv': `landing_id,airport,carrier_id,delay,fare,landed_at
1,SEA,1,20,10.00,2001-06-15 12:00:00
2,SEA,1,40,20.00,2001-06-15 12:30:00
3,SFO,1,5,5.00,2001-06-15 12:45:00
`,
}
const at = ['--as-of', '2001-06-15T13:00:00Z']
const json = async (run: Promise<Outcome>) => {
  const { code, stdout, stderr } = await run
  assert.equal([code, stderr], [0, ''])
  return JSON.parse(stdout).evidence
}
const verdicts = (part: { rows: { verdict: string; count: number }[] }): Record<string, number> =>
  Object.fromEntries(part.rows.map(({ verdict, count }) => [verdict, count]))

test(
  'explain with a key says which rows made a value, and why others did not',
  withBuiltProject(
    async ({ meridian }) => {
      const key = ['--key', 'customer=1', 'vip=true']
      const [stats] = (await json(meridian(['explain', 'order_stats', ...key, ...at, '--json']))).views
      const part = (name: string) => stats.parts.find((part: { name: string }) => part.name === name)
      // Of 12:00 sharp is no part of the hour up to 13:00, the row of 13:00 is.
      assert.equal(verdicts(part('orders_1h')), { counted: 3, earlier: 1, later: 1, undated: 1 })
      assert.equal(verdicts(part('amount_1h')), { counted: 2, earlier: 1, later: 1, null: 1, undated: 1 })
      assert.equal(verdicts(part('last_amount')), { chosen: 1, later: 1, superseded: 2, tied: 1, undated: 1 })
      assert.is(stats.features[1].value, '7')
      const { rows } = part('orders_1h').rows.find(({ verdict }: { verdict: string }) => verdict === 'earlier')
      assert.equal(rows, [{ customer: '1', vip: true, amount: '10', ordered_at: '2001-06-15T12:00:00Z' }])

      const text = await meridian(['explain', 'order_stats', ...key, ...at, '--rows', '1', '--feature', 'orders_1h'])
      assert.match(text.stdout, /^order_stats for customer=1 vip=true as of 2001-06-15T13:00:00Z$/m)
      assert.match(text.stdout, '3 rows counted, of (2001-06-15T12:00:00Z, 2001-06-15T13:00:00Z]')
      assert.match(text.stdout, 'and 2 more; all of them from 2001-06-15T12:30:00Z to 2001-06-15T13:00:00Z')
      assert.match(text.stdout, '1 row left out: happened before the window')
      assert.match(text.stdout, '1 row left out: happened after 2001-06-15T13:00:00Z')
      assert.not.match(text.stdout, '── last_amount')
    },
    {
      ...shop,
      'orders.csv': `customer,vip,amount,ordered_at
1,true,10,2001-06-15 12:00:00
1,true,5,2001-06-15 12:30:00
1,true,2,2001-06-15 13:00:00
1,true,,2001-06-15 13:00:00
1,true,1,2001-06-15 13:00:00.000001
1,true,1,
1,false,1,2001-06-15 12:30:00
`,
    },
  ),
)

test(
  'a value as it was served says which tick it goes by, an expired one that it is expired, and no row that there is none',
  withBuiltProject(async ({ meridian }) => {
    const ask = (...args: string[]) => json(meridian(['explain', 'order_stats', '--json', ...args]))
    const served = await ask(
      '--key',
      'customer=1',
      'vip=true',
      '--as-of',
      '2001-06-15T13:04:59Z',
      '--accuracy',
      'as_served',
    )
    assert.equal([served.views[0].lookedAt, served.views[0].isTick], ['2001-06-15T13:00:00Z', true])
    assert.is(served.values.orders_1h, 1)
    const old = await ask('--key', 'customer=1', 'vip=true', '--as-of', '2001-06-17T13:00:00.5Z')
    assert.equal(verdicts(old.views[0].parts.at(-1)), { expired: 1, superseded: 1 })
    assert.is(old.values.last_amount, null)
    const nobody = await meridian(['explain', 'order_stats', '--key', 'customer=3', 'vip=true', ...at])
    assert.match(nobody.stdout, 'no row of the source has this key')
  }, shop),
)

test(
  'an explained value is of one build, and of a whole key',
  withBuiltProject(async ({ folder, meridian }) => {
    const fails = async (args: readonly string[], code: number, message: RegExp) => {
      const outcome = await meridian(['explain', 'order_stats', ...args])
      assert.equal([outcome.code, outcome.stdout], [code, ''], outcome.stderr)
      assert.match(outcome.stderr, message)
    }
    const key = ['--key', 'customer=1', 'vip=true']
    await Promise.all([
      fails(['--key', 'customer=1'], 2, /give every join key: "vip" is missing/),
      fails([...key, '--as-of', 'noon'], 2, /"noon" is not an instant/),
      fails([...key, '--feature', 'orders_2h'], 2, /there is no feature "orders_2h", did you mean "orders_1h"/),
      fails(['--rows', '3'], 2, /--rows goes with --key/),
    ])
    await writeFile(join(folder, 'features.ts'), String(shop['features.ts']).replace("over('1h')", "over('2h')"))
    await fails(key, 5, /generated is not what the definitions make: run `meridian build`/)
  }, shop),
)

test(
  'explain shows what functions are given, by the roles of views, and what they return',
  withBuiltProject(async ({ meridian }) => {
    const keys = ['--key', 'origin=SEA', 'destination=SFO', 'carrier_id=1']
    const request = ['--request', 'distance=100', 'aircraft=jet']
    const outcome = await meridian(['explain', 'flights', ...keys, ...request, ...at, '--json'])
    assert.is(outcome.code, 0, outcome.stderr)
    const { values, views, functions } = JSON.parse(outcome.stdout).evidence
    const [origin] = views.filter(({ name }: { name: string }) => name === 'airport_stats__origin')
    assert.equal(origin.keys, { origin: 'SEA' })
    const risk = functions.find(({ view }: { view: string }) => view === 'flight_risk')
    assert.equal(risk.given.request, { distance: 100, aircraft: 'jet' })
    assert.is(
      risk.given.origin.avg_delay_1d,
      origin.features.find(({ name }: { name: string }) => name === 'avg_delay_1d').value,
    )
    assert.is(risk.values.hours, values.hours)
  }, hybrid),
)

test.run()
