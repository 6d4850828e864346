/** Every folder of `test/messages` is a mistake: its definitions, and what the compiler says of them. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { check } from '../compiler/check/index.ts'
import { codes } from '../compiler/diagnostics/codes.ts'
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.ts'
import { inOrder } from '../compiler/diagnostics/order.ts'
import { render } from '../compiler/diagnostics/render.ts'
import { compileFunctions } from '../compiler/functions/functions.ts'
import { loadDefinitions } from '../compiler/load/evaluate.ts'
import { createLocator } from '../compiler/load/locate.ts'

const folder = fileURLToPath(new URL('messages', import.meta.url))
const seen = new Set<string>()

async function diagnose(root: string): Promise<readonly Diagnostic[]> {
  const loaded = await loadDefinitions({ root, entry: 'features.ts' })
  const locator = await createLocator(root, loaded.inputs)
  const { diagnostics } = await compileFunctions(loaded, locator, { root })
  return inOrder([...check(loaded, locator, ['duckdb']), ...diagnostics])
}

for (const name of readdirSync(folder).sort()) {
  test(`messages: ${name}`, async () => {
    const root = join(folder, name)
    const diagnostics = await diagnose(root)
    for (const { code } of diagnostics) seen.add(code)
    const actual = render(diagnostics, { read: file => readFileSync(join(root, file), 'utf8') })
    const path = join(root, 'expected.txt')
    if (process.env.UPDATE_GOLDEN) writeFileSync(path, actual)
    assert.fixture(actual, existsSync(path) ? readFileSync(path, 'utf8') : '')
  })
}

test('messages: seven mistakes in one file are seven diagnostics, each with a place', async () => {
  const diagnostics = await diagnose(join(folder, 'seven-mistakes'))
  assert.is(diagnostics.length, 7)
  assert.is(new Set(diagnostics.map(({ code }) => code)).size, 7)
  assert.ok(diagnostics.every(({ place }) => place !== null))
  assert.equal(inOrder([...diagnostics].reverse()), diagnostics)
})

test('messages: every code that needs no engine has a case', () => {
  const byEngine = /^(sql\.(invalid|missing-column|wrong-type)|source\.|statement\.)/
  const missing = Object.keys(codes).filter(code => !byEngine.test(code) && code !== 'load.no-entry' && !seen.has(code))
  assert.equal(missing, [])
})

test('messages: an entry that is not there', async () => {
  const { diagnostics } = await loadDefinitions({ root: folder, entry: ['nowhere.ts', 'empty/features.ts'] })
  assert.equal(
    diagnostics.map(({ code, message }) => [code, message]),
    [['load.no-entry', 'there is no file "nowhere.ts"']],
  )
})

test.run()
