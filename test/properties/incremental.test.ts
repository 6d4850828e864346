/**
 * Runs over the keys that can have changed store what a run over all keys stores, byte for byte but for the tick, on both
 * engines: for random projects and data, whose rows lie on the edges of windows, are corrected, and become known late.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { makeData } from './data.ts'
import { sample } from './draw.ts'
import { IncrementalRuns } from './incremental.ts'
import { makeProject } from './project.ts'
import { report, shrunk } from './shrink.ts'

const seed = Number(process.env.MERIDIAN_SEED ?? Date.now() % 1_000_000)
const cases = Number(process.env.MERIDIAN_CASES ?? 120)
/** A build costs about as much as this many cases. */
const casesPerBuild = Math.max(1, Math.min(250, Math.ceil(Math.sqrt(cases))))

test(`${cases} random cases, MERIDIAN_SEED=${seed}`, async () => {
  console.log(`MERIDIAN_SEED=${seed} MERIDIAN_CASES=${cases}`)
  const seen = { runs: 0, left: 0 }
  for (const [index, project] of sample(seed, Math.ceil(cases / casesPerBuild), makeProject).entries()) {
    const folder = await mkdtemp(join(tmpdir(), 'meridian-incremental-'))
    try {
      const runs = await IncrementalRuns.build(project, folder)
      try {
        for (const data of sample(seed + index, casesPerBuild, draw => makeData(draw, project))) {
          const problem = await runs.disagreement(data)
          if (problem) assert.unreachable(report(project, await shrunk(runs, data, problem)))
        }
        seen.runs += runs.seen.runs
        seen.left += runs.seen.left
      } finally {
        await runs.close()
      }
    } finally {
      await rm(folder, { recursive: true })
    }
  }
  console.log(`${seen.runs} runs left ${seen.left} keys out`)
  if (cases >= 100) assert.ok(seen.runs > 0 && seen.left > 0, JSON.stringify(seen))
})

test.run()
