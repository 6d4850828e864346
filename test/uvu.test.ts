/** The test runner itself: whatever a test throws is printed, and the tests after it run. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

const root = fileURLToPath(new URL('../', import.meta.url))
const urlOf = (path: string) => pathToFileURL(join(root, path)).href

const failing = `
import { suite, test } from 'uvu'
import { MeridianError } from ${JSON.stringify(urlOf('runtime/errors.ts'))}
test('data', () => { throw new MeridianError('key.invalid', 'no such key', { given: { city: 'SEA' } }, new Error('why')) })
test('text', () => { throw Object.assign(new Error('plain'), { details: 'a text' }) })
test('nothing', () => { throw undefined })
test('passes', () => {})
test.run()
const other = suite('other')
other.before.each(() => { throw new MeridianError('aborted', 'in a hook') })
other('never', () => {})
other.run()
`

test('an error whose details are data is printed, and the tests after it run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'meridian-uvu-'))
  try {
    writeFileSync(join(folder, 'failing.test.mts'), failing)
    const node = ['--import', import.meta.resolve('tsx'), '--import', urlOf('tools/uvu-preload.mjs')]
    const uvu = [join(root, 'node_modules/uvu/bin.js'), '--no-color', folder, 'failing']
    const { stdout, status } = spawnSync(process.execPath, [...node, ...uvu], { encoding: 'utf8', timeout: 60_000 })
    assert.is(status, 1)
    assert.match(stdout, /"data"\s+no such key\s+\{\s+code: 'key\.invalid',\s+details: \{ given: \{ city: 'SEA' \} \}/)
    assert.match(stdout, /cause: Error: why/)
    assert.match(stdout, /"text"\s+plain\s+a text/)
    assert.match(stdout, /"nothing"\s+thrown: undefined/)
    assert.match(stdout, /"never"\s+in a hook/)
    assert.match(stdout, /Total: +5\s+Passed: +1\b/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test.run()
