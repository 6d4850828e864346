/** What `meridian explain` says of functions and of views in two roles: those of the golden case `hybrid`. */
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { config, withBuiltProject } from './command.ts'

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

test.run()
