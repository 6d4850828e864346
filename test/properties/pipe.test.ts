/**
 * The whole pipe against the reference: random projects are built, and for random data what training data and getters
 * return, in both accuracies, must be what the reference evaluator says. `MERIDIAN_CASES` and `MERIDIAN_SEED` say how
 * many and which, `MERIDIAN_MODES` in which modes; a failure prints the smallest data found that still shows it.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { makeData } from './data.ts'
import { sample } from './draw.ts'
import { Pipe } from './pipe.ts'
import { makeProject } from './project.ts'
import { report, shrunk } from './shrink.ts'

const seed = Number(process.env.MERIDIAN_SEED ?? Date.now() % 1_000_000)
const cases = Number(process.env.MERIDIAN_CASES ?? 300)
/** A build costs about as much as this many cases. */
const casesPerBuild = Math.max(1, Math.min(250, Math.ceil(Math.sqrt(cases))))

test(`${cases} random cases, MERIDIAN_SEED=${seed}`, async () => {
  console.log(`MERIDIAN_SEED=${seed} MERIDIAN_CASES=${cases}`)
  for (const [index, project] of sample(seed, Math.ceil(cases / casesPerBuild), makeProject).entries()) {
    const folder = await mkdtemp(join(tmpdir(), 'meridian-pipe-'))
    try {
      const pipe = await Pipe.build(project, folder)
      try {
        for (const data of sample(seed + index, casesPerBuild, draw => makeData(draw, project))) {
          const problem = await pipe.disagreement(data)
          if (problem) assert.unreachable(report(project, await shrunk(pipe, data, problem)))
        }
      } finally {
        await pipe.close()
      }
    } finally {
      await rm(folder, { recursive: true })
    }
  }
})

test.run()
