/** The compile-time suite: TypeScript itself says whether what must be accepted is, and what must be rejected is. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

const here = fileURLToPath(new URL('.', import.meta.url))
const compiler = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url))

test('accepted.ts is accepted, and every expectation of rejected.ts is met', () => {
  const { status, stdout } = spawnSync(process.execPath, [compiler, '-p', here], { encoding: 'utf8' })
  assert.is(stdout, '')
  assert.is(status, 0)
})

test.run()
