/**
 * Why a value is what it is: for random projects and data, each value must be what the reference makes of nothing but the
 * rows that are shown to be part of it, and each row of the key must be said of what a naive look at it says.
 * `MERIDIAN_CASES`, `MERIDIAN_SEED` and `MERIDIAN_MODES` as for the pipe.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { verdicts } from '../../compiler/plan/evidence-plan.ts'
import { makeData } from './data.ts'
import { sample } from './draw.ts'
import { EvidenceCheck } from './evidence.ts'
import { makeProject } from './project.ts'
import { report, shrunk } from './shrink.ts'

const seed = Number(process.env.MERIDIAN_SEED ?? Date.now() % 1_000_000)
const cases = Number(process.env.MERIDIAN_CASES ?? 60)
/** A build costs about as much as this many cases. */
const casesPerBuild = Math.max(1, Math.min(100, Math.ceil(Math.sqrt(cases))))

test(`${cases} random cases, MERIDIAN_SEED=${seed}`, async () => {
  console.log(`MERIDIAN_SEED=${seed} MERIDIAN_CASES=${cases}`)
  const seen = new Map<string, number>()
  for (const [index, project] of sample(seed, Math.ceil(cases / casesPerBuild), makeProject).entries()) {
    const folder = await mkdtemp(join(tmpdir(), 'meridian-evidence-'))
    try {
      const check = await EvidenceCheck.build(project, folder)
      try {
        for (const data of sample(seed + index, casesPerBuild, draw => makeData(draw, project))) {
          const problem = await check.disagreement(data)
          if (problem) assert.unreachable(report(project, await shrunk(check, data, problem)))
        }
      } finally {
        await check.close()
      }
      for (const [verdict, count] of check.seen) seen.set(verdict, (seen.get(verdict) ?? 0) + count)
    } finally {
      await rm(folder, { recursive: true })
    }
  }
  console.log([...seen].map(([verdict, count]) => `${verdict} ${count}`).join(', '))
  // Few cases may lack the rare ones.
  if (cases >= 60) assert.equal([...seen.keys()].sort(), [...verdicts].sort())
})

test.run()
