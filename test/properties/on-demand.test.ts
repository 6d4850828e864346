/**
 * Random functions over random views, in roles and over each other: what getters answer and what training data hold is
 * what the functions return by themselves, bit for bit, and the same both ways. `MERIDIAN_CASES` and `MERIDIAN_SEED` say
 * how many and which, `MERIDIAN_MODES` in which modes.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { makeData } from './data.ts'
import { sample } from './draw.ts'
import { Hybrid, withRequests } from './hybrid.ts'
import { hybridText, makeHybrid } from './hybrid-project.ts'
import { write } from './module.ts'

const seed = Number(process.env.MERIDIAN_SEED ?? Date.now() % 1_000_000)
const cases = Number(process.env.MERIDIAN_CASES ?? 100)
/** A build costs about as much as this many cases. */
const casesPerBuild = Math.max(1, Math.min(250, Math.ceil(Math.sqrt(cases))))

test(`${cases} random cases, MERIDIAN_SEED=${seed}`, async () => {
  console.log(`MERIDIAN_SEED=${seed} MERIDIAN_CASES=${cases}`)
  const seen = { values: 0, both: 0, defaults: 0, overflows: 0, cases: 0 }
  for (const [index, hybrid] of sample(seed, Math.ceil(cases / casesPerBuild), makeHybrid).entries()) {
    const folder = await mkdtemp(join(tmpdir(), 'meridian-hybrid-'))
    try {
      const compared = await Hybrid.build(hybrid, folder)
      try {
        const some = sample(seed + index, casesPerBuild, draw =>
          withRequests(draw, hybrid, makeData(draw, hybrid.project)),
        )
        for (const data of some) {
          const problem = await compared.disagreement(data)
          if (problem) assert.unreachable(`${hybridText(hybrid)}\n${write(data)}\n${Object.values(problem).join('\n')}`)
        }
        for (const name of Object.keys(seen) as (keyof typeof seen)[]) seen[name] += compared.seen[name]
      } finally {
        await compared.close()
      }
    } finally {
      await rm(folder, { recursive: true })
    }
  }
  console.log(JSON.stringify(seen))
  if (cases < 100) return
  assert.ok(seen.defaults > 0 && seen.overflows < seen.cases / 2, JSON.stringify(seen))
  assert.ok(seen.both > seen.values / 4, 'most inputs are the same both ways')
})

test.run()
