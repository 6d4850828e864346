/** Which form computes a feature offline, as `meridian explain` says it: it follows from the definition alone. */
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { postgres } from '../../compiler/dialects/postgres/index.ts'
import { compile } from '../../compiler/index.ts'

async function formsIn(name: string): Promise<Record<string, string>> {
  const root = fileURLToPath(new URL(`../golden/${name}`, import.meta.url))
  const { plans } = await compile({ root, definitions: 'features.ts', output: 'expected', name })
  return Object.fromEntries((plans?.views ?? []).flatMap(plan => [...postgres.explain(plan)]))
}

const totals = 'difference of running totals'
const scan = 'index scan of the longest window'

test('Postgres subtracts what is exact, and reads the window for the rest', async () => {
  const windows = await formsIn('windows')
  for (const name of ['swipes_1h', 'swipes_ever', 'declined_1d', 'amount_1d', 'mean_amount_1d', 'declined_rate_1d'])
    assert.is(windows[name], totals, name)
  for (const name of ['score_1h', 'largest_1d', 'smallest_ever', 'deviation_1w', 'amounts_1d'])
    assert.is(windows[name], scan, name)
  assert.equal([windows.swipes_90m, windows.largest_36h], [totals, scan])
})

test('where rows become known late, Postgres reads the window for all', async () => {
  const forms = new Set(Object.values(await formsIn('created')))
  assert.equal([...forms].sort(), ['index lookup', scan])
})

test.run()
