/** README promises what the demo prints: each line of its block stands in the output of `npm run demo`. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

const root = fileURLToPath(new URL('..', import.meta.url))

test('the worked values in README are what the demo prints', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const block = /```text checked-by=test\/readme.test.ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
  const promised = block.split('\n').filter(line => line.trim() !== '')
  assert.ok(promised.length > 5)
  const { stdout, status } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--conditions', 'meridian-source', 'examples/flights/demo.ts'],
    { cwd: root, encoding: 'utf8', maxBuffer: 1e8, env: { ...process.env, FORCE_COLOR: '0' } },
  )
  assert.is(status, 0)
  for (const line of promised) assert.ok(stdout.includes(line), `the demo does not print: ${line}`)
})

test.run()
